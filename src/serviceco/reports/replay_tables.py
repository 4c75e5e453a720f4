"""Replays: what a policy would have decided for past orders, beside what was decided."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.policy.words import Coverage
from serviceco.reports.tables import ZERO
from serviceco.reports.words import ReplayStatus
from serviceco.storage.base import TenantRow, TenantTable, enum_column, tenant_key


class PolicyReplay(TenantRow):
    """One policy held against the past orders of its brand, the latest first.

    `document` is the policy as it stood when the replay was asked for; it is the version
    `candidate_id`, the text of the draft `draft_id`, or a file that was given. It is compared with
    what was decided, or with the version `against_id`. `orders` is how many there are to replay,
    `done` how many were, down to the order `reached_id`, and `changed` for how many of them
    anybody would pay another amount.
    """

    __tablename__ = "policy_replay"
    __table_args__ = (
        tenant_key("draft_id", "policy_draft"),
        tenant_key("candidate_id", "policy_version"),
        tenant_key("against_id", "policy_version"),
        Index("policy_replay_brand_idx", "tenant_id", "brand_id", text("id desc")),
    )

    brand_id: Mapped[UUID] = mapped_column(ForeignKey("brand.id"))
    draft_id: Mapped[UUID | None]
    candidate_id: Mapped[UUID | None]
    against_id: Mapped[UUID | None]
    policy_code: Mapped[str]
    policy_version: Mapped[str]
    document: Mapped[dict[str, Any]]
    status: Mapped[ReplayStatus] = mapped_column(enum_column(ReplayStatus))
    orders: Mapped[int]
    done: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    changed: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    reached_id: Mapped[UUID | None]
    asked_at: Mapped[datetime]
    asked_by: Mapped[UUID]
    finished_at: Mapped[datetime | None]


class Compared:
    """What the payers bear, in minor units of `currency`, as it was and as it would be."""

    currency: Mapped[str]
    brand_before_minor: Mapped[int]
    brand_after_minor: Mapped[int]
    customer_before_minor: Mapped[int]
    customer_after_minor: Mapped[int]
    tenant_before_minor: Mapped[int]
    tenant_after_minor: Mapped[int]
    other_before_minor: Mapped[int]
    other_after_minor: Mapped[int]


class ReplayCell(TenantTable, Compared):
    """The sum of all replayed orders of a branch and model that went from a coverage to another.

    `model_id` is the nil UUID where the model is not known.
    """

    __tablename__ = "policy_replay_cell"
    __table_args__ = (tenant_key("replay_id", "policy_replay"),)

    replay_id: Mapped[UUID] = mapped_column(primary_key=True)
    branch_id: Mapped[UUID] = mapped_column(primary_key=True)
    model_id: Mapped[UUID] = mapped_column(primary_key=True)
    before: Mapped[Coverage] = mapped_column(enum_column(Coverage), primary_key=True)
    after: Mapped[Coverage] = mapped_column(enum_column(Coverage), primary_key=True)
    orders: Mapped[int]


class ReplayedOrder(TenantRow, Compared):
    """A replayed order for which the coverage changes, or what anybody bears."""

    __tablename__ = "policy_replay_order"
    __table_args__ = (
        UniqueConstraint("tenant_id", "replay_id", "order_id"),
        tenant_key("replay_id", "policy_replay"),
        tenant_key("order_id", "repair_order"),
    )

    replay_id: Mapped[UUID]
    order_id: Mapped[UUID]
    branch_id: Mapped[UUID]
    before: Mapped[Coverage] = mapped_column(enum_column(Coverage))
    after: Mapped[Coverage] = mapped_column(enum_column(Coverage))
