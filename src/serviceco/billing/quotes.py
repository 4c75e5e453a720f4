"""Quoting what is not covered, and the customer's answer."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.billing.payments import release_if_paid
from serviceco.billing.queries import find_quote
from serviceco.billing.tables import Quote
from serviceco.billing.words import (
    ApprovalChannel,
    NothingToQuote,
    QuoteDecided,
    QuoteExpired,
    QuoteOutdated,
    QuoteStatus,
)
from serviceco.core.actor import Actor, Permission
from serviceco.core.canonical import canonical_hash
from serviceco.core.ids import new_id
from serviceco.core.periods import local_day
from serviceco.core.refusals import InvalidInput, NotFound
from serviceco.policy.queries import pinned_policy
from serviceco.policy.words import LineKind, Payer
from serviceco.repairs.bench import approve_repair, decline_order
from serviceco.repairs.coverage import sum_lines
from serviceco.repairs.operations import take_step
from serviceco.repairs.queries import get_order, list_lines
from serviceco.repairs.rules import find_offer
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import (
    LineGiven,
    LineStatus,
    RecordMissing,
    Step,
)
from serviceco.repairs.work_tables import OrderLine
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.queries import get_branch

VALID_DAYS = 7
MOST_VALID_DAYS = 90


async def send_quote(
    session: AsyncSession, actor: Actor, number: str, *, valid_days: int = VALID_DAYS, at: datetime
) -> Quote:
    """Freeze the customer's lines as a quote; it takes the place of an earlier revision.

    An earlier approval falls with its revision. The last valid day is in, today being day 0.

    Raises:
        InvalidInput: more than `MOST_VALID_DAYS` days, or less than none.
        NotPermitted, NotFound, WrongRepairStatus, InspectionIncomplete: as for every step.
        NothingToQuote: the customer has nothing to pay.
    """
    actor.require(Permission.QUOTE)
    if not 0 <= valid_days <= MOST_VALID_DAYS:
        raise InvalidInput(f"Up to {MOST_VALID_DAYS} days.", field="valid_days")
    order = await get_order(session, actor, number, lock=True)
    lines = _quoted(await list_lines(session, order.id))
    amount_minor = sum(line["amount_minor"] for line in lines)
    if not amount_minor:
        raise NothingToQuote("The customer has nothing to pay on this order.")
    branch = await get_branch(session, order.branch_id)
    former = await find_quote(session, order.id)
    quote = Quote(
        tenant_id=tenant_of(session),
        id=new_id(),
        order_id=order.id,
        revision=former.revision + 1 if former else 1,
        status=QuoteStatus.SENT,
        amount_minor=amount_minor,
        currency=order.currency,
        lines=lines,
        valid_until=local_day(at, branch.zone) + timedelta(days=valid_days),
        sent_at=at,
        sent_by=actor.account_id,
    )
    await take_step(session, actor, order, Step.SEND_QUOTE, at=at, **_facts(quote))
    if former and former.status is not QuoteStatus.DECLINED:
        former.status = QuoteStatus.SUPERSEDED
    order.approved_at = None
    session.add(quote)
    await session.flush()
    return quote


async def decide_quote(
    session: AsyncSession,
    actor: Actor,
    number: str,
    *,
    approved: bool,
    channel: ApprovalChannel,
    note: str = "",
    at: datetime,
) -> Quote:
    """Keep the customer's answer to the newest quote, and how it reached the branch.

    Approved, the order may go on. Declined, the device leaves unrepaired, and the policy's
    diagnosis price, if it has one, becomes due.

    Raises:
        NotPermitted: the actor may not keep approvals.
        NotFound: no such order, or no quote was sent.
        QuoteDecided: it was answered before.
        QuoteExpired: approved after its last valid day.
        QuoteOutdated: approved, but the customer's lines changed since it was sent.
        RecordMissing: declined without a note that says why; who declines by link need not say.
    """
    actor.require(Permission.APPROVE_QUOTE)
    order = await get_order(session, actor, number, lock=True)
    quote = await find_quote(session, order.id)
    if quote is None:
        raise NotFound("No quote was sent for this order.")
    if quote.status is not QuoteStatus.SENT:
        raise QuoteDecided("This quote was already answered.", status=quote.status.value)
    quote.decided_at, quote.channel, quote.note = at, channel, note.strip()
    answer = _approve if approved else _decline
    await answer(session, actor, order, quote, at=at)
    await session.flush()
    return quote


async def _approve(
    session: AsyncSession, actor: Actor, order: RepairOrder, quote: Quote, *, at: datetime
) -> None:
    branch = await get_branch(session, order.branch_id)
    if local_day(at, branch.zone) > quote.valid_until:
        raise QuoteExpired("This quote is no longer valid.", valid_until=quote.valid_until)
    if not is_as_quoted(quote, await list_lines(session, order.id)):
        raise QuoteOutdated("The lines changed after this quote was sent; send a new one.")
    await approve_repair(session, actor, order, at=at, **_answer(quote))
    quote.status = QuoteStatus.APPROVED
    release_if_paid(order, at)
    await session.flush()


async def _decline(
    session: AsyncSession, actor: Actor, order: RepairOrder, quote: Quote, *, at: datetime
) -> None:
    if not quote.note and quote.channel is not ApprovalChannel.LINK:
        raise RecordMissing("Write down why the customer declined.", field="note")
    await decline_order(session, actor, order, reason=quote.note, at=at, **_answer(quote))
    if order.policy_version_id is not None:
        await _charge_diagnosis(session, order, order.policy_version_id, at=at)
    quote.status = QuoteStatus.DECLINED
    await session.flush()


async def _charge_diagnosis(
    session: AsyncSession, order: RepairOrder, version_id: UUID, *, at: datetime
) -> None:
    """Put the policy's diagnosis price on the bill, unless a diagnosis was proposed by hand."""
    lines = await list_lines(session, order.id)
    pinned = await pinned_policy(session, version_id, at.date())
    offer = find_offer(pinned.policy, "", "", LineGiven(line=LineKind.DIAGNOSIS))
    if not offer or not offer.to_customer_minor or any(line.code == offer.code for line in lines):
        return
    fee = OrderLine(
        tenant_id=order.tenant_id,
        id=new_id(),
        order_id=order.id,
        position=lines[-1].position + 1,
        line=LineKind.DIAGNOSIS,
        code=offer.code,
        names=msgspec.to_builtins(offer.names),
        quantity=1,
        price_minor=offer.to_customer_minor,
        amount_minor=offer.to_customer_minor,
        currency=order.currency,
        payer=Payer.CUSTOMER,
        status=LineStatus.DONE,
    )
    session.add(fee)
    sum_lines(order, [*lines, fee], Payer.CUSTOMER)


def is_as_quoted(quote: Quote, lines: Iterable[OrderLine]) -> bool:
    """Tell whether the customer's lines are still those that a quote shows."""
    return _quoted(lines) == quote.lines


def _quoted(lines: Iterable[OrderLine]) -> list[dict[str, Any]]:
    """Return the customer's lines as they are shown and frozen."""
    return [
        {
            "line_id": str(line.id),
            "position": line.position,
            "line": line.line.value,
            "code": line.code,
            "names": line.names,
            "quantity": line.quantity,
            "price_minor": line.price_minor,
            "amount_minor": line.amount_minor,
        }
        for line in lines
        if line.payer is Payer.CUSTOMER and line.status is not LineStatus.DECLINED
    ]


def _answer(quote: Quote) -> dict[str, object]:
    return {"quote_id": quote.id, "revision": quote.revision, "channel": quote.channel}


def _facts(quote: Quote) -> dict[str, object]:
    """Return what the chain keeps of a quote; the hash pins what the customer was shown."""
    return {
        "quote_id": quote.id,
        "revision": quote.revision,
        "amount_minor": quote.amount_minor,
        "currency": quote.currency,
        "valid_until": quote.valid_until,
        "lines_sha256": canonical_hash(quote.lines),
    }
