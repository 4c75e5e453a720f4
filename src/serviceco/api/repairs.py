"""Repair orders in GraphQL: what can be read."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import strawberry
from sqlalchemy import func

from serviceco.api.catalogue import CategoryType
from serviceco.api.customers import CustomerType, DeviceType
from serviceco.api.evidence import EventType
from serviceco.api.plan.access import OWN_PEOPLE, Access
from serviceco.api.plan.fields import column, many, money, one, pages, to_many, to_one
from serviceco.api.plan.filters import at_least, by_words, equals, less_than, one_of, when
from serviceco.api.plan.nodes import Node
from serviceco.api.plan.pages import Connection
from serviceco.api.plan.scalars import Money
from serviceco.api.plan.types import extends, planned
from serviceco.api.policy import PolicyVersionType
from serviceco.api.repair_work import (
    CoverageDecisionType,
    InspectionResultType,
    OrderLineType,
    PhotoType,
    QualityCheckType,
)
from serviceco.api.tenancy import BranchType, BrandType, ContractType, StaffType
from serviceco.core.actor import Permission
from serviceco.evidence.tables import Event
from serviceco.policy.words import Coverage
from serviceco.repairs.rules import MOST_WORDS, typed_spans
from serviceco.repairs.tables import CustomerWords, RepairOrder, SearchKey
from serviceco.repairs.words import Origin, Outcome, RepairStatus, ServiceMode
from serviceco.repairs.work_tables import (
    CoverageDecision,
    InspectionResult,
    OrderLine,
    Photo,
    QualityCheck,
)

strawberry.enum(RepairStatus, description="Where an order stands.")
strawberry.enum(Coverage, description="What the lines of an order come to.")
strawberry.enum(Outcome, description="What came of a visit.")
strawberry.enum(Origin, description="Whether an order was lived here or imported as history.")
strawberry.enum(ServiceMode, description="How the device and the technician meet.")

NEWEST = (RepairOrder.received_at.desc(), RepairOrder.id.desc())
OLDEST = (RepairOrder.received_at.asc(), RepairOrder.id.asc())


@strawberry.enum(description="How a list of orders is ordered.")
class OrderSort(StrEnum):
    """Orders of a list."""

    NEWEST = "newest"
    OLDEST = "oldest"


SORTS = {OrderSort.NEWEST: NEWEST, OrderSort.OLDEST: OLDEST}
# What both lists of orders, and the counts beside them, can be narrowed to.
NARROWED = {
    "branch_id": equals(RepairOrder.branch_id, "Only orders of this branch."),
    "status": one_of(RepairOrder.status, "Only orders of these statuses."),
    "coverage": one_of(RepairOrder.coverage, "Only orders of this coverage."),
    "brand_id": equals(RepairOrder.brand_id, "Only orders of this brand."),
    "mine": equals(RepairOrder.owner_staff_id, "Only orders owned by this person."),
    "promised_until": less_than(RepairOrder.promised_at, "Promised to be ready before then."),
}

# What all orders, and the sums over them, can be narrowed to besides.
SOUGHT = {
    **NARROWED,
    "is_cancelled": when(
        RepairOrder.status == RepairStatus.CANCELLED, "Only cancelled orders, or none."
    ),
    "has_brand": when(
        RepairOrder.brand_id.is_not(None), "Only orders whose brand is known, or is not."
    ),
    "outcome": one_of(RepairOrder.outcome, "Only orders with these outcomes."),
    "received_since": at_least(RepairOrder.received_at, "Received then or later."),
    "received_until": less_than(RepairOrder.received_at, "Received before then."),
    "closed_since": at_least(RepairOrder.closed_at, "Closed then or later."),
    "closed_until": less_than(RepairOrder.closed_at, "Closed before then."),
    "repeats": when(RepairOrder.repeat_of_id.is_not(None), "Only repeat repairs, or none of them."),
    "search": by_words(
        SearchKey.word,
        SearchKey.order_id,
        "Orders that every word finds: the number, a serial number, telephone or its last"
        " four digits, customer, brand or model, each from its beginning on.",
        spans=typed_spans,
        most=MOST_WORDS,
        unless=SearchKey.is_personal,
        needs=Permission.READ_CUSTOMERS,
    ),
}


@planned(
    CustomerWords,
    description="What the customer said, verbatim.",
    needs=Access(Permission.READ_ORDERS, OWN_PEOPLE),
)
class CustomerWordsType:
    """GraphQL face of the customer's words."""

    words: str = column(CustomerWords.words, "The words, never edited.")
    language: str = column(CustomerWords.language, "BCP 47 tag of their language.")


@planned(
    RepairOrder,
    description="One visit of one device to one branch.",
    needs=Permission.READ_ORDERS,
    branch=RepairOrder.branch_id,
)
class RepairOrderType(Node):
    """GraphQL face of a repair order."""

    id: UUID = column(RepairOrder.id, "Its id.")
    number: str = column(RepairOrder.number, "Twelve digits: day, sequence, check digit.")
    status: RepairStatus = column(RepairOrder.status, "Where it stands.")
    coverage: Coverage = column(RepairOrder.coverage, "What its lines come to.")
    outcome: Outcome | None = column(RepairOrder.outcome, "What came of it, once known.")
    origin: Origin = column(RepairOrder.origin, "Lived here, or imported as history.")
    mode: ServiceMode = column(RepairOrder.mode, "How the device came in.")
    symptom_codes: list[str] = column(RepairOrder.symptom_codes, "Coded symptoms.")
    condition_codes: list[str] = column(RepairOrder.condition_codes, "Marks seen at intake.")
    condition_note: str = column(RepairOrder.condition_note, "More on the condition.")
    accessories: list[str] = column(RepairOrder.accessories, "What came with the device.")
    location: str = column(RepairOrder.location, "Shelf or bag; empty where not stored.")
    fault_note: str = column(RepairOrder.fault_note, "The fault as the technician found it.")
    remedy_note: str = column(RepairOrder.remedy_note, "What was done about it.")
    barrier: str | None = column(RepairOrder.barrier, "What prevented a repair, if recorded.")
    repeat_days: int | None = column(
        RepairOrder.repeat_days, "Days since the earlier visit of which this is a repeat."
    )
    received_at: datetime = column(RepairOrder.received_at, "Device taken into custody.")
    promised_at: datetime | None = column(RepairOrder.promised_at, "Promised to be ready.")
    diagnosed_at: datetime | None = column(RepairOrder.diagnosed_at, "Inspection concluded.")
    approved_at: datetime | None = column(RepairOrder.approved_at, "Customer agreed.")
    released_at: datetime | None = column(RepairOrder.released_at, "Dispatch gate opened.")
    repaired_at: datetime | None = column(RepairOrder.repaired_at, "Bench work done.")
    ready_at: datetime | None = column(RepairOrder.ready_at, "Ready for pickup.")
    closed_at: datetime | None = column(RepairOrder.closed_at, "Handed over, or cancelled.")
    line_count: int = column(RepairOrder.line_count, "How many lines it has.")
    version: int = column(RepairOrder.version, "Rises with each change.")
    brand_amount: Money = money(
        RepairOrder.brand_minor, RepairOrder.currency, "What the brand bears."
    )
    customer_amount: Money = money(
        RepairOrder.customer_minor, RepairOrder.currency, "What the customer bears."
    )
    tenant_amount: Money = money(
        RepairOrder.tenant_minor, RepairOrder.currency, "What the company bears as goodwill."
    )
    other_amount: Money = money(
        RepairOrder.other_minor, RepairOrder.currency, "What others bear: insurer, dealer."
    )
    paid_amount: Money = money(
        RepairOrder.paid_minor, RepairOrder.currency, "What the customer has paid so far."
    )
    branch: BranchType = to_one(RepairOrder.branch_id, "Where the device is.")
    brand: BrandType | None = to_one(RepairOrder.brand_id, "Whose product it is, once known.")
    category: CategoryType = to_one(RepairOrder.category_id, "What kind of product it is.")
    device: DeviceType = to_one(RepairOrder.device_id, "The device.")
    customer: CustomerType | None = to_one(
        RepairOrder.customer_id, "Whose device it is.", needs=Permission.READ_CUSTOMERS
    )
    contract: ContractType | None = to_one(RepairOrder.contract_id, "The brand's contract.")
    policy_version: PolicyVersionType | None = to_one(
        RepairOrder.policy_version_id, "The policy version pinned at intake."
    )
    owner: StaffType | None = to_one(RepairOrder.owner_staff_id, "Who has it now.")
    repaired_by: StaffType | None = to_one(RepairOrder.repaired_by_staff_id, "Who repaired it.")
    words: CustomerWordsType | None = to_one(CustomerWords.id, "What the customer said.")
    lines: list[OrderLineType] = to_many(
        OrderLine.order_id, "Its lines.", order_by=(OrderLine.position,), at_most=50
    )
    results: list[InspectionResultType] = to_many(
        InspectionResult.order_id,
        "Answers to the steps of the inspection standard.",
        order_by=(InspectionResult.position, InspectionResult.id),
        at_most=100,
    )
    decisions: list[CoverageDecisionType] = to_many(
        CoverageDecision.order_id,
        "Every coverage decision so far, newest first.",
        order_by=(CoverageDecision.decided_at.desc(), CoverageDecision.id.desc()),
        at_most=50,
    )
    photos: list[PhotoType] = to_many(
        Photo.order_id, "Its photos.", order_by=(Photo.taken_at, Photo.id), at_most=50
    )
    quality_checks: list[QualityCheckType] = to_many(
        QualityCheck.order_id,
        "Its quality checks, newest first.",
        order_by=(QualityCheck.checked_at.desc(), QualityCheck.id.desc()),
        at_most=10,
    )
    events: list[EventType] = to_many(
        Event.subject_id, "What was done, oldest first.", order_by=(Event.seq,), at_most=100
    )


@extends(RepairOrderType)
class RepairOrderRepeat:
    """The earlier visit, which is an order itself."""

    repeat_of: RepairOrderType | None = to_one(
        RepairOrder.repeat_of_id, "The earlier visit of which this one is a repeat repair."
    )


@extends(CustomerType)
class CustomerOrders:
    """The visits of a customer."""

    orders: Connection[RepairOrderType] = pages(
        "Their visits, page by page.",
        of=RepairOrder.customer_id,
        order_by=SORTS,
        filters={"status": NARROWED["status"], "coverage": NARROWED["coverage"]},
        needs=Permission.READ_ORDERS,
    )


@extends(DeviceType)
class DeviceOrders:
    """The visits of a device."""

    orders: list[RepairOrderType] = to_many(
        RepairOrder.device_id, "Its latest visits, newest first.", order_by=NEWEST, at_most=10
    )


@planned(
    RepairOrder,
    description="How many open orders have a status.",
    needs=Permission.READ_ORDERS,
    branch=RepairOrder.branch_id,
    group_by=(RepairOrder.status,),
)
class StatusCount:
    """A group of open orders."""

    status: RepairStatus = column(RepairOrder.status, "The status.")
    orders: int = column(func.count(), "How many orders have it.")


@planned(
    RepairOrder,
    description="Orders of one status, and what they come to in one currency.",
    needs=Permission.READ_MONEY,
    branch=RepairOrder.branch_id,
    group_by=(RepairOrder.status, RepairOrder.currency),
)
class OrderTotal:
    """A group of orders with sums."""

    status: RepairStatus = column(RepairOrder.status, "The status.")
    orders: int = column(func.count(), "How many orders have it.")
    brand_amount: Money = money(
        func.sum(RepairOrder.brand_minor), RepairOrder.currency, "What brands bear."
    )
    customer_amount: Money = money(
        func.sum(RepairOrder.customer_minor), RepairOrder.currency, "What customers bear."
    )
    tenant_amount: Money = money(
        func.sum(RepairOrder.tenant_minor), RepairOrder.currency, "What the company bears."
    )
    other_amount: Money = money(
        func.sum(RepairOrder.other_minor), RepairOrder.currency, "What others bear."
    )
    paid_amount: Money = money(
        func.sum(RepairOrder.paid_minor), RepairOrder.currency, "What customers have paid so far."
    )


@strawberry.type
class RepairQueries:
    """Root fields of repairs."""

    order: RepairOrderType | None = one(
        "One repair order by its number.",
        by={"number": equals(RepairOrder.number, "Twelve digits.")},
    )
    board: Connection[RepairOrderType] = pages(
        "Open orders.",
        where=RepairOrder.closed_at.is_(None),
        order_by=SORTS,
        filters=NARROWED,
    )
    board_counts: list[StatusCount] = many(
        "Open orders per status.",
        where=RepairOrder.closed_at.is_(None),
        order_by=(RepairOrder.status,),
        at_most=20,
        filters=NARROWED,
    )
    orders: Connection[RepairOrderType] = pages(
        "All orders.",
        order_by=SORTS,
        filters=SOUGHT,
    )
    order_totals: list[OrderTotal] = many(
        "Counts and sums per status over the same orders, at most so many groups.",
        order_by=(RepairOrder.status, RepairOrder.currency),
        at_most=100,
        filters=SOUGHT,
    )


QUERIES = (RepairQueries,)
