"""Giving the device back: who owes what is booked, and the rest of the house hears of it."""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.billing.rules import Books, amount_due, handover_sides
from serviceco.billing.tables import Handover
from serviceco.billing.words import AccessoriesUnconfirmed, RefundDue
from serviceco.core.actor import Actor, Permission
from serviceco.core.periods import local_day
from serviceco.core.refusals import Refusal
from serviceco.evidence.rules import commitment
from serviceco.ledger.operations import post_entry
from serviceco.ledger.tables import Entry
from serviceco.policy.words import Payer
from serviceco.repairs.operations import take_step
from serviceco.repairs.queries import get_order, list_lines
from serviceco.repairs.rules import find_obstacle, sums_by_payer
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import LineStatus, PaymentDue, Step
from serviceco.repairs.work_tables import OrderLine
from serviceco.storage.outbox import send
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.queries import get_branch

_SALT_BYTES = 16


async def hand_over(
    session: AsyncSession,
    actor: Actor,
    number: str,
    *,
    accessories: Sequence[str],
    collector: str = "",
    note: str = "",
    at: datetime,
) -> RepairOrder:
    """Give the device back and close the order.

    `accessories` are those that the counter confirmed one by one; `collector` is who takes the
    device where that is not the customer. Only lines that were done are charged: the brand's to
    its receivable, the customer's deposits to income, goodwill to its cost. The worker opens the
    claim and counts the order from `repair.handed_over`.

    Raises:
        NotPermitted, NotFound, WrongRepairStatus: as for every step.
        PaymentDue: the customer still owes; `due_minor` says how much.
        RefundDue: the customer paid more than is owed.
        AccessoriesUnconfirmed: something that came with the device is missing, without a note.
    """
    actor.require(Permission.HAND_OVER)
    order = await get_order(session, actor, number, lock=True)
    done = [line for line in await list_lines(session, order.id) if line.status is LineStatus.DONE]
    sums = sums_by_payer((line.payer, line.amount_minor) for line in done)
    missing = [] if note.strip() else sorted(set(order.accessories) - set(accessories))
    obstacle = (
        find_obstacle(order, Step.HAND_OVER)
        or _unsettled(sums[Payer.CUSTOMER], order.paid_minor)
        or _unconfirmed(missing)
    )
    if obstacle:
        raise obstacle
    entry = await _book(session, actor, order, done, at=at)
    leaving = Handover(
        tenant_id=tenant_of(session),
        id=order.id,
        entry_id=entry.id if entry else None,
        accessories=list(accessories),
        collector=collector.strip(),
        salt=os.urandom(_SALT_BYTES),
        note=note.strip(),
        handed_over_at=at,
        handed_over_by=actor.account_id,
    )
    session.add(leaving)
    await take_step(
        session, actor, order, Step.HAND_OVER, at=at, **_facts(leaving, order.currency, sums)
    )
    _keep_sums(order, sums)
    await session.flush()
    await send(session, "repair.handed_over", _story(order, sums), at=at)
    return order


def _unsettled(customer_minor: int, paid_minor: int) -> Refusal | None:
    due = amount_due(customer_minor=customer_minor, paid_minor=paid_minor)
    if due > 0:
        return PaymentDue("The customer has not paid their share yet.", due_minor=due)
    if due < 0:
        return RefundDue("The customer paid more than is owed; give it back.", due_minor=due)
    return None


def _unconfirmed(missing: Sequence[str]) -> Refusal | None:
    if not missing:
        return None
    return AccessoriesUnconfirmed(
        "Confirm every accessory, or say why one is missing.", field="accessories", missing=missing
    )


async def _book(
    session: AsyncSession,
    actor: Actor,
    order: RepairOrder,
    lines: Sequence[OrderLine],
    *,
    at: datetime,
) -> Entry | None:
    """Post the split, unless nobody owes anything."""
    books = Books(currency=order.currency, branch_id=order.branch_id, brand_id=order.brand_id)
    sides = handover_sides(books, lines)
    if not any(side.amount_minor for side in sides):
        return None
    branch = await get_branch(session, order.branch_id)
    return await post_entry(
        session,
        actor,
        "repair.handed_over",
        order.id,
        sides,
        booked_on=local_day(at, branch.zone),
        at=at,
    )


def _keep_sums(order: RepairOrder, sums: Mapping[Payer, int]) -> None:
    """Leave in the order's sums what was charged: a line that was never done counts no more."""
    order.brand_minor = sums[Payer.BRAND]
    order.customer_minor = sums[Payer.CUSTOMER]
    order.tenant_minor = sums[Payer.TENANT]
    order.other_minor = sums[Payer.OTHER]


def _facts(leaving: Handover, currency: str, sums: Mapping[Payer, int]) -> dict[str, object]:
    return {
        "entry_id": leaving.entry_id,
        "currency": currency,
        "amounts_minor": dict(sums),
        "accessories": len(leaving.accessories),
        "collector": commitment(leaving.salt, leaving.collector) if leaving.collector else None,
    }


def _story(order: RepairOrder, sums: Mapping[Payer, int]) -> dict[str, object]:
    """Return what the rooms above need to know, so that most ask no further."""
    return {
        "order_id": order.id,
        "number": order.number,
        "branch_id": order.branch_id,
        "brand_id": order.brand_id,
        "coverage": order.coverage,
        "outcome": order.outcome,
        "currency": order.currency,
        "amounts_minor": dict(sums),
        "received_at": order.received_at,
        "ready_at": order.ready_at,
        "closed_at": order.closed_at,
    }
