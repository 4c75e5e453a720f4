"""Every change of an order may name the version that its client saw."""

from graphql import GraphQLObjectType

from serviceco.api.schema import service_schema

# The number of a contract; and a link, whose end changes nothing that a client may have seen.
NOT_OF_ORDERS = {"signContract", "revokeCustomerLink"}


def test_every_mutation_of_an_order_takes_the_version_that_was_seen() -> None:
    declared = service_schema().graphql.mutation_type
    assert isinstance(declared, GraphQLObjectType)
    of_orders = {
        name: field
        for name, field in declared.fields.items()
        if "number" in field.args and name not in NOT_OF_ORDERS
    }
    assert len(of_orders) >= 18
    lacking = [name for name, field in of_orders.items() if "version" not in field.args]
    assert lacking == []
