"""Global tables of identity; only the role `serviceco_auth` reads them.

`Membership` names its tenant or brand without a foreign key: those rooms stand above this one.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, LargeBinary, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.storage.base import GlobalTable, Kind, LocalTable, Table


class Account(GlobalTable):
    """A person who can sign in. `version` moves with every change of rights or password."""

    __tablename__ = "account"

    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    language: Mapped[str] = mapped_column(default="en")
    is_active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    created_at: Mapped[datetime]


class Membership(GlobalTable):
    """What an account may be inside one tenant, or for one brand."""

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint("(tenant_id is null) <> (brand_id is null)", name="one_home"),
        Index("membership_account_id_idx", "account_id"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    tenant_id: Mapped[UUID | None]
    brand_id: Mapped[UUID | None]
    staff_id: Mapped[UUID | None]
    roles: Mapped[list[str]]
    branch_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    is_active: Mapped[bool] = mapped_column(default=True)


class SignIn(Table):
    """One signed-in browser. The token itself is in the cookie alone; here is its SHA-256."""

    __tablename__ = "sign_in"
    kind: ClassVar[Kind] = Kind.GLOBAL

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    membership_id: Mapped[UUID] = mapped_column(ForeignKey("membership.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    address: Mapped[str]
    agent: Mapped[str]


class MachineKey(GlobalTable):
    """An API key of one tenant for a machine; shown once, kept as its SHA-256."""

    __tablename__ = "machine_key"

    key_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    tenant_id: Mapped[UUID]
    name: Mapped[str]
    permissions: Mapped[list[str]]
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SignInFailure(LocalTable):
    """A wrong password; counted per account and per address to slow guessing down."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (Index("sign_in_failure_subject_at_idx", "subject", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[str]
    at: Mapped[datetime]
