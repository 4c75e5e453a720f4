"""The repair order and the daily sequence of its numbers."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.evidence.tables import Chained
from serviceco.policy.words import Coverage
from serviceco.repairs.words import Origin, Outcome, RepairStatus, ServiceMode
from serviceco.storage.base import TenantRow, TenantTable, enum_column, tenant_key

ZERO = text("0")


class RepairOrder(TenantRow, Chained):
    """One visit of one device to one branch; `number` is what staff and customers quote.

    `*_minor` are kept sums of the lines by payer in `currency`; `line_count` and the sums spare
    the board a count per row. `coverage` is undecided until the first decision, and stays so for
    imported history, where it was not recorded. `labour_minutes` are those worked; the standard
    ones stand on the lines.
    """

    __tablename__ = "repair_order"
    __table_args__ = (
        UniqueConstraint("tenant_id", "number"),
        UniqueConstraint("tenant_id", "imported_from", "imported_as"),
        tenant_key("branch_id", "branch"),
        tenant_key("customer_id", "customer"),
        tenant_key("device_id", "device"),
        tenant_key("contract_id", "contract"),
        tenant_key("policy_version_id", "policy_version"),
        tenant_key("owner_staff_id", "staff"),
        tenant_key("repaired_by_staff_id", "staff"),
        tenant_key("repeat_of_id", "repair_order"),
        CheckConstraint("version > 0", name="version"),
        Index(
            "repair_order_open_idx",
            "tenant_id",
            "branch_id",
            text("received_at desc"),
            text("id desc"),
            postgresql_where=text("closed_at is null"),
        ),
        Index("repair_order_device_idx", "tenant_id", "device_id", text("received_at desc")),
        Index("repair_order_customer_idx", "tenant_id", "customer_id", text("received_at desc")),
        Index("repair_order_closed_idx", "tenant_id", "branch_id", "closed_at"),
        Index("repair_order_received_idx", "tenant_id", text("received_at desc"), text("id desc")),
    )

    number: Mapped[str]
    branch_id: Mapped[UUID]
    customer_id: Mapped[UUID | None]
    device_id: Mapped[UUID]
    brand_id: Mapped[UUID | None] = mapped_column(ForeignKey("brand.id"))
    category_id: Mapped[UUID] = mapped_column(ForeignKey("category.id"))
    contract_id: Mapped[UUID | None]
    policy_version_id: Mapped[UUID | None]
    origin: Mapped[Origin] = mapped_column(enum_column(Origin))
    mode: Mapped[ServiceMode] = mapped_column(enum_column(ServiceMode))
    status: Mapped[RepairStatus] = mapped_column(enum_column(RepairStatus))
    coverage: Mapped[Coverage] = mapped_column(enum_column(Coverage))
    outcome: Mapped[Outcome | None] = mapped_column(enum_column(Outcome))
    symptom_codes: Mapped[list[str]]
    condition_codes: Mapped[list[str]]
    condition_note: Mapped[str] = mapped_column(default="")
    accessories: Mapped[list[str]]
    location: Mapped[str] = mapped_column(default="")
    fault_note: Mapped[str] = mapped_column(default="")
    remedy_note: Mapped[str] = mapped_column(default="")
    labour_minutes: Mapped[int | None]
    barrier: Mapped[str | None]
    owner_staff_id: Mapped[UUID | None]
    repaired_by_staff_id: Mapped[UUID | None]
    repeat_of_id: Mapped[UUID | None]
    repeat_days: Mapped[int | None]
    received_at: Mapped[datetime]
    promised_at: Mapped[datetime | None]
    diagnosed_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    released_at: Mapped[datetime | None]
    repaired_at: Mapped[datetime | None]
    ready_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    currency: Mapped[str]
    line_count: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    brand_minor: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    customer_minor: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    tenant_minor: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    other_minor: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    paid_minor: Mapped[int] = mapped_column(default=0, server_default=ZERO)
    imported_from: Mapped[str | None]
    imported_as: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))


class CustomerWords(TenantRow):
    """What the customer said, verbatim and never edited; erasable apart from the order.

    `id` is the order's id. The order's chain holds the commitment made with `salt`.
    """

    __tablename__ = "customer_words"
    __table_args__ = (tenant_key("id", "repair_order"),)

    words: Mapped[str]
    language: Mapped[str]
    salt: Mapped[bytes] = mapped_column(LargeBinary)


class OrderSequence(TenantTable):
    """The last number given on a day; its row lock makes the day's numbers gapless in order."""

    __tablename__ = "order_sequence"

    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]


class SearchKey(TenantTable):
    """A word by which an order is found; `is_personal` where only its customer's facts hold it.

    Words are compared as bytes, so that those which begin alike lie side by side in any locale.
    Words of an order that is not there find nothing, so no foreign key is paid for.
    """

    __tablename__ = "search_key"
    __table_args__ = (Index("search_key_order_idx", "tenant_id", "order_id"),)

    word: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    is_personal: Mapped[bool]


class IntakeDraft(TenantRow):
    """An intake that nobody has finished: the form as it was typed, values by the names of fields."""

    __tablename__ = "intake_draft"
    __table_args__ = (
        tenant_key("branch_id", "branch"),
        tenant_key("staff_id", "staff"),
        Index("intake_draft_saved_idx", "tenant_id", "branch_id", text("saved_at desc")),
    )

    branch_id: Mapped[UUID]
    staff_id: Mapped[UUID | None]
    fields: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
