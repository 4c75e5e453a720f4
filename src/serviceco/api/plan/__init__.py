"""The planner: types declare tables and columns, and a document becomes one SQL statement.

Nothing here knows a room. A room's types are declared in `api/<room>.py`, once::

    @planned(RepairOrder, description="One visit.", needs=Permission.READ_ORDERS,
             branch=RepairOrder.branch_id)
    class RepairOrderType:
        number: str = column(RepairOrder.number, "Its number.")
        customer: CustomerType | None = to_one(RepairOrder.customer_id, "Whose it is.")
        lines: list[OrderLineType] = to_many(
            OrderLine.order_id, "Its lines.", order_by=(OrderLine.position,), at_most=50
        )

    @strawberry.type
    class RepairQueries:
        order: RepairOrderType | None = one("By number.", by={"number": equals(…)})

The way of a document, from below: `operations` parses, measures and validates it; `compiler` walks
its `selection` beside the declarations of the `model`, with `arguments`, `paging` and `connections`;
`statement` binds the tenant and checks the sign-in; `planner` keeps the plan for the next request;
`reader` runs it on a connection of the `pool`, and `filling` adds what only Python can make.
"""
