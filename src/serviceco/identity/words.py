"""Refusals and values of identity."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
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


class InvalidEmail(Refusal):
    """What was typed has not the form of an e-mail address."""

    code = "INVALID_EMAIL"


class LinkEnded(Refusal):
    """The link is unknown, was used or withdrawn, or has run out: all read alike."""

    code = "LINK_ENDED"


class WorksElsewhere(Refusal):
    """The account belongs to other companies or brands too, whose door its password opens."""

    code = "WORKS_ELSEWHERE"


class WeakPassword(Refusal):
    """The password is shorter or longer than a password may be."""

    code = "WEAK_PASSWORD"


class PendingEnded(Refusal):
    """The sign-in that was under way is used, expired, or of another browser."""

    code = "SIGN_IN_BEGUN_ENDED"


class WrongCode(Refusal):
    """The code of the second factor is wrong, expired, or was used before."""

    code = "WRONG_CODE"


class WrongPasskey(Refusal):
    """The passkey is unknown, belongs to somebody else, or its answer does not verify."""

    code = "WRONG_PASSKEY"


class SecondFactorNeeded(Refusal):
    """The company asks its people of this role for a second factor."""

    code = "SECOND_FACTOR_NEEDED"


class FactorExists(Refusal):
    """The account has an authenticator app already."""

    code = "FACTOR_EXISTS"


class KeptByProvider(Refusal):
    """The person signed in through their company's provider, which keeps their credentials."""

    code = "KEPT_BY_PROVIDER"


class Purpose(StrEnum):
    """What a sign-in that is under way waits for."""

    PROVIDER = "provider"
    SECOND_FACTOR = "second_factor"
    ENROLMENT = "enrolment"
    PASSKEY = "passkey"
    NEW_PASSKEY = "new_passkey"


class Method(StrEnum):
    """How a person proved who they are."""

    PASSWORD = "password"  # noqa: S105 - the name of a method
    PASSKEY = "passkey"
    PROVIDER = "provider"


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """From where somebody signs in: the network address, and what the browser calls itself."""

    address: str
    agent: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """Who is invited to be what; `branch_ids` None is every branch."""

    email: str
    name: str
    roles: tuple[str, ...]
    branch_ids: frozenset[UUID] | None = None
    staff_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """What somebody without an account says when they open an invitation."""

    name: str
    language: str
    password_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What a person of a tenant may do, or is invited to do until `invited_until`.

    `email` is empty and `account_id` None for somebody who has never been invited.
    """

    staff_id: UUID
    account_id: UUID | None
    email: str
    roles: tuple[str, ...]
    branch_ids: frozenset[UUID] | None
    last_signed_in_at: datetime | None = None
    invited_until: datetime | None = None


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
    seen_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveKey:
    """A machine key, or a machine's access token, that lives; `key_id` is the client's of a token."""

    key_hash: bytes
    expires_at: datetime
    key_id: UUID
    version: int
    name: str
    tenant_id: UUID | None
    brand_id: UUID | None = None
    permissions: tuple[str, ...]


class TokenRefused(Exception):  # noqa: N818 - an answer of the protocol, not a fault
    """A request for or about a token that is declined, by the codes of RFC 6749, 5.2.

    Programs read it, by its code and in English, so it is no refusal of the trade.
    """

    def __init__(self, error: str, description: str) -> None:
        """Keep the protocol's code and a sentence for the author of the program."""
        super().__init__(description)
        self.error = error
        self.description = description
