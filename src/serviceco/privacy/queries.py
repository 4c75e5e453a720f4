"""Reads of people, of what is held about them, and of what stands in the way of erasing them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.claims.tables import Claim
from serviceco.claims.words import ClaimStatus
from serviceco.core.actor import Actor, Permission
from serviceco.core.refusals import NotFound, Refusal
from serviceco.customers.rules import parse_phone
from serviceco.customers.tables import Customer
from serviceco.privacy.holdings import linked_tables, rows_about
from serviceco.privacy.rules import CLAIM_WINDOW
from serviceco.privacy.words import ClaimUnsettled, Holding, OrderStillOpen, Person
from serviceco.repairs.tables import RepairOrder
from serviceco.storage.base import Table
from serviceco.storage.unit_of_work import tenant_of

MOST_FOUND = 20


async def find_persons(
    session: AsyncSession, actor: Actor, phone: str, *, country: str
) -> list[Person]:
    """Return the customers with that telephone, the newest first; none where it is no number.

    Raises:
        NotPermitted: the actor does not answer for privacy.
    """
    actor.require(Permission.MANAGE_PRIVACY)
    number = parse_phone(phone, country)
    if number is None:
        return []
    query = select(Customer).where(
        Customer.tenant_id == tenant_of(session), Customer.phone == number
    )
    rows = await session.scalars(query.order_by(Customer.created_at.desc()).limit(MOST_FOUND))
    return [person_of(row) for row in rows]


async def get_customer(
    session: AsyncSession, actor: Actor, customer_id: UUID, *, lock: bool = False
) -> Customer:
    """Return the customer, locked if asked.

    Raises:
        NotPermitted: the actor does not answer for privacy.
        NotFound: the company has no such customer.
    """
    actor.require(Permission.MANAGE_PRIVACY)
    query = select(Customer).where(
        Customer.tenant_id == tenant_of(session), Customer.id == customer_id
    )
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise NotFound("There is no such customer.")
    return found


def person_of(customer: Customer) -> Person:
    """Return a customer as whoever answers for privacy sees them."""
    return Person(
        id=customer.id,
        name=customer.name,
        phone=customer.phone,
        created_at=customer.created_at,
        erased_at=customer.erased_at,
    )


async def count_holdings(session: AsyncSession, customer_id: UUID) -> list[Holding]:
    """Return how many rows of each table are the person's; tables without one are left out."""
    tenant_id = tenant_of(session)
    counts = [
        select(func.count())
        .select_from(Table.metadata.tables[name])
        .where(rows_about(name, tenant_id, customer_id))
        .scalar_subquery()
        .label(name)
        for name in linked_tables()
    ]
    row = (await session.execute(select(*counts))).mappings().one()
    return [Holding(table=name, rows=rows) for name, rows in row.items() if rows]


async def list_obstacles(
    session: AsyncSession, customer_id: UUID, *, at: datetime
) -> Sequence[Refusal]:
    """Return why the person cannot be erased yet: open orders, then claims not settled."""
    return [
        *await _open_orders(session, customer_id),
        *await _unsettled_claims(session, customer_id, at=at),
    ]


async def _open_orders(session: AsyncSession, customer_id: UUID) -> list[Refusal]:
    numbers = await session.scalars(
        select(RepairOrder.number)
        .where(
            RepairOrder.tenant_id == tenant_of(session),
            RepairOrder.customer_id == customer_id,
            RepairOrder.closed_at.is_(None),
        )
        .order_by(RepairOrder.received_at)
    )
    return [
        OrderStillOpen(f"Order {number} is not closed yet.", number=number) for number in numbers
    ]


async def _unsettled_claims(
    session: AsyncSession, customer_id: UUID, *, at: datetime
) -> list[Refusal]:
    tenant_id = tenant_of(session)
    numbers = await session.scalars(
        select(RepairOrder.number)
        .join(Claim, Claim.order_id == RepairOrder.id)
        .where(
            Claim.tenant_id == tenant_id,
            RepairOrder.tenant_id == tenant_id,
            RepairOrder.customer_id == customer_id,
            _is_unsettled(at),
        )
        .order_by(Claim.opened_at)
    )
    return [
        ClaimUnsettled(f"The claim of order {number} is not settled yet.", number=number)
        for number in numbers
    ]


def has_unsettled_claim(tenant_id: UUID, at: datetime) -> ColumnElement[bool]:
    """Return the condition of an order (of the enclosing statement) whose claim is not settled."""
    return exists().where(
        Claim.tenant_id == tenant_id, Claim.order_id == RepairOrder.id, _is_unsettled(at)
    )


def _is_unsettled(at: datetime) -> ColumnElement[bool]:
    """Return the condition of a claim for whose evidence a brand may still ask.

    Before it is filed, the contract's last day to file decides; afterwards, `CLAIM_WINDOW`.
    """
    is_unfiled = Claim.status.in_((ClaimStatus.OPEN, ClaimStatus.INCOMPLETE))
    may_be_filed = or_(Claim.due_on.is_(None), Claim.due_on >= at.date())
    may_be_asked = or_(Claim.submitted_at.is_(None), Claim.submitted_at > at - CLAIM_WINDOW)
    return or_(and_(is_unfiled, may_be_filed), and_(~is_unfiled, may_be_asked))
