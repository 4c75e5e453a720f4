"""Refusals and values of identity."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from serviceco.core.refusals import Refusal


class WrongCredentials(Refusal):
    """The e-mail is unknown, the password is wrong, or the account is closed: all read alike."""

    code = "WRONG_CREDENTIALS"


class TooManyAttempts(Refusal):
    """Too many passwords were tried for this account or from this address; `wait_seconds` says how long."""

    code = "TOO_MANY_ATTEMPTS"


class NoMembership(Refusal):
    """The account belongs to no company and no brand, so there is nothing to sign in to."""

    code = "NO_MEMBERSHIP"


class SignInEnded(Refusal):
    """The sign-in or key expired, was ended, or lost rights since it was read."""

    code = "SIGN_IN_ENDED"


class EmailTaken(Refusal):
    """Another account signs in with this e-mail."""

    code = "EMAIL_TAKEN"


class WeakPassword(Refusal):
    """The password is shorter or longer than a password may be."""

    code = "WEAK_PASSWORD"


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSignIn:
    """A sign-in that lives, with the account and the membership behind it."""

    token_hash: bytes
    expires_at: datetime
    account_id: UUID
    version: int
    name: str
    language: str
    tenant_id: UUID | None
    brand_id: UUID | None
    staff_id: UUID | None
    roles: tuple[str, ...]
    branch_ids: frozenset[UUID] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveKey:
    """A machine key that lives."""

    key_hash: bytes
    expires_at: datetime
    key_id: UUID
    version: int
    name: str
    tenant_id: UUID
    permissions: tuple[str, ...]
