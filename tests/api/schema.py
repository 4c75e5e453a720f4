"""A schema over real tables that uses every kind of declaration once."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import strawberry
from sqlalchemy import func, select
from strawberry.scalars import JSON

from serviceco.api.building import ApiSchema, build_schema
from serviceco.api.mutations import Call, computed, mutation
from serviceco.api.plan.access import SIGNED_IN
from serviceco.api.plan.fields import (
    any_one,
    column,
    count_of,
    in_python,
    many,
    money,
    one,
    pages,
    sum_of,
    to_many,
    to_one,
)
from serviceco.api.plan.filters import (
    any_of,
    at_least,
    by_words,
    equals,
    one_of,
    starts_with,
    through,
    when,
)
from serviceco.api.plan.nodes import Node
from serviceco.api.plan.pages import Connection
from serviceco.api.plan.scalars import Int64, Money
from serviceco.api.plan.types import extends, planned
from serviceco.catalogue.tables import Category
from serviceco.core.actor import Actor, Permission
from serviceco.core.refusals import InvalidInput, NotFound
from serviceco.customers.tables import Customer, Device
from serviceco.policy.words import Coverage, LineKind
from serviceco.repairs.rules import MOST_WORDS, typed_spans
from serviceco.repairs.tables import RepairOrder, SearchKey
from serviceco.repairs.words import RepairStatus, StepOutcome
from serviceco.repairs.work_tables import InspectionResult, OrderLine
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.tables import Branch

strawberry.enum(RepairStatus, description="Where an order stands.")
strawberry.enum(Coverage, description="What its lines come to.")
strawberry.enum(LineKind, description="What a line is for.")
strawberry.enum(StepOutcome, description="The answer to a step.")


class BoardOrder(StrEnum):
    """The orders of the board."""

    NEWEST = "newest"
    BY_STATUS = "by_status"


strawberry.enum(BoardOrder, description="The orders of the board.")


@planned(Category, description="A kind of product.", needs=SIGNED_IN)
class CategoryType:
    """GraphQL face of a category."""

    code: str = column(Category.code, "Its code.")
    names: JSON = column(Category.names, "Its names.")


@planned(Branch, description="A service point.", needs=SIGNED_IN, branch=Branch.id)
class BranchType(Node):
    """GraphQL face of a branch."""

    id: UUID = column(Branch.id, "Its id.")
    name: str = column(Branch.name, "Its name.")
    order_count: int = count_of(RepairOrder.branch_id, "Its orders.", needs=Permission.READ_ORDERS)


@planned(Customer, description="A person.", needs=Permission.READ_CUSTOMERS)
class CustomerType(Node):
    """GraphQL face of a customer."""

    id: UUID = column(Customer.id, "Its id.")
    name: str = column(Customer.name, "The name.")
    email: str | None = column(Customer.email, "The e-mail.")
    phone: str = column(Customer.phone, "The phone.")


def shouted(actor: Actor, serial: str | None, printed: str) -> str | None:
    """Say brand and serial aloud, in a way that only Python can."""
    if printed == "broken":
        raise RuntimeError("the secret reason")
    return None if serial is None else f"{actor.name}: {printed} {serial}!"


@planned(Device, description="One unit.", needs=Permission.READ_ORDERS)
class DeviceType(Node):
    """GraphQL face of a device."""

    id: UUID = column(Device.id, "Its id.")
    serial: str | None = column(Device.serial, "Its serial.")
    aloud: str | None = in_python(
        Device.serial, Device.brand_printed, fill=shouted, description="Said aloud."
    )
    surely_aloud: str = in_python(
        Device.serial, Device.brand_printed, fill=shouted, description="Said aloud, surely."
    )
    category: CategoryType = to_one(Device.category_id, "Its kind.")


@planned(
    OrderLine,
    description="One line.",
    needs=Permission.READ_ORDERS,
    within=(OrderLine.order_id, RepairOrder),
)
class OrderLineType(Node):
    """GraphQL face of a line."""

    id: UUID = column(OrderLine.id, "Its id.")
    aloud: str | None = in_python(
        OrderLine.new_serial, OrderLine.code, fill=shouted, description="Said aloud."
    )
    position: int = column(OrderLine.position, "Its place.")
    kind: LineKind = column(OrderLine.line, "What it is for.")
    code: str = column(OrderLine.code, "What was used.")
    new_serial: str | None = column(OrderLine.new_serial, "What went in.")
    amount: Money = money(OrderLine.amount_minor, OrderLine.currency, "Its amount.")
    is_dear: bool = column(OrderLine.amount_minor > 1000, "Whether it is dear.")


Party = Annotated[CustomerType | BranchType, strawberry.union("Party", description="Either.")]


@planned(InspectionResult, description="One answer.", needs=Permission.INSPECT_DEVICE)
class ResultType:
    """GraphQL face of an answer to a step."""

    step_code: str = column(InspectionResult.step_code, "The step.")
    outcome: StepOutcome = column(InspectionResult.outcome, "The answer.")


@planned(
    RepairOrder,
    description="One visit.",
    needs=Permission.READ_ORDERS,
    branch=RepairOrder.branch_id,
)
class RepairOrderType(Node):
    """GraphQL face of an order."""

    id: UUID = column(RepairOrder.id, "Its id.")
    number: str = column(RepairOrder.number, "Its number.")
    status: RepairStatus = column(RepairOrder.status, "Its status.")
    coverage: Coverage = column(RepairOrder.coverage, "Its coverage.")
    received_at: datetime = column(RepairOrder.received_at, "When it came in.")
    closed_at: datetime | None = column(RepairOrder.closed_at, "When it was closed.")
    accessories: list[str] = column(RepairOrder.accessories, "What came along.")
    customer_minor: Int64 = column(RepairOrder.customer_minor, "Minor units.")
    customer_owes: Money = money(
        RepairOrder.customer_minor,
        RepairOrder.currency,
        "What the customer owes.",
        needs=Permission.READ_MONEY,
    )
    branch: BranchType = to_one(RepairOrder.branch_id, "Where it is.")
    customer: CustomerType | None = to_one(RepairOrder.customer_id, "Whose it is.")
    party: Party | None = any_one(
        "Whose it is, or nobody's.", needs=Permission.READ_ORDERS, key=RepairOrder.customer_id
    )
    device: DeviceType = to_one(RepairOrder.device_id, "What it is.")
    lines: list[OrderLineType] = to_many(
        OrderLine.order_id, "Its lines.", order_by=(OrderLine.position,), at_most=20
    )
    last_line: OrderLineType | None = to_one(
        OrderLine.order_id, "Its last line.", order_by=(OrderLine.position.desc(),)
    )
    line_total: Int64 = sum_of(OrderLine.amount_minor, OrderLine.order_id, "Sum of its lines.")
    dear_lines: int = count_of(
        OrderLine.order_id, "How many are dear.", where=OrderLine.amount_minor > 1000
    )
    results: list[ResultType] = to_many(
        InspectionResult.order_id,
        "Its inspection.",
        order_by=(InspectionResult.position,),
        at_most=20,
    )


NEWEST = (RepairOrder.received_at.desc(), RepairOrder.id.desc())


@extends(CustomerType)
class CustomerOrders:
    """What a higher room adds to a customer."""

    orders: Connection[RepairOrderType] = pages(
        "Their orders.", of=RepairOrder.customer_id, order_by=NEWEST, counted=True
    )


@planned(
    RepairOrder,
    description="Orders of one status.",
    needs=Permission.READ_ORDERS,
    branch=RepairOrder.branch_id,
    group_by=(RepairOrder.status,),
)
class StatusCount:
    """GraphQL face of a group."""

    status: RepairStatus = column(RepairOrder.status, "The status.")
    orders: int = column(func.count(), "How many.")
    owed: Int64 = column(func.sum(RepairOrder.customer_minor), "Minor units owed.")


@strawberry.type
class Queries:
    """Planned roots."""

    order: RepairOrderType | None = one(
        "One order.", by={"number": equals(RepairOrder.number, "No.")}
    )
    device: DeviceType | None = one(
        "One device.",
        by={"serial": equals(Device.serial, "Its serial.", convert=lambda text: text.strip())},
    )
    node: Node | None = any_one("Anything.", needs=SIGNED_IN)
    branches: list[BranchType] = many("All branches.", order_by=(Branch.code,), at_most=50)
    status_counts: list[StatusCount] = many(
        "Orders by status.",
        order_by=(RepairOrder.status,),
        at_most=20,
        filters={"branch_id": equals(RepairOrder.branch_id, "Of one branch.")},
    )
    orders: Connection[RepairOrderType] = pages(
        "All orders.",
        order_by={
            BoardOrder.NEWEST: NEWEST,
            BoardOrder.BY_STATUS: (
                RepairOrder.status,
                RepairOrder.received_at.desc(),
                RepairOrder.id,
            ),
        },
        filters={
            "branch_id": equals(RepairOrder.branch_id, "Of one branch."),
            "status": one_of(RepairOrder.status, "Of these."),
            "open": when(RepairOrder.closed_at.is_(None), "Still open."),
            "since": at_least(RepairOrder.received_at, "Received since."),
            "number": starts_with(RepairOrder.number, "Number begins with."),
            "phone": through(
                RepairOrder.customer_id,
                equals(Customer.phone, "The phone.", needs=Permission.READ_CUSTOMERS),
            ),
            "search": any_of(
                "Number, serial or category.",
                equals(RepairOrder.number, ""),
                through(RepairOrder.device_id, equals(Device.serial, "")),
                through(
                    RepairOrder.device_id, through(Device.category_id, equals(Category.code, ""))
                ),
            ),
            "words": by_words(
                SearchKey.word,
                SearchKey.order_id,
                "Found by words.",
                spans=typed_spans,
                most=MOST_WORDS,
                unless=SearchKey.is_personal,
                needs=Permission.READ_CUSTOMERS,
            ),
        },
        counted=True,
    )
    uncounted: Connection[RepairOrderType] = pages("Not counted.", order_by=NEWEST)


@strawberry.type(description="What would be.")
class Preview:
    """A computed answer."""

    text: str = strawberry.field(description="The text.")
    customers: int = strawberry.field(description="How many customers there are.")


@computed("What would be.", needs=Permission.RECEIVE_DEVICE)
async def preview(call: Call, text: str) -> Preview:
    """Count customers and give the text back."""
    if text == "no":
        raise InvalidInput("Not this one.", field="text")
    if text == "broken":
        raise RuntimeError("the secret reason")
    found = select(func.count()).where(
        Customer.tenant_id == tenant_of(call.session), Customer.name != text
    )
    return Preview(text=text, customers=await call.session.scalar(found) or 0)


@strawberry.input(description="What to change.")
class RenameInput:
    """A nested input."""

    name: str = strawberry.field(description="The new name.")
    email: str | None = strawberry.field(default=None, description="The new e-mail.")


@mutation(
    CustomerType, needs=Permission.RECEIVE_DEVICE, description="Give a customer another name."
)
async def rename_customer(call: Call, customer_id: UUID, to: RenameInput) -> UUID:
    """Rename a customer."""
    row = await call.session.get(Customer, (tenant_of(call.session), customer_id))
    if row is None:
        raise NotFound("There is no such customer.", field="customerId")
    row.name, row.email, row.version = to.name, to.email, row.version + 1
    if to.name == "":
        raise InvalidInput("A name is not empty.", field="name")
    return row.id


def schema() -> ApiSchema:
    """Build the schema anew, for a test that gives its fields other resolvers."""
    return build_schema(queries=(Queries,), computed=(preview,), mutations=(rename_customer,))


SCHEMA = schema()
