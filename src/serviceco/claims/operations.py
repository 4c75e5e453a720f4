"""Opening a claim when a repair is handed over, mending it, and submitting it to the brand."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.claims.queries import (
    decisions_of,
    find_claim,
    find_repeated_day,
    gather_evidence,
    get_claim,
    list_claimable,
)
from serviceco.claims.rules import evidence_in, find_problems, missing_evidence
from serviceco.claims.tables import Claim, ClaimLine
from serviceco.claims.words import ClaimIncomplete, ClaimStatus, WrongClaimStatus
from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.periods import local_day
from serviceco.core.refusals import Conflict
from serviceco.evidence.operations import record
from serviceco.policy.queries import pinned_policy
from serviceco.repairs.queries import get_order_by_id
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import RepairStatus, WrongRepairStatus
from serviceco.repairs.work_tables import CoverageDecision, OrderLine
from serviceco.storage.outbox import send
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.queries import get_branch


async def open_claim(
    session: AsyncSession, actor: Actor, order_id: UUID, *, at: datetime
) -> Claim | None:
    """Open the claim of a handed-over order, or return the one that is there.

    None: no line of the order is the brand's. Lines without an amount are claimed too: a brand
    that pays a lump sum still wants the report. Problems are those of the brand's own rules.

    Raises:
        NotPermitted: the actor may not file claims.
        NotFound: no such order.
        WrongRepairStatus: the order is not handed over.
    """
    actor.require(Permission.SUBMIT_CLAIM)
    order = await get_order_by_id(session, actor, order_id, lock=True)
    earlier = await find_claim(session, order.id)
    if earlier is not None:
        return earlier
    if order.status is not RepairStatus.CLOSED:
        raise WrongRepairStatus(
            "Only a device that was handed over is claimed for.", status=order.status.value
        )
    lines = await list_claimable(session, order.id)
    if not lines or order.brand_id is None:
        return None
    claim = Claim(
        tenant_id=tenant_of(session),
        id=new_id(),
        order_id=order.id,
        branch_id=order.branch_id,
        brand_id=order.brand_id,
        contract_id=order.contract_id,
        amount_minor=sum(line.amount_minor for line in lines),
        currency=order.currency,
        opened_at=at,
        event_seq=0,
        event_hash=b"",
    )
    await _judge(session, claim, order, lines, at=at)
    session.add(claim)
    await record(session, actor, "claim.opened", claim, at=at, **_facts(claim))
    await session.flush()
    session.add_all(await _claim_lines(session, claim, lines))
    await session.flush()
    return claim


async def recheck_claim(
    session: AsyncSession, actor: Actor, claim_id: UUID, *, at: datetime
) -> Claim:
    """Ask the brand's rules again, after evidence was added.

    Raises:
        NotPermitted: the actor may not file claims.
        NotFound: no such claim.
        WrongClaimStatus: it was submitted already.
    """
    actor.require(Permission.SUBMIT_CLAIM)
    claim = await _unsubmitted(session, actor, claim_id)
    before = claim.problems
    await _judge_again(session, actor, claim, at=at)
    if claim.problems != before:
        claim.version += 1
        await record(session, actor, "claim.rechecked", claim, at=at, **_facts(claim))
    await session.flush()
    return claim


async def recheck_order(
    session: AsyncSession, actor: Actor, order_id: UUID, *, at: datetime
) -> None:
    """Ask again for the claim of an order to which evidence was added; a submitted one stays.

    Raises:
        NotPermitted: the actor may not file claims.
    """
    claim = await find_claim(session, order_id)
    if claim is not None and claim.status is not ClaimStatus.SUBMITTED:
        await recheck_claim(session, actor, claim.id, at=at)


async def submit_claim(
    session: AsyncSession,
    actor: Actor,
    claim_id: UUID,
    *,
    version: int | None = None,
    at: datetime,
) -> Claim:
    """Submit a claim to its brand; from then on it is not changed here.

    A late claim, or one for a repeat repair, may be submitted: that is the brand's to judge.

    Raises:
        NotPermitted: the actor may not file claims.
        NotFound: no such claim.
        Conflict: the claim has moved on since the actor read that version.
        WrongClaimStatus: it was submitted already.
        ClaimIncomplete: evidence is missing; `problems` says which and how to mend it.
    """
    actor.require(Permission.SUBMIT_CLAIM)
    claim = await _unsubmitted(session, actor, claim_id)
    if version is not None and version != claim.version:
        raise Conflict("The claim has changed since you read it.", version=claim.version)
    await _judge_again(session, actor, claim, at=at)
    if missing := missing_evidence(claim.problems):
        wanted = "; ".join(problem["mend"]["en"] for problem in missing)
        raise ClaimIncomplete(f"The brand asks for more: {wanted}.", problems=missing)
    claim.status = ClaimStatus.SUBMITTED
    claim.submitted_at, claim.submitted_by = at, actor.account_id
    claim.version += 1
    await record(session, actor, "claim.submitted", claim, at=at, **_facts(claim))
    await session.flush()
    await send(session, "claim.submitted", {"claim_id": claim.id, **_facts(claim)}, at=at)
    return claim


async def _unsubmitted(session: AsyncSession, actor: Actor, claim_id: UUID) -> Claim:
    claim = await get_claim(session, actor, claim_id, lock=True)
    if claim.status is ClaimStatus.SUBMITTED:
        raise WrongClaimStatus("This claim was already submitted.", status=claim.status.value)
    return claim


async def _judge_again(session: AsyncSession, actor: Actor, claim: Claim, *, at: datetime) -> None:
    order = await get_order_by_id(session, actor, claim.order_id)
    await _judge(session, claim, order, await list_claimable(session, order.id), at=at)


async def _judge(
    session: AsyncSession,
    claim: Claim,
    order: RepairOrder,
    lines: Sequence[OrderLine],
    *,
    at: datetime,
) -> None:
    """Set problems, status and deadline by the claim rules of the order's pinned policy."""
    if order.policy_version_id is None or order.closed_at is None:
        raise ValueError(f"order {order.number} has a line of the brand's, but no policy")
    branch = await get_branch(session, order.branch_id)
    handed_over_on = local_day(order.closed_at, branch.zone)
    policy = (await pinned_policy(session, order.policy_version_id, handed_over_on)).policy
    claim.problems = find_problems(
        policy,
        evidence_in(await gather_evidence(session, order, lines)),
        handed_over_on=handed_over_on,
        filed_on=local_day(at, branch.zone),
        repeat_of=await find_repeated_day(session, order, lines, branch.zone),
    )
    claim.due_on = handed_over_on + timedelta(days=policy.claims.deadline_days)
    is_missing = bool(missing_evidence(claim.problems))
    claim.status = ClaimStatus.INCOMPLETE if is_missing else ClaimStatus.OPEN


async def _claim_lines(
    session: AsyncSession, claim: Claim, lines: Sequence[OrderLine]
) -> list[ClaimLine]:
    decisions = await decisions_of(session, lines)
    return [
        ClaimLine(
            tenant_id=claim.tenant_id,
            id=new_id(),
            claim_id=claim.id,
            order_line_id=line.id,
            decision_id=line.decision_id,
            position=position,
            line=line.line,
            code=line.code,
            names=line.names,
            quantity=line.quantity,
            amount_minor=line.amount_minor,
            currency=claim.currency,
            evidence=_evidence(line, decisions),
        )
        for position, line in enumerate(lines, start=1)
    ]


def _evidence(line: OrderLine, decisions: Mapping[UUID, CoverageDecision]) -> dict[str, Any]:
    """Return what carries a line: the decision's reasons with their clauses, and the part's serials."""
    made = decisions.get(line.decision_id) if line.decision_id else None
    decision = made.decision if made else {}
    return {
        "reasons": decision.get("reasons", []),
        "policy": decision.get("policy"),
        "law": decision.get("law"),
        "start": decision.get("start"),
        "new_serial": line.new_serial,
        "old_serial": line.old_serial,
    }


def _facts(claim: Claim) -> dict[str, object]:
    """Return what the chain and the brand's side keep of a claim."""
    return {
        "order_id": claim.order_id,
        "branch_id": claim.branch_id,
        "brand_id": claim.brand_id,
        "contract_id": claim.contract_id,
        "amount_minor": claim.amount_minor,
        "currency": claim.currency,
        "problems": [problem["code"] for problem in claim.problems],
        "due_on": claim.due_on,
    }
