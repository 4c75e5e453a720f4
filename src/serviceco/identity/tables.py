"""Global tables of identity; only the role `serviceco_auth` reads them.

`Membership` names its tenant or brand without a foreign key: those rooms stand above this one.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    TableClause,
    Uuid,
    column,
    table,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.core.actor import ActorKind
from serviceco.evidence.tables import Chained
from serviceco.identity.words import Method, Purpose
from serviceco.storage.base import GlobalTable, Kind, LocalTable, Table, enum_column


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
        Index("membership_staff_idx", "tenant_id", "staff_id"),
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
    membership_id: Mapped[UUID] = mapped_column(ForeignKey("membership.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    address: Mapped[str]
    agent: Mapped[str]
    # Names the sign-in on a page, where its token's hash has no business.
    id: Mapped[UUID] = mapped_column(unique=True, server_default=text("gen_random_uuid()"))
    method: Mapped[Method] = mapped_column(enum_column(Method), server_default="password")
    # Whether more than a password was shown.
    is_strong: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    # The provider through which the person came; such a sign-in opens its home alone.
    provider_id: Mapped[UUID | None]
    seen_at: Mapped[datetime | None]


class MachineKey(GlobalTable, Chained):
    """An API key of one tenant or brand for a machine; shown once, kept as its SHA-256."""

    __tablename__ = "machine_key"
    __table_args__ = (
        CheckConstraint("(tenant_id is null) <> (brand_id is null)", name="one_home"),
    )

    key_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    tenant_id: Mapped[UUID | None]
    brand_id: Mapped[UUID | None]
    name: Mapped[str]
    permissions: Mapped[list[str]]
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class Invitation(GlobalTable):
    """Rights that wait for whoever opens its link: a company's, or (without one) a brand's.

    The token is in the link alone; here is its SHA-256. The account is made or joined when the
    link is opened, so that nobody takes an e-mail that is not theirs.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint("(tenant_id is null) <> (brand_id is null)", name="one_home"),
        Index("invitation_staff_idx", "tenant_id", "staff_id"),
    )

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    email: Mapped[str]
    name: Mapped[str]
    tenant_id: Mapped[UUID | None]
    brand_id: Mapped[UUID | None]
    staff_id: Mapped[UUID | None]
    roles: Mapped[list[str]]
    branch_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(Uuid))
    invited_by: Mapped[UUID]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class PasswordReset(GlobalTable):
    """Leave to set a new password once; the token is in the link alone, here is its SHA-256."""

    __tablename__ = "password_reset"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    asked_by: Mapped[UUID]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class CustomerLink(GlobalTable):
    """What opens one order to its customer, without an account.

    The token in the link holds `handle` and a mark that only the server's key makes
    (identity/links.py): a copy of this table opens nothing. `tenant_id` and `order_id` name rows
    of rooms above. It lasts until some time after the hand-over.
    """

    __tablename__ = "customer_link"
    __table_args__ = (
        Index("customer_link_number_idx", "number"),
        Index("customer_link_order_idx", "tenant_id", "order_id"),
    )

    handle: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    tenant_id: Mapped[UUID]
    order_id: Mapped[UUID]
    number: Mapped[str]
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Supporter(GlobalTable):
    """An account of the system's operator that may help companies; `ended_at` takes that back."""

    __tablename__ = "supporter"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), unique=True)
    granted_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SupportSession(GlobalTable):
    """A supporter's look at one company, half an hour at most, with its consent or for a ticket.

    `opening_hash` is that of the one-use link; `token_hash` that of the session, once begun.
    """

    __tablename__ = "support_session"
    __table_args__ = (Index("support_session_consent_idx", "tenant_id", "consent_id"),)

    opening_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    supporter_id: Mapped[UUID] = mapped_column(ForeignKey("supporter.id"))
    tenant_id: Mapped[UUID]
    consent_id: Mapped[UUID | None]
    consented_by: Mapped[str]
    ticket: Mapped[str]
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    created_at: Mapped[datetime]
    open_until: Mapped[datetime]
    begun_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class SignInThrottle(LocalTable):
    """Attempts to guess a password, per subject: a folded e-mail or a network address.

    One row a subject, so that its lock makes attempts at the same moment take turns.
    """

    __tablename__ = "sign_in_throttle"

    subject: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]


class PendingSignIn(LocalTable):
    """A sign-in under way, before there is a session; used once, by the browser that began it.

    The token is in that browser's cookie alone. What must not be guessed (state, nonce, verifier,
    challenge) derives from it and is stored nowhere.
    """

    __tablename__ = "pending_sign_in"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    purpose: Mapped[Purpose] = mapped_column(enum_column(Purpose))
    account_id: Mapped[UUID | None]
    # The account's version when its password was shown: a change since then undoes the proof.
    account_version: Mapped[int | None]
    provider_id: Mapped[UUID | None]
    next_path: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


def _lives(view: str) -> TableClause:
    return table(
        view,
        column("token_hash", LargeBinary),
        column("version", BigInteger),
        column("expires_at", DateTime(timezone=True)),
    )


# The views through which the application's role sees that a sign-in, key or token lives, and
# nothing else: everybody's, and those of the kinds of actor that read most.
LIVE_SIGN_IN = _lives("live_sign_in")
_LIVE_BY_KIND = {
    ActorKind.STAFF: _lives("live_member"),
    ActorKind.MACHINE: _lives("live_machine"),
}


def live_view(kind: ActorKind) -> TableClause:
    """Return the view of what lives in which an actor of this kind is found."""
    return _LIVE_BY_KIND.get(kind, LIVE_SIGN_IN)
