"""What a report counts, as SQL over the orders: the one definition for roll-ups and drill-down."""

import math
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Date,
    Float,
    Integer,
    Interval,
    LargeBinary,
    Select,
    Subquery,
    and_,
    case,
    cast,
    column,
    exists,
    extract,
    false,
    func,
    literal,
    select,
)
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from serviceco.core.periods import Period
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import Origin, Outcome, RepairStatus, ServiceMode
from serviceco.reports.rules import BIN_BYTES, BINS, FIRST_EDGE_SECONDS, GROWTH, REPEAT_DAYS
from serviceco.reports.tables import BranchIntake, BranchWork
from serviceco.reports.words import FLAGS, MONEY, UNKNOWN_BRAND, Span
from serviceco.storage.base import enum_column
from serviceco.tenancy.tables import Branch

_DAY = cast(literal(timedelta(days=1)), Interval)
Place = tuple[UUID, Period]


def local_date(instant: Any) -> ColumnElement[date]:
    """Return the day of an instant in the zone of the joined branch."""
    return cast(func.timezone(Branch.zone, instant), Date)


def within(spans: Subquery, instant: Any) -> ColumnElement[bool]:
    """Tell whether an instant lies in a span of its branch's own days.

    The first two conditions give the index a range; a zone is less than a day away from UTC.
    """
    day = local_date(instant)
    return and_(
        instant >= func.timezone("UTC", spans.c.since) - _DAY,
        instant < func.timezone("UTC", spans.c.until) + _DAY,
        day >= spans.c.since,
        day < spans.c.until,
    )


def spans_of(places: Iterable[Place]) -> Subquery:
    """Return branches and periods as a table `(branch_id, since, until)` to join with."""
    places = list(places)
    given = (
        func.unnest(
            literal([branch_id for branch_id, _ in places], ARRAY(UuidType())),
            literal([period.since for _, period in places], ARRAY(Date)),
            literal([period.until for _, period in places], ARRAY(Date)),
        )
        .table_valued(column("branch_id", UuidType()), column("since", Date), column("until", Date))
        .render_derived(name="given")
    )
    return select(given).subquery("spans")


def closed_work(tenant_id: UUID, places: Sequence[Place]) -> Select[*tuple[Any, ...]]:
    """Select one row per order closed in these days: where it counts, and what it adds.

    Cancelled orders do not count. Imported history has no turnaround and no cohort: neither was
    recorded, and without serial numbers nobody can see a device come back.
    """
    spans = spans_of(places)
    order = RepairOrder
    is_cohort = and_(
        order.origin == Origin.COUNTER, order.outcome.in_((Outcome.REPAIRED, Outcome.ADJUSTED))
    )
    return (
        select(
            order.branch_id,
            local_date(order.closed_at).label("day"),
            func.coalesce(order.brand_id, UNKNOWN_BRAND).label("brand_id"),
            order.coverage,
            func.coalesce(order.outcome, Outcome.UNKNOWN).label("outcome"),
            _turnaround_seconds().label("seconds"),
            order.promised_at.is_not(None).label("promised"),
            func.coalesce(order.ready_at <= order.promised_at, false()).label("on_time"),
            func.coalesce(is_cohort, false()).label("cohort"),
            and_(func.coalesce(is_cohort, false()), _came_back(tenant_id)).label("repeated"),
            order.brand_minor.label("warranty_minor"),
            order.customer_minor.label("paid_minor"),
            order.tenant_minor.label("goodwill_minor"),
            order.other_minor,
        )
        .join_from(
            spans, Branch, and_(Branch.tenant_id == tenant_id, Branch.id == spans.c.branch_id)
        )
        .join(order, and_(order.tenant_id == tenant_id, order.branch_id == Branch.id))
        .where(order.status != RepairStatus.CANCELLED, within(spans, order.closed_at))
    )


def received_devices(tenant_id: UUID, places: Sequence[Place]) -> Select[*tuple[Any, ...]]:
    """Select one row per order taken in on these days; one cancelled later was work all the same."""
    spans = spans_of(places)
    return (
        select(
            RepairOrder.branch_id,
            local_date(RepairOrder.received_at).label("day"),
            func.coalesce(RepairOrder.brand_id, UNKNOWN_BRAND).label("brand_id"),
        )
        .join_from(
            spans, Branch, and_(Branch.tenant_id == tenant_id, Branch.id == spans.c.branch_id)
        )
        .join(
            RepairOrder,
            and_(RepairOrder.tenant_id == tenant_id, RepairOrder.branch_id == Branch.id),
        )
        .where(RepairOrder.status != RepairStatus.CANCELLED, within(spans, RepairOrder.received_at))
    )


def _turnaround_seconds() -> ColumnElement[float]:
    order = RepairOrder
    ended_at = case((order.mode == ServiceMode.ON_SITE, order.closed_at), else_=order.ready_at)
    recorded_at = case((order.origin == Origin.COUNTER, ended_at))
    return cast(extract("epoch", recorded_at - order.received_at), Float)


def _came_back(tenant_id: UUID) -> ColumnElement[bool]:
    later = aliased(RepairOrder)
    return exists().where(
        later.tenant_id == tenant_id,
        later.device_id == RepairOrder.device_id,
        later.repeat_of_id == RepairOrder.id,
        later.received_at <= RepairOrder.closed_at + timedelta(days=REPEAT_DAYS),
    )


def daily_work(tenant_id: UUID, places: Sequence[Place]) -> Select[*tuple[Any, ...]]:
    """Select rows of `BranchWork` for these days, computed from the orders."""
    fact = closed_work(tenant_id, places).subquery("fact")
    keys = (fact.c.branch_id, fact.c.day, fact.c.brand_id, fact.c.coverage, fact.c.outcome)
    number = _bin_number(fact.c.seconds).label("number")
    binned = (
        select(
            *keys,
            number,
            func.count().label("orders"),
            *(func.count().filter(fact.c[name]).label(name) for name in FLAGS),
            *(func.sum(fact.c[name]).label(name) for name in MONEY),
        )
        .group_by(*keys, number)
        .subquery("binned")
    )
    keys = tuple(binned.c[key.name] for key in keys)
    before = func.lag(binned.c.number).over(partition_by=keys, order_by=binned.c.number)
    gapped = select(binned, before.label("before")).subquery("gapped")
    return select(
        literal(tenant_id).label("tenant_id"),
        literal(Span.DAY, enum_column(Span)).label("span"),
        gapped.c.branch_id,
        gapped.c.day.label("starts_on"),
        gapped.c.brand_id,
        gapped.c.coverage,
        gapped.c.outcome,
        *(func.sum(gapped.c[name]).label(name) for name in ("orders", *FLAGS, *MONEY)),
        func.coalesce(func.sum(gapped.c.orders).filter(gapped.c.number.is_not(None)), 0).label(
            "timed"
        ),
        _packed(gapped).label("turnaround_bins"),
    ).group_by(*(gapped.c[key.name] for key in keys))


def daily_intake(tenant_id: UUID, places: Sequence[Place]) -> Select[*tuple[Any, ...]]:
    """Select rows of `BranchIntake` for these days, computed from the orders."""
    fact = received_devices(tenant_id, places).subquery("fact")
    return select(
        literal(tenant_id).label("tenant_id"),
        literal(Span.DAY, enum_column(Span)).label("span"),
        fact.c.branch_id,
        fact.c.day.label("starts_on"),
        fact.c.brand_id,
        func.count().label("received"),
    ).group_by(fact.c.branch_id, fact.c.day, fact.c.brand_id)


def summed_counts(table: type[BranchWork | BranchIntake]) -> list[ColumnElement[Any]]:
    """Select the sums of a roll-up's counts; packed histograms come as a list to merge."""
    return [
        (
            func.array_agg(one).label(one.name)
            if one.name == "turnaround_bins"
            else cast(func.sum(one), BigInteger).label(one.name)
        )
        for one in table.__table__.columns
        if not one.primary_key
    ]


def _bin_number(seconds: ColumnElement[float]) -> ColumnElement[int]:
    """Number the bin of a turnaround as `rules.bin_of` does; NULL stays NULL."""
    steps = func.floor(func.ln(seconds / FIRST_EDGE_SECONDS) / math.log(GROWTH))
    return case(
        (seconds < FIRST_EDGE_SECONDS, 0),
        (seconds.is_not(None), cast(func.least(steps + 1, BINS - 1), Integer)),
    )


def _packed(gapped: Subquery) -> ColumnElement[bytes]:
    """Lay the bins' counts side by side as `rules.pack` does, zeros where a bin is empty."""
    empty = gapped.c.number - func.coalesce(gapped.c.before, -1) - 1
    zeros = func.decode(func.repeat("00", empty * BIN_BYTES), "hex")
    count = func.int4send(cast(gapped.c.orders, Integer), type_=LargeBinary)
    laid = func.string_agg(
        zeros.op("||")(count), aggregate_order_by(literal(b"", LargeBinary), gapped.c.number)
    ).filter(gapped.c.number.is_not(None))
    return func.coalesce(laid, literal(b"", LargeBinary))
