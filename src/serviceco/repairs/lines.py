"""The lines of an order: proposing, removing, and deciding anew who pays for each."""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.catalogue.tables import Category
from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.periods import local_day
from serviceco.core.refusals import InvalidInput
from serviceco.customers.operations import proof_rows, require_past
from serviceco.customers.words import ProofGiven
from serviceco.evidence.operations import record
from serviceco.policy.words import LineKind, Payer, Texts
from serviceco.repairs.coverage import Case, decide_all, decide_anew, read_case, sums_of
from serviceco.repairs.news import tell_change
from serviceco.repairs.queries import get_order, list_lines
from serviceco.repairs.rules import LINES_OPEN
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import (
    LevelNotAuthorised,
    LineGiven,
    LineStatus,
    Offer,
    RepairStatus,
    UnknownLine,
    WrongRepairStatus,
)
from serviceco.repairs.work_tables import OrderLine
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.queries import get_branch
from serviceco.tenancy.tables import ContractBranch

# So that no sum of lines, claims or reports leaves 64 bits, and the API lists every line. One
# place is left for the diagnosis of a declined repair.
MOST_PIECES = 999
MOST_PRICE_MINOR = 10_000_000_000
MOST_LINES = 49


async def propose_line(
    session: AsyncSession, actor: Actor, number: str, line: LineGiven, *, at: datetime
) -> RepairOrder:
    """Add a line with its price from the pinned policy, and decide who pays for it.

    Raises:
        NotPermitted: the actor does not quote.
        NotFound: no such order in the actor's scope.
        WrongRepairStatus: the order is not yet inspected, or its work is done.
        UnknownLine: the policy lists no such part or labour for this unit.
        LevelNotAuthorised: the contract does not let this branch repair at that level.
        InvalidInput: a quantity below one, name and price not as `LineGiven` says, or more than
            `MOST_PIECES`, `MOST_PRICE_MINOR` or `MOST_LINES`.
    """
    order = await _open_lines(session, actor, number)
    if order.line_count >= MOST_LINES:
        raise InvalidInput(f"An order has at most {MOST_LINES} lines.", field="line")
    case = await read_case(session, order, at=at)
    offer = await _offer_for(session, order, case, line)
    row = await _add(session, actor, order, case, offer, line, at=at)
    await _record(session, actor, "repair.line_proposed", order, row, at=at)
    return order


async def add_diagnosis(
    session: AsyncSession, actor: Actor, order: RepairOrder, *, at: datetime
) -> None:
    """Put the policy's diagnosis on a locked order that leaves unrepaired, unless it is there.

    Without a policy, or with a diagnosis that costs nobody anything, there is none.
    """
    lines = await list_lines(session, order.id)
    if any(line.line is LineKind.DIAGNOSIS for line in lines):
        return
    case = await read_case(session, order, at=at)
    given = LineGiven(line=LineKind.DIAGNOSIS)
    offer = case.find_offer(given) if case else None
    if offer and offer.to_customer_minor:
        await _add(session, actor, order, case, offer, given, at=at)


async def remove_line(
    session: AsyncSession, actor: Actor, number: str, line_id: UUID, *, at: datetime
) -> RepairOrder:
    """Take a line off again; its decisions stay, because decisions are never deleted.

    Raises:
        NotPermitted: the actor does not quote.
        NotFound: no such order in the actor's scope.
        WrongRepairStatus: the order's lines are settled.
        UnknownLine: the order has no such line.
    """
    order = await _open_lines(session, actor, number)
    lines = {line.id: line for line in await list_lines(session, order.id)}
    line = lines.pop(line_id, None)
    if line is None:
        raise UnknownLine("The order has no such line.")
    await session.delete(line)
    case = await read_case(session, order, at=at)
    await decide_all(session, actor, order, case, list(lines.values()), at=at)
    await _record(session, actor, "repair.line_removed", order, line, at=at)
    return order


async def decide_lines(
    session: AsyncSession, actor: Actor, number: str, *, at: datetime
) -> RepairOrder:
    """Decide the order and all its lines anew, by the facts of now and the pinned policy.

    Raises:
        NotPermitted: the actor does not quote.
        NotFound: no such order in the actor's scope.
        WrongRepairStatus: the order's lines are settled.
    """
    order = await _open_lines(session, actor, number)
    await decide_anew(session, actor, order, at=at)
    await tell_change(session, order, at=at)
    await session.flush()
    return order


async def add_proof(
    session: AsyncSession, actor: Actor, number: str, proof: ProofGiven, *, at: datetime
) -> RepairOrder:
    """Record a proof of purchase that came after intake, and decide anew.

    Raises:
        NotPermitted: the actor does not take devices in.
        NotFound: no such order in the actor's scope.
        WrongRepairStatus: the order's lines are settled.
        PurchaseInFuture: the proof is dated after the day on which the device came in.
    """
    actor.require(Permission.RECEIVE_DEVICE)
    order = await get_order(session, actor, number, lock=True)
    _require_open(order, LINES_OPEN | {RepairStatus.RECEIVED})
    branch = await get_branch(session, order.branch_id)
    require_past([proof], local_day(order.received_at, branch.zone))
    session.add_all(proof_rows(session, order.device_id, [proof], at=at))
    await record(
        session, actor, "repair.proof_added", order, at=at, kind=proof.kind, dated_on=proof.dated_on
    )
    await decide_anew(session, actor, order, at=at)
    await tell_change(session, order, at=at)
    await session.flush()
    return order


async def _add(
    session: AsyncSession,
    actor: Actor,
    order: RepairOrder,
    case: Case | None,
    offer: Offer,
    given: LineGiven,
    *,
    at: datetime,
) -> OrderLine:
    """Append the line, decide who pays for it, and sum the order up."""
    lines = await list_lines(session, order.id)
    row = OrderLine(
        tenant_id=order.tenant_id,
        id=new_id(),
        order_id=order.id,
        position=lines[-1].position + 1 if lines else 1,
        line=given.line,
        code=offer.code,
        names=msgspec.to_builtins(offer.names),
        component=offer.component or None,
        repair_level=offer.repair_level,
        quantity=given.quantity,
        price_minor=offer.to_customer_minor,
        amount_minor=offer.to_customer_minor * given.quantity,
        currency=order.currency,
        payer=Payer.CUSTOMER,
        status=LineStatus.PROPOSED,
        labour_minutes=offer.labour_minutes,
    )
    await decide_all(session, actor, order, case, [*lines, row], at=at)
    session.add(row)
    return row


async def _open_lines(session: AsyncSession, actor: Actor, number: str) -> RepairOrder:
    actor.require(Permission.QUOTE)
    order = await get_order(session, actor, number, lock=True)
    _require_open(order, LINES_OPEN)
    return order


def _require_open(order: RepairOrder, statuses: frozenset[RepairStatus]) -> None:
    if order.status not in statuses:
        raise WrongRepairStatus(
            f"The lines of an order that is {order.status.value} do not change.",
            status=order.status.value,
        )


async def _offer_for(
    session: AsyncSession, order: RepairOrder, case: Case | None, line: LineGiven
) -> Offer:
    if not 1 <= line.quantity <= MOST_PIECES:
        raise InvalidInput(f"Between 1 and {MOST_PIECES} pieces.", field="quantity")
    if case is None:
        return _own_offer(line)
    if line.price_minor is not None or line.name:
        raise InvalidInput("The brand's policy sets name and price.", field="price_minor")
    offer = case.find_offer(line)
    if offer is None:
        raise UnknownLine("The brand's policy lists no such line for this device.", field="code")
    await _check_level(session, order, offer)
    return offer


def _own_offer(line: LineGiven) -> Offer:
    """Return the company's own offer, for a device of a brand without a contract."""
    name = line.name.strip()
    if not name or line.price_minor is None or not 0 <= line.price_minor <= MOST_PRICE_MINOR:
        raise InvalidInput("Give the line a name and a price.", field="price_minor")
    return Offer(
        code=line.code,
        names=Texts(zh_hans=name, zh_hant=name, en=name),
        repair_level=line.repair_level,
        to_brand_minor=0,
        to_customer_minor=line.price_minor,
    )


async def _check_level(session: AsyncSession, order: RepairOrder, offer: Offer) -> None:
    if offer.repair_level is None:
        return
    of_category = ContractBranch.category_levels[Category.code].as_integer()
    allowed = await session.scalar(
        select(func.coalesce(of_category, ContractBranch.repair_level))
        .select_from(ContractBranch)
        .join(Category, Category.id == order.category_id)
        .where(
            ContractBranch.tenant_id == tenant_of(session),
            ContractBranch.contract_id == order.contract_id,
            ContractBranch.branch_id == order.branch_id,
        )
    )
    if allowed is None or offer.repair_level > allowed:
        raise LevelNotAuthorised(
            f"This branch may not do repairs of level {offer.repair_level} for this brand.",
            field="repair_level",
            level=offer.repair_level,
        )


async def _record(
    session: AsyncSession,
    actor: Actor,
    act: str,
    order: RepairOrder,
    line: OrderLine,
    *,
    at: datetime,
) -> None:
    facts = {
        "line_id": line.id,
        "line": line.line,
        "code": line.code,
        "quantity": line.quantity,
        "payer": line.payer,
        "amount_minor": line.amount_minor,
        "decision_id": line.decision_id,
    }
    await record(session, actor, act, order, at=at, **facts, **sums_of(order))
    await tell_change(session, order, at=at)
    await session.flush()
