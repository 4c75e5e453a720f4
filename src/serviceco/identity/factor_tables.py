"""Second factors of accounts; only the role `serviceco_auth` reads them."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.storage.base import GlobalTable, Kind, Table


class Totp(Table):
    """The authenticator app of an account; it counts once `confirmed_at` is set.

    `secret` is sealed. `last_step` is the latest step of 30 seconds whose code was taken, so that
    no code is taken twice.
    """

    __tablename__ = "totp"
    kind: ClassVar[Kind] = Kind.GLOBAL

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    secret: Mapped[str]
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)


class RecoveryCode(Table):
    """A code for the day on which the phone is lost: shown once, used once, kept as its SHA-256."""

    __tablename__ = "recovery_code"
    kind: ClassVar[Kind] = Kind.GLOBAL

    code_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Passkey(GlobalTable):
    """A WebAuthn credential; `public_key` is COSE, `sign_count` the authenticator's last count."""

    __tablename__ = "passkey"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int]
    name: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInRule(GlobalTable):
    """What a company or brand (`id`) asks of its people: a second factor of these roles."""

    __tablename__ = "sign_in_rule"

    second_factor_roles: Mapped[list[str]]
