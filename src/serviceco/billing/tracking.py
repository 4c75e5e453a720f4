"""One order as its customer sees it, and their answer to its quote."""

from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.billing.queries import find_quote
from serviceco.billing.quotes import decide_quote, is_as_quoted
from serviceco.billing.rules import amount_due
from serviceco.billing.tables import Quote
from serviceco.billing.words import ApprovalChannel, QuoteOutdated, QuoteStatus
from serviceco.core.actor import Actor, ActorKind
from serviceco.core.periods import local_day
from serviceco.core.refusals import NotPermitted
from serviceco.customers.tables import Device
from serviceco.repairs.queries import get_order_by_id, list_decisions, list_lines
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import RepairStatus, WrongRepairStatus
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.queries import get_branch, get_tenant
from serviceco.tenancy.tables import Branch, Tenant

LONGEST_NOTE = 300


class TrackedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What a link shows. `decisions` are those in force; `quote` is the newest, if one was sent.

    `is_answerable`: the customer may approve it now; `may_decline`: they may at least decline.
    """

    order: RepairOrder
    device: Device
    branch: Branch
    tenant: Tenant
    decisions: list[dict[str, Any]]
    quote: Quote | None
    is_answerable: bool
    may_decline: bool
    due_minor: int


async def track_order(session: AsyncSession, actor: Actor, *, at: datetime) -> TrackedOrder:
    """Return the order that the actor's link opens.

    Raises:
        NotPermitted: the actor came by no link.
        NotFound: the order is gone.
    """
    order = await _own_order(session, actor)
    branch = await get_branch(session, order.branch_id)
    quote = await find_quote(session, order.id)
    lines = await list_lines(session, order.id)
    newest = {row.line_id: row.decision for row in await list_decisions(session, order.id)}
    is_asked = (
        order.status is RepairStatus.QUOTING
        and quote is not None
        and quote.status is QuoteStatus.SENT
    )
    is_current = quote is not None and (
        local_day(at, branch.zone) <= quote.valid_until and is_as_quoted(quote, lines)
    )
    due = amount_due(customer_minor=order.customer_minor, paid_minor=order.paid_minor)
    return TrackedOrder(
        order=order,
        device=await session.get_one(Device, (tenant_of(session), order.device_id)),
        branch=branch,
        tenant=await get_tenant(session),
        decisions=list(newest.values()),
        quote=quote,
        is_answerable=is_asked and is_current,
        may_decline=is_asked,
        due_minor=due if order.status is RepairStatus.READY else 0,
    )


async def answer_quote(
    session: AsyncSession,
    actor: Actor,
    *,
    revision: int,
    approved: bool,
    note: str = "",
    at: datetime,
) -> Quote:
    """Keep the customer's own answer to the quote that they were shown.

    Raises:
        NotPermitted: the actor came by no link.
        WrongRepairStatus: the order waits for no answer.
        QuoteOutdated: another revision was sent since, or the lines changed.
        QuoteDecided, QuoteExpired: as `decide_quote`.
    """
    order = await _own_order(session, actor, lock=True)
    quote = await find_quote(session, order.id)
    if quote is None or quote.revision != revision:
        raise QuoteOutdated("A newer quote was sent; look at that one.")
    if quote.status is QuoteStatus.SENT and order.status is not RepairStatus.QUOTING:
        raise WrongRepairStatus("This order waits for no answer.", status=order.status.value)
    return await decide_quote(
        session,
        actor,
        order.number,
        approved=approved,
        channel=ApprovalChannel.LINK,
        note=note[:LONGEST_NOTE],
        at=at,
    )


async def _own_order(session: AsyncSession, actor: Actor, *, lock: bool = False) -> RepairOrder:
    if actor.kind is not ActorKind.CUSTOMER or actor.order_id is None:
        raise NotPermitted("Only the link of an order opens this.")
    return await get_order_by_id(session, actor, actor.order_id, lock=lock)
