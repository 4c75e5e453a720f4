"""Verbs on replays: asked for, worked on step by step, cancelled; and one order with its reasons.

Each step is a unit of work of its own that leaves what it counted and where it stands, so that
others see the progress, a worker may die at any time, and nothing is counted twice.
"""

from asyncio import to_thread
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import InvalidInput, NotFound
from serviceco.policy.drafting import find_draft
from serviceco.policy.packs import BrokenPack, parse_policy
from serviceco.policy.queries import laws_over_time
from serviceco.policy.rules import compile_policy
from serviceco.policy.tables import PolicyVersion
from serviceco.policy.words import DraftBroken, Policy, document_of, policy_of
from serviceco.repairs.queries import get_order
from serviceco.reports.past import past_lines, past_orders, select_past
from serviceco.reports.replay_tables import PolicyReplay, ReplayCell, ReplayedOrder
from serviceco.reports.replaying import (
    PAYERS,
    Candidate,
    DecidedTwice,
    Replayed,
    decide_twice,
    replay_orders,
)
from serviceco.reports.words import ReplayEnded, ReplayStatus, TooManyReplays
from serviceco.storage.batch import insert_many
from serviceco.storage.outbox import send
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.queries import find_brand
from serviceco.tenancy.tables import Tenant

STEP_DUE = "policy.replay_step_due"
MOST_ORDERS = 1_000_000
MOST_RUNNING = 3
STEP = 2_000


async def replay_draft(
    session: AsyncSession,
    actor: Actor,
    draft_id: UUID,
    *,
    most_orders: int,
    against_id: UUID | None = None,
    at: datetime,
) -> PolicyReplay:
    """Begin to replay past orders against a draft as it is written now.

    Raises:
        NotPermitted: the actor does not write policy.
        NotFound: no such draft, or no such version to compare with.
        DraftBroken: the draft cannot be read.
        InvalidInput, TooManyReplays: as `replay_policy`.
    """
    actor.require(Permission.WRITE_POLICY)
    draft = await find_draft(session, draft_id)
    try:
        read = await to_thread(parse_policy, draft.pack, "draft")
    except BrokenPack as broken:
        first = min(broken.problems)
        raise DraftBroken(
            f"Line {first.line}: {first.message}", line=first.line, fault=first.message
        ) from broken
    replay = await replay_policy(
        session, actor, read.words, most_orders=most_orders, against_id=against_id, at=at
    )
    if replay.brand_id != draft.brand_id:
        raise InvalidInput("The draft is written for another brand.", field="policyDraftId")
    replay.draft_id = draft.id
    await _due(session, replay, at=at)
    return replay


async def replay_version(
    session: AsyncSession,
    actor: Actor,
    version_id: UUID,
    *,
    most_orders: int,
    against_id: UUID | None = None,
    at: datetime,
) -> PolicyReplay:
    """Begin to replay past orders against a published version.

    Raises:
        NotPermitted, NotFound, InvalidInput, TooManyReplays: as `replay_draft`.
    """
    actor.require(Permission.WRITE_POLICY)
    policy = await _published(session, version_id)
    replay = await replay_policy(
        session, actor, policy, most_orders=most_orders, against_id=against_id, at=at
    )
    replay.candidate_id = version_id
    await _due(session, replay, at=at)
    return replay


async def replay_policy(
    session: AsyncSession,
    actor: Actor,
    policy: Policy,
    *,
    most_orders: int,
    against_id: UUID | None = None,
    at: datetime,
) -> PolicyReplay:
    """Write down what is to be replayed; whoever called goes on with `advance`.

    Raises:
        NotPermitted: the actor does not write policy.
        NotFound: no such brand, or no such version to compare with.
        InvalidInput: not between one and `MOST_ORDERS` orders, or another currency.
        TooManyReplays: `MOST_RUNNING` are running already.
    """
    actor.require(Permission.WRITE_POLICY)
    if not 1 <= most_orders <= MOST_ORDERS:
        raise InvalidInput(f"Replay 1 to {MOST_ORDERS:,} orders.", field="mostOrders")
    tenant_id = tenant_of(session)
    brand = await find_brand(session, policy.brand)
    if brand is None:
        raise NotFound("There is no such brand.")
    currency = await session.scalar(select(Tenant.currency).where(Tenant.id == tenant_id))
    if policy.currency != currency:
        raise InvalidInput(f"The company counts in {currency}.", field="currency")
    if against_id is not None:
        await _published(session, against_id)
    await _refuse_many(session)
    past = select_past(tenant_id, brand.id, currency, most=most_orders).subquery()
    replay = PolicyReplay(
        tenant_id=tenant_id,
        id=new_id(),
        brand_id=brand.id,
        against_id=against_id,
        policy_code=policy.code,
        policy_version=policy.version,
        document=document_of(policy),
        status=ReplayStatus.RUNNING,
        orders=await session.scalar(select(func.count()).select_from(past)),
        done=0,
        changed=0,
        asked_at=at,
        asked_by=actor.account_id,
    )
    session.add(replay)
    await session.flush()
    return replay


async def cancel_replay(
    session: AsyncSession, actor: Actor, replay_id: UUID, *, at: datetime
) -> PolicyReplay:
    """Stop a replay after the step at hand; what it has counted stays.

    Raises:
        NotPermitted, NotFound: the actor does not write policy; no such replay.
        ReplayEnded: it is done or cancelled.
    """
    actor.require(Permission.WRITE_POLICY)
    replay = await _locked(session, replay_id)
    if replay.status is not ReplayStatus.RUNNING:
        raise ReplayEnded("The replay has ended already.")
    replay.status, replay.finished_at = ReplayStatus.CANCELLED, at
    await session.flush()
    return replay


async def explain_order(
    session: AsyncSession, actor: Actor, replay_id: UUID, number: str
) -> tuple[str, list[DecidedTwice]]:
    """Return the currency and the lines of an order, each with both decisions and amounts.

    An order without lines has one entry, for the visit as a whole.

    Raises:
        NotPermitted, NotFound: the actor does not write policy; no such replay or order.
    """
    actor.require(Permission.WRITE_POLICY)
    replay = await session.scalar(_one(session, replay_id))
    if replay is None:
        raise NotFound("There is no such replay.")
    order = await get_order(session, actor, number)
    if order.brand_id != replay.brand_id:
        raise NotFound("The order is not of this brand.")
    candidate, against = await _both(session, replay)
    lines = await past_lines(session, order.id)
    return order.currency, [decide_twice(line, candidate, against) for line in lines]


async def take_step(session: AsyncSession, replay_id: UUID, done: int, *, at: datetime) -> None:
    """Go on with a replay that had `done` orders, and leave word for the next step.

    A word that comes twice, or for a replay that was cancelled, changes nothing.
    """
    replay = await _locked(session, replay_id)
    if replay.done == done and await advance(session, replay, at=at):
        await _due(session, replay, at=at)


async def continue_replay(
    session: AsyncSession, replay_id: UUID, *, at: datetime
) -> tuple[bool, int]:
    """Take one step for a caller who takes them all; return whether any is left, and what is done.

    Raises:
        NotFound: there is no such replay.
    """
    replay = await _locked(session, replay_id)
    return await advance(session, replay, at=at), replay.done


async def advance(session: AsyncSession, replay: PolicyReplay, *, at: datetime) -> bool:
    """Replay the next `STEP` orders of a locked replay; return whether any are left."""
    if replay.status is not ReplayStatus.RUNNING:
        return False
    left = min(STEP, replay.orders - replay.done)
    currency = replay.document["currency"]
    order_ids = list(
        await session.scalars(
            select_past(
                replay.tenant_id, replay.brand_id, currency, below=replay.reached_id, most=left
            )
        )
    )
    if order_ids:
        orders = await past_orders(session, order_ids)
        candidate, against = await _both(session, replay)
        found = await to_thread(replay_orders, orders, candidate, against)
        await _keep(session, replay, found)
        replay.done += len(order_ids)
        replay.changed += len(found.changed)
        replay.reached_id = order_ids[-1]
    if replay.done == replay.orders or not order_ids:
        replay.status, replay.finished_at = ReplayStatus.DONE, at
    await session.flush()
    return replay.status is ReplayStatus.RUNNING


async def _keep(session: AsyncSession, replay: PolicyReplay, found: Replayed) -> None:
    """Add a step's cells to those that stand, and write the orders that change."""
    alike = {
        "tenant_id": replay.tenant_id,
        "replay_id": replay.id,
        "currency": replay.document["currency"],
    }
    new = insert(ReplayCell).values(
        [
            alike
            | {
                "branch_id": branch_id,
                "model_id": model_id,
                "before": before,
                "after": after,
                "orders": cell.orders,
            }
            | _columns(cell.before, cell.after)
            for (branch_id, model_id, before, after), cell in found.cells.items()
        ]
    )
    sums = ("orders", *_columns(PAYERS, PAYERS))
    await session.execute(
        new.on_conflict_do_update(
            index_elements=["tenant_id", "replay_id", "branch_id", "model_id", "before", "after"],
            set_={name: getattr(ReplayCell, name) + new.excluded[name] for name in sums},
        )
    )
    rows = [
        {
            "id": new_id(),
            "order_id": order.id,
            "branch_id": order.branch_id,
            "before": before.coverage,
            "after": after.coverage,
        }
        | _columns(before.minor, after.minor)
        for order, before, after in found.changed
    ]
    await insert_many(session, ReplayedOrder, rows, **alike)


def _columns(before: Sequence[Any], after: Sequence[Any]) -> dict[str, Any]:
    """Return the eight sums by the names of their columns."""
    sides = {"before": before, "after": after}
    return {
        f"{payer}_{side}_minor": minor[place]
        for side, minor in sides.items()
        for place, payer in enumerate(PAYERS)
    }


async def _both(session: AsyncSession, replay: PolicyReplay) -> tuple[Candidate, Candidate | None]:
    """Return the policy that is tried, and the one that it is compared with, if any."""
    candidate = await _candidate(session, policy_of(replay.document))
    if replay.against_id is None:
        return candidate, None
    return candidate, await _candidate(session, await _published(session, replay.against_id))


async def _candidate(session: AsyncSession, policy: Policy) -> Candidate:
    return Candidate(compile_policy(policy, sha256="-"), await laws_over_time(session, policy))


async def _published(session: AsyncSession, version_id: UUID) -> Policy:
    document = await session.scalar(
        select(PolicyVersion.document).where(
            PolicyVersion.tenant_id == tenant_of(session), PolicyVersion.id == version_id
        )
    )
    if document is None:
        raise NotFound("There is no such policy version.")
    return policy_of(document)


async def _refuse_many(session: AsyncSession) -> None:
    running = await session.scalar(
        select(func.count()).where(
            PolicyReplay.tenant_id == tenant_of(session),
            PolicyReplay.status == ReplayStatus.RUNNING,
        )
    )
    if (running or 0) >= MOST_RUNNING:
        raise TooManyReplays(f"{MOST_RUNNING} replays are running; wait for one of them.")


async def _locked(session: AsyncSession, replay_id: UUID) -> PolicyReplay:
    replay = await session.scalar(_one(session, replay_id).with_for_update())
    if replay is None:
        raise NotFound("There is no such replay.")
    return replay


def _one(session: AsyncSession, replay_id: UUID) -> Select[PolicyReplay]:
    return select(PolicyReplay).where(
        PolicyReplay.tenant_id == tenant_of(session), PolicyReplay.id == replay_id
    )


async def _due(session: AsyncSession, replay: PolicyReplay, *, at: datetime) -> None:
    await session.flush()
    payload = {"replay_id": replay.id, "done": replay.done}
    await send(session, STEP_DUE, payload, at=at)
