"""Claims, and what an order holds to carry one."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.claims.rules import Gathered, evidence_in
from serviceco.claims.tables import Claim, ClaimLine
from serviceco.claims.words import ClaimStatus
from serviceco.core.actor import Actor, Permission
from serviceco.core.periods import local_day
from serviceco.core.refusals import NotFound
from serviceco.customers.queries import list_proofs
from serviceco.policy.queries import pinned_policy
from serviceco.policy.words import ClaimEvidence, LineKind, Payer
from serviceco.repairs.queries import list_lines, list_photos, list_results
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import LineStatus, StepOutcome
from serviceco.repairs.work_tables import CoverageDecision, OrderLine
from serviceco.storage.unit_of_work import tenant_of


async def get_claim(
    session: AsyncSession, actor: Actor, claim_id: UUID, *, lock: bool = False
) -> Claim:
    """Return a claim; `lock` holds its row until the transaction ends.

    Raises:
        NotPermitted: the actor may not read claims.
        NotFound: no such claim in this company, or in a branch out of the actor's scope.
    """
    actor.require(Permission.READ_CLAIMS)
    query = select(Claim).where(Claim.tenant_id == tenant_of(session), Claim.id == claim_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    claim = await session.scalar(query)
    if claim is None or not actor.sees_branch(claim.branch_id):
        raise NotFound("There is no such claim.")
    return claim


async def find_claim(session: AsyncSession, order_id: UUID) -> Claim | None:
    """Return the claim of an order, if it was opened."""
    return await session.scalar(
        select(Claim).where(Claim.tenant_id == tenant_of(session), Claim.order_id == order_id)
    )


async def list_claims(
    session: AsyncSession, actor: Actor, *, status: ClaimStatus | None = None, limit: int = 50
) -> Sequence[Claim]:
    """Return the claims of the actor's branches, the newest first.

    Raises:
        NotPermitted: the actor may not read claims.
    """
    actor.require(Permission.READ_CLAIMS)
    query = select(Claim).where(Claim.tenant_id == tenant_of(session))
    if status is not None:
        query = query.where(Claim.status == status)
    if actor.branch_ids is not None:
        query = query.where(Claim.branch_id.in_(actor.branch_ids))
    rows = await session.scalars(
        query.order_by(Claim.opened_at.desc(), Claim.id.desc()).limit(limit)
    )
    return rows.all()


async def list_claim_lines(session: AsyncSession, claim_id: UUID) -> Sequence[ClaimLine]:
    """Return a claim's lines by position."""
    rows = await session.scalars(
        select(ClaimLine)
        .where(ClaimLine.tenant_id == tenant_of(session), ClaimLine.claim_id == claim_id)
        .order_by(ClaimLine.position)
    )
    return rows.all()


async def list_claimable(session: AsyncSession, order_id: UUID) -> Sequence[OrderLine]:
    """Return the lines that were done and are the brand's to pay, by position."""
    rows = await session.scalars(
        select(OrderLine)
        .where(
            OrderLine.tenant_id == tenant_of(session),
            OrderLine.order_id == order_id,
            OrderLine.payer == Payer.BRAND,
            OrderLine.status == LineStatus.DONE,
        )
        .order_by(OrderLine.position)
    )
    return rows.all()


async def decisions_of(
    session: AsyncSession, lines: Collection[OrderLine]
) -> dict[UUID, CoverageDecision]:
    """Return the decisions that the lines rest on, by id."""
    wanted = [line.decision_id for line in lines if line.decision_id is not None]
    rows = await session.scalars(
        select(CoverageDecision).where(
            CoverageDecision.tenant_id == tenant_of(session), CoverageDecision.id.in_(wanted)
        )
    )
    return {row.id: row for row in rows}


async def gather_evidence(
    session: AsyncSession, order: RepairOrder, lines: Collection[OrderLine]
) -> Gathered:
    """Return what the order holds for a claim on these lines."""
    photos = await list_photos(session, order.id)
    results = await list_results(session, order.id)
    parts = [line for line in lines if line.line is LineKind.PART]
    return Gathered(
        slots=frozenset(photo.slot for photo in photos),
        has_fault_photo=any(
            result.photo_id is not None and result.outcome is StepOutcome.FAIL for result in results
        ),
        has_proof=bool(await list_proofs(session, order.device_id)),
        parts_recorded=all(part.old_serial for part in parts),
        is_coded=bool(order.symptom_codes and order.fault_note and order.remedy_note),
    )


async def list_evidence(
    session: AsyncSession, order: RepairOrder
) -> list[tuple[ClaimEvidence, bool]]:
    """Return what the brand wants with a claim on the order, and whether it is there.

    None where no line is the brand's to pay, or no policy says what it wants.
    """
    lines = [
        line
        for line in await list_lines(session, order.id)
        if line.payer is Payer.BRAND and line.status is not LineStatus.DECLINED
    ]
    if not lines or order.policy_version_id is None:
        return []
    pinned = await pinned_policy(session, order.policy_version_id, order.received_at.date())
    held = evidence_in(await gather_evidence(session, order, lines))
    return [(each, each in held) for each in pinned.policy.claims.evidence]


async def find_repeated_day(
    session: AsyncSession, order: RepairOrder, lines: Collection[OrderLine], zone: str
) -> date | None:
    """Return the day on which an earlier repair of one of the same components was handed over."""
    components = {line.component for line in lines if line.component}
    if order.repeat_of_id is None or not components:
        return None
    tenant_id = tenant_of(session)
    same = select(OrderLine.id).where(
        OrderLine.tenant_id == tenant_id,
        OrderLine.order_id == order.repeat_of_id,
        OrderLine.component.in_(components),
        OrderLine.status == LineStatus.DONE,
    )
    closed_at = await session.scalar(
        select(RepairOrder.closed_at).where(
            RepairOrder.tenant_id == tenant_id,
            RepairOrder.id == order.repeat_of_id,
            same.exists(),
        )
    )
    return local_day(closed_at, zone) if closed_at else None
