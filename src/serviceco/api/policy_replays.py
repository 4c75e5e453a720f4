"""Replays of policies in GraphQL: what a policy would have decided for past orders."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import func
from strawberry.scalars import JSON

from serviceco.api.mutations import Call, computed, mutation
from serviceco.api.plan.access import OWN_PEOPLE, Access
from serviceco.api.plan.fields import column, many, money, one, pages, to_one
from serviceco.api.plan.filters import equals, required
from serviceco.api.plan.pages import Connection
from serviceco.api.plan.scalars import Int64, Money
from serviceco.api.plan.types import planned
from serviceco.api.policy import PolicyVersionType
from serviceco.api.policy_drafts import PolicyDraftType
from serviceco.api.repairs import RepairOrderType
from serviceco.api.tenancy import BrandType
from serviceco.core.actor import Permission
from serviceco.policy.words import Coverage, LineKind
from serviceco.reports import replays
from serviceco.reports.replay_tables import PolicyReplay, ReplayCell, ReplayedOrder
from serviceco.reports.words import ReplayStatus

strawberry.enum(
    ReplayStatus, name="PolicyReplayStatus", description="Where the replay of a policy stands."
)
_WHO = {
    "brand": "the brand",
    "customer": "customers",
    "tenant": "the company itself",
    "other": "others",
}


def _borne(table: type[ReplayCell | ReplayedOrder], payer: str, side: str) -> Any:
    """Declare what a payer bore before, or would bear after; summed where rows are grouped."""
    minor = getattr(table, f"{payer}_{side}_minor")
    words = "bore" if side == "before" else "would have borne"
    return money(
        func.sum(minor) if table is ReplayCell else minor,
        table.currency,
        f"What {_WHO[payer]} {words}.",
        needs=Access(Permission.READ_MONEY, OWN_PEOPLE),
    )


@planned(
    PolicyReplay,
    description="A policy held against past orders of its brand, the latest first.",
    needs=Permission.WRITE_POLICY,
)
class PolicyReplayType:
    """GraphQL face of a replay."""

    id: UUID = column(PolicyReplay.id, "Its id.")
    status: ReplayStatus = column(PolicyReplay.status, "Where it stands.")
    code: str = column(PolicyReplay.policy_code, "The code of the policy that is tried.")
    version: str = column(PolicyReplay.policy_version, "The name of its version.")
    orders: int = column(PolicyReplay.orders, "How many orders there are to replay.")
    done: int = column(PolicyReplay.done, "How many are replayed so far.")
    changed: int = column(PolicyReplay.changed, "For how many of these something changes.")
    asked_at: datetime = column(PolicyReplay.asked_at, "When it was asked for.")
    finished_at: datetime | None = column(PolicyReplay.finished_at, "When it ended.")
    brand: BrandType = to_one(PolicyReplay.brand_id, "Whose orders are replayed.")
    draft: PolicyDraftType | None = to_one(PolicyReplay.draft_id, "The draft that is tried.")
    candidate: PolicyVersionType | None = to_one(
        PolicyReplay.candidate_id, "The published version that is tried."
    )
    against: PolicyVersionType | None = to_one(
        PolicyReplay.against_id,
        "The version with which it is compared; null: with what was decided.",
    )


@planned(
    ReplayCell,
    description="Replayed orders of a branch that went from one coverage to another.",
    needs=Permission.WRITE_POLICY,
    branch=ReplayCell.branch_id,
    group_by=(ReplayCell.branch_id, ReplayCell.before, ReplayCell.after, ReplayCell.currency),
)
class PolicyReplayCell:
    """GraphQL face of a cell of the matrix of one branch."""

    branch_id: UUID = column(ReplayCell.branch_id, "The branch.")
    before: Coverage = column(ReplayCell.before, "The coverage as it was.")
    after: Coverage = column(ReplayCell.after, "The coverage as it would have been.")
    orders: int = column(func.sum(ReplayCell.orders), "How many orders.")
    brand_before: Money = _borne(ReplayCell, "brand", "before")
    brand_after: Money = _borne(ReplayCell, "brand", "after")
    customer_before: Money = _borne(ReplayCell, "customer", "before")
    customer_after: Money = _borne(ReplayCell, "customer", "after")
    tenant_before: Money = _borne(ReplayCell, "tenant", "before")
    tenant_after: Money = _borne(ReplayCell, "tenant", "after")
    other_before: Money = _borne(ReplayCell, "other", "before")
    other_after: Money = _borne(ReplayCell, "other", "after")


@planned(
    ReplayCell,
    description="What the replayed orders of a model come to.",
    needs=Permission.WRITE_POLICY,
    branch=ReplayCell.branch_id,
    group_by=(ReplayCell.model_id, ReplayCell.currency),
)
class PolicyReplayModel:
    """GraphQL face of a model's sums."""

    model_id: UUID = column(ReplayCell.model_id, "The model; the nil id where it is not known.")
    orders: int = column(func.sum(ReplayCell.orders), "How many orders.")
    brand_before: Money = _borne(ReplayCell, "brand", "before")
    brand_after: Money = _borne(ReplayCell, "brand", "after")
    customer_before: Money = _borne(ReplayCell, "customer", "before")
    customer_after: Money = _borne(ReplayCell, "customer", "after")
    tenant_before: Money = _borne(ReplayCell, "tenant", "before")
    tenant_after: Money = _borne(ReplayCell, "tenant", "after")
    other_before: Money = _borne(ReplayCell, "other", "before")
    other_after: Money = _borne(ReplayCell, "other", "after")


@planned(
    ReplayedOrder,
    description="An order for which the tried policy changes who pays, or how much.",
    needs=Permission.WRITE_POLICY,
    branch=ReplayedOrder.branch_id,
    within=(ReplayedOrder.replay_id, PolicyReplay),
)
class PolicyReplayOrder:
    """GraphQL face of an order that changes."""

    id: UUID = column(ReplayedOrder.id, "Its id.")
    before: Coverage = column(ReplayedOrder.before, "The coverage as it was.")
    after: Coverage = column(ReplayedOrder.after, "The coverage as it would have been.")
    order: RepairOrderType | None = to_one(
        ReplayedOrder.order_id, "The order.", needs=Permission.READ_ORDERS
    )
    brand_before: Money = _borne(ReplayedOrder, "brand", "before")
    brand_after: Money = _borne(ReplayedOrder, "brand", "after")
    customer_before: Money = _borne(ReplayedOrder, "customer", "before")
    customer_after: Money = _borne(ReplayedOrder, "customer", "after")
    tenant_before: Money = _borne(ReplayedOrder, "tenant", "before")
    tenant_after: Money = _borne(ReplayedOrder, "tenant", "after")
    other_before: Money = _borne(ReplayedOrder, "other", "before")
    other_after: Money = _borne(ReplayedOrder, "other", "after")


_OF_REPLAY = required(equals(ReplayCell.replay_id, "The replay."))


@strawberry.type
class PolicyReplayQueries:
    """Root fields of replays."""

    policy_replays: Connection[PolicyReplayType] = pages(
        "Replays of policies, the latest first.",
        order_by=(PolicyReplay.id.desc(),),
        filters={
            "brand_id": equals(PolicyReplay.brand_id, "Only replays of this brand's policies."),
            "policy_draft_id": equals(PolicyReplay.draft_id, "Only replays of this draft."),
            "version_id": equals(PolicyReplay.candidate_id, "Only replays of this version."),
        },
    )
    policy_replay: PolicyReplayType | None = one(
        "One replay by its id.", by={"id": equals(PolicyReplay.id, "Its id.")}
    )
    policy_replay_cells: list[PolicyReplayCell] = many(
        "From which coverage to which the orders of each branch went.",
        order_by=(ReplayCell.branch_id, ReplayCell.before, ReplayCell.after),
        at_most=5_000,
        filters={"replay_id": _OF_REPLAY},
    )
    policy_replay_models: list[PolicyReplayModel] = many(
        "What the orders of each model come to.",
        order_by=(ReplayCell.model_id,),
        at_most=1_000,
        filters={"replay_id": _OF_REPLAY},
    )
    policy_replay_orders: Connection[PolicyReplayOrder] = pages(
        "The orders for which something changes, the latest first.",
        order_by=(ReplayedOrder.order_id.desc(), ReplayedOrder.id.desc()),
        filters={
            "replay_id": required(equals(ReplayedOrder.replay_id, "The replay.")),
            "branch_id": equals(ReplayedOrder.branch_id, "Only orders of this branch."),
            "was": equals(ReplayedOrder.before, "Only orders that had this coverage."),
            "becomes": equals(ReplayedOrder.after, "Only orders that would have this coverage."),
        },
    )


@strawberry.type(description="A line of a replayed order, with both decisions.")
class PolicyReplayLine:
    """GraphQL face of a line decided twice."""

    line: LineKind | None = strawberry.field(
        description="What it is for; null for the visit as a whole."
    )
    code: str = strawberry.field(description="Part number, or labour code.")
    names: JSON = strawberry.field(description="Description per language.")
    is_declined: bool = strawberry.field(description="Whether the customer declined it.")
    before: JSON = strawberry.field(description="The decision as it was, with its reasons.")
    after: JSON = strawberry.field(description="The decision by the tried policy.")
    amount_before: Money = strawberry.field(description="What was borne.")
    amount_after: Money = strawberry.field(description="What would be borne.")


@computed(
    "The lines of an order with both decisions, the one that stands and that of the tried policy.",
    needs=Permission.WRITE_POLICY,
)
async def policy_replay_lines(
    call: Call, replay_id: UUID, order_number: str
) -> list[PolicyReplayLine]:
    """Explain what a replay changes for one order."""
    currency, lines = await replays.explain_order(call.session, call.actor, replay_id, order_number)
    return [
        PolicyReplayLine(
            line=line.kind,
            code=line.code,
            names=JSON(line.names),
            is_declined=line.is_declined,
            before=JSON(line.before),
            after=JSON(line.after),
            amount_before=Money(amount_minor=Int64(line.before_minor), currency=currency),
            amount_after=Money(amount_minor=Int64(line.after_minor), currency=currency),
        )
        for line in lines
    ]


@mutation(
    PolicyReplayType,
    needs=Permission.WRITE_POLICY,
    description="Replay past orders against a draft as it is written now.",
)
async def replay_policy_draft(
    call: Call, policy_draft_id: UUID, most_orders: int, against_id: UUID | None = None
) -> UUID:
    """Try a draft."""
    replay = await replays.replay_draft(
        call.session,
        call.actor,
        policy_draft_id,
        most_orders=most_orders,
        against_id=against_id,
        at=call.at,
    )
    return replay.id


@mutation(
    PolicyReplayType,
    needs=Permission.WRITE_POLICY,
    description="Replay past orders against a published version.",
)
async def replay_policy_version(
    call: Call, version_id: UUID, most_orders: int, against_id: UUID | None = None
) -> UUID:
    """Try a version."""
    replay = await replays.replay_version(
        call.session,
        call.actor,
        version_id,
        most_orders=most_orders,
        against_id=against_id,
        at=call.at,
    )
    return replay.id


@mutation(
    PolicyReplayType,
    needs=Permission.WRITE_POLICY,
    description="Stop a replay; what it has counted stays.",
)
async def cancel_policy_replay(call: Call, replay_id: UUID) -> UUID:
    """Cancel a replay."""
    return (await replays.cancel_replay(call.session, call.actor, replay_id, at=call.at)).id


QUERIES = (PolicyReplayQueries,)
COMPUTED = (policy_replay_lines,)
MUTATIONS = (replay_policy_draft, replay_policy_version, cancel_policy_replay)
