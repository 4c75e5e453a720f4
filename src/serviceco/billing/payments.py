"""The customer's money, in and out."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.billing.rules import Books, amount_due, payment_sides
from serviceco.billing.tables import Payment
from serviceco.billing.words import (
    AmountNotDue,
    PaymentMethod,
    QuoteUndecided,
)
from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.periods import local_day
from serviceco.evidence.operations import record
from serviceco.ledger.operations import post_entry
from serviceco.repairs.queries import get_order
from serviceco.repairs.rules import OPEN
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import (
    RepairStatus,
    WrongRepairStatus,
)
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.queries import get_branch


async def take_payment(
    session: AsyncSession,
    actor: Actor,
    number: str,
    *,
    amount_minor: int,
    method: PaymentMethod,
    reference: str = "",
    at: datetime,
) -> Payment:
    """Take the customer's money, whole or in parts, as a deposit until the hand-over.

    When the approved share is paid, parts may be shipped and a technician sent (`released_at`).

    Raises:
        NotPermitted: the actor may not take payments.
        NotFound: no such order.
        WrongRepairStatus: the order is closed or cancelled.
        QuoteUndecided: the customer has not agreed to the price.
        AmountNotDue: the amount is not above zero, or more than is due.
    """
    actor.require(Permission.TAKE_PAYMENT)
    order = await get_order(session, actor, number, lock=True)
    _require_open(order)
    due = amount_due(customer_minor=order.customer_minor, paid_minor=order.paid_minor)
    if due > 0 and order.approved_at is None and order.status is not RepairStatus.READY:
        raise QuoteUndecided("The customer has not agreed to the price yet.")
    if not 0 < amount_minor <= due:
        raise AmountNotDue("That amount is not due.", field="amount_minor", due_minor=due)
    return await _move_money(
        session, actor, order, amount_minor, method=method, reference=reference, at=at
    )


async def refund_payment(
    session: AsyncSession,
    actor: Actor,
    number: str,
    *,
    amount_minor: int,
    method: PaymentMethod,
    reference: str = "",
    at: datetime,
) -> Payment:
    """Give back what the customer paid beyond their share; the payment's amount is below zero.

    Raises:
        NotPermitted: the actor may not handle payments.
        NotFound: no such order.
        WrongRepairStatus: the order is closed or cancelled.
        AmountNotDue: the amount is not above zero, or more than was overpaid.
    """
    actor.require(Permission.TAKE_PAYMENT)
    order = await get_order(session, actor, number, lock=True)
    _require_open(order)
    over = -amount_due(customer_minor=order.customer_minor, paid_minor=order.paid_minor)
    if not 0 < amount_minor <= over:
        raise AmountNotDue("That much was not overpaid.", field="amount_minor", due_minor=-over)
    return await _move_money(
        session, actor, order, -amount_minor, method=method, reference=reference, at=at
    )


async def _move_money(
    session: AsyncSession,
    actor: Actor,
    order: RepairOrder,
    amount_minor: int,
    *,
    method: PaymentMethod,
    reference: str,
    at: datetime,
) -> Payment:
    branch = await get_branch(session, order.branch_id)
    books = Books(currency=order.currency, branch_id=order.branch_id, brand_id=order.brand_id)
    act = "payment.taken" if amount_minor > 0 else "payment.refunded"
    entry = await post_entry(
        session,
        actor,
        act,
        order.id,
        payment_sides(books, method, amount_minor),
        booked_on=local_day(at, branch.zone),
        at=at,
    )
    payment = Payment(
        tenant_id=tenant_of(session),
        id=new_id(),
        order_id=order.id,
        entry_id=entry.id,
        method=method,
        amount_minor=amount_minor,
        currency=order.currency,
        reference=reference,
        received_at=at,
        received_by=actor.account_id,
    )
    session.add(payment)
    order.paid_minor += amount_minor
    order.version += 1
    release_if_paid(order, at)
    facts = {"method": method, "amount_minor": amount_minor, "currency": order.currency}
    await record(session, actor, act, order, at=at, payment_id=payment.id, **facts)
    await session.flush()
    return payment


def _require_open(order: RepairOrder) -> None:
    if order.status not in OPEN:
        status = order.status.value
        raise WrongRepairStatus(f"An order that is {status} takes no money.", status=status)


def release_if_paid(order: RepairOrder, at: datetime) -> None:
    """Open the gate through which parts are shipped and technicians sent."""
    is_paid = amount_due(customer_minor=order.customer_minor, paid_minor=order.paid_minor) <= 0
    if order.approved_at is not None and order.released_at is None and is_paid:
        order.released_at = at
