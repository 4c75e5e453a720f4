"""Three-way reconciliation: order lines, postings and payments, and claims explain each other."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import SQLColumnExpression, Subquery, and_, case, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.billing.tables import Payment
from serviceco.claims.tables import Claim, ClaimLine
from serviceco.ledger.tables import Entry, Posting
from serviceco.ledger.words import AccountCode
from serviceco.policy.words import Payer
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import LineStatus, Origin, RepairStatus
from serviceco.repairs.work_tables import OrderLine
from serviceco.storage.unit_of_work import tenant_of

# A column of minor units, of a table or of a sub-query.
_Amount = SQLColumnExpression[int]

_ACCOUNTS = (
    AccountCode.BRAND_RECEIVABLE,
    AccountCode.CUSTOMER_DEPOSITS,
    AccountCode.GOODWILL_COST,
    AccountCode.OTHER_RECEIVABLE,
)


@dataclass(frozen=True, slots=True)
class Unexplained:
    """Two amounts of one order that should be the same and are not."""

    number: str
    what: str
    wanted_minor: int
    found_minor: int


async def list_unexplained(session: AsyncSession, *, limit: int = 100) -> list[Unexplained]:
    """Return what does not add up, in the order of numbers; nothing, when the books are right.

    Only orders that were lived here are asked: imported history has no money in it. A claim that
    the worker has not opened yet is no difference.
    """
    tenant_id = tenant_of(session)
    lines, posted = _lines(session), _posted(session)
    paid, claimed = _paid(session), _claimed(session)
    pairs = _pairs(lines, posted, paid, claimed)
    statement = (
        select(RepairOrder.number, *(column for pair in pairs.values() for column in pair))
        .outerjoin(lines, lines.c.order_id == RepairOrder.id)
        .outerjoin(posted, posted.c.order_id == RepairOrder.id)
        .outerjoin(paid, paid.c.order_id == RepairOrder.id)
        .outerjoin(claimed, claimed.c.order_id == RepairOrder.id)
        .where(
            RepairOrder.tenant_id == tenant_id,
            RepairOrder.origin == Origin.COUNTER,
            or_(*(wanted != found for wanted, found in pairs.values())),
        )
        .order_by(RepairOrder.number)
        .limit(limit)
    )
    found: list[Unexplained] = []
    for number, *amounts in await session.execute(statement):
        found.extend(_differences(number, list(pairs), [int(amount) for amount in amounts]))
    return found


def _differences(number: str, names: Sequence[str], amounts: Sequence[int]) -> list[Unexplained]:
    pairs = zip(names, amounts[::2], amounts[1::2], strict=True)
    return [Unexplained(number, name, a, b) for name, a, b in pairs if a != b]


def _pairs(
    lines: Subquery, posted: Subquery, paid: Subquery, claimed: Subquery
) -> dict[str, tuple[_Amount, _Amount]]:
    """Return, by name, the amounts that must be the same; zero where a row is missing."""
    order = RepairOrder
    is_closed = order.status == RepairStatus.CLOSED
    paid_minor = func.coalesce(paid.c.amount, 0)
    return {
        "brand lines": (_closed(order.brand_minor), _closed(lines.c.brand)),
        "customer lines": (_closed(order.customer_minor), _closed(lines.c.customer)),
        "goodwill lines": (_closed(order.tenant_minor), _closed(lines.c.tenant)),
        "other lines": (_closed(order.other_minor), _closed(lines.c.other)),
        "brand receivable": (_closed(order.brand_minor), _amount(posted.c.brand_receivable)),
        "goodwill cost": (_closed(order.tenant_minor), _amount(posted.c.goodwill_cost)),
        "other receivable": (_closed(order.other_minor), _amount(posted.c.other_receivable)),
        "customer deposits": (
            case((is_closed, literal(0)), else_=-paid_minor),
            _amount(posted.c.customer_deposits),
        ),
        "payments": (order.paid_minor + 0, paid_minor),
        "customer paid": (_closed(order.customer_minor), _closed(order.paid_minor)),
        "claim": (
            case((claimed.c.order_id.is_(None), literal(0)), else_=order.brand_minor),
            _amount(claimed.c.amount),
        ),
        "claim lines": (_amount(claimed.c.amount), _amount(claimed.c.lines)),
    }


def _amount(column: _Amount) -> _Amount:
    return func.coalesce(column, 0)


def _closed(column: _Amount) -> _Amount:
    """Return the amount once the order is closed: before, lines are only proposed."""
    return case((RepairOrder.status == RepairStatus.CLOSED, func.coalesce(column, 0)), else_=0)


def _lines(session: AsyncSession) -> Subquery:
    sums = [
        func.sum(OrderLine.amount_minor).filter(OrderLine.payer == payer).label(payer.value)
        for payer in Payer
    ]
    return (
        select(OrderLine.order_id, *sums)
        .where(OrderLine.tenant_id == tenant_of(session), OrderLine.status == LineStatus.DONE)
        .group_by(OrderLine.order_id)
        .subquery()
    )


def _posted(session: AsyncSession) -> Subquery:
    tenant_id = tenant_of(session)
    sums = [
        func.sum(Posting.amount_minor).filter(Posting.account_code == code).label(code.value)
        for code in _ACCOUNTS
    ]
    return (
        select(Entry.subject_id.label("order_id"), *sums)
        .join(Posting, and_(Posting.tenant_id == tenant_id, Posting.entry_id == Entry.id))
        .where(Entry.tenant_id == tenant_id)
        .group_by(Entry.subject_id)
        .subquery()
    )


def _paid(session: AsyncSession) -> Subquery:
    return (
        select(Payment.order_id, func.sum(Payment.amount_minor).label("amount"))
        .where(Payment.tenant_id == tenant_of(session))
        .group_by(Payment.order_id)
        .subquery()
    )


def _claimed(session: AsyncSession) -> Subquery:
    tenant_id = tenant_of(session)
    return (
        select(
            Claim.order_id,
            func.max(Claim.amount_minor).label("amount"),
            func.sum(ClaimLine.amount_minor).label("lines"),
        )
        .outerjoin(
            ClaimLine, and_(ClaimLine.tenant_id == tenant_id, ClaimLine.claim_id == Claim.id)
        )
        .where(Claim.tenant_id == tenant_id)
        .group_by(Claim.order_id)
        .subquery()
    )
