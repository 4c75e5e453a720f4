"""The vocabulary of privacy: acts that are shown, grounds, periods, and refusals."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from serviceco.core.refusals import Refusal


class AuditAct(StrEnum):
    """What the company is shown of dealings with people's data."""

    REVEALED = "revealed"
    EXPORTED = "exported"
    ERASED = "erased"
    RETENTION_SET = "retention_set"
    CONSENT_GIVEN = "consent_given"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    SUPPORT_BEGUN = "support_begun"


class Ground(StrEnum):
    """Why a person is erased."""

    REQUEST = "request"
    MISTAKE = "mistake"
    RETENTION = "retention"


class Kept(StrEnum):
    """What a company keeps for a period of its own choice."""

    CUSTOMERS = "customers"
    PHOTOS = "photos"
    WORDS = "words"
    SIGN_INS = "sign_ins"


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """A customer as whoever answers for privacy sees them."""

    id: UUID
    name: str
    phone: str
    created_at: datetime
    erased_at: datetime | None


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """How many rows of a table tell of a person."""

    table: str
    rows: int


class OrderStillOpen(Refusal):
    """The person's device is still here; `number` names the order."""

    code = "ORDER_STILL_OPEN"


class ClaimUnsettled(Refusal):
    """A brand may still ask for the evidence of a claim; `number` names the order."""

    code = "CLAIM_UNSETTLED"


class ReasonMissing(Refusal):
    """Whoever looks at a person's data says why."""

    code = "REASON_MISSING"


class TooManyReveals(Refusal):
    """The account has revealed as many customers as it may within an hour."""

    code = "TOO_MANY_REVEALS"


class AlreadyErased(Refusal):
    """Nothing is left of the person to show."""

    code = "ALREADY_ERASED"


class ExportExpired(Refusal):
    """An export is fetched by whoever made it, within minutes."""

    code = "EXPORT_EXPIRED"


class ConsentNeeded(Refusal):
    """Support looks at a company with its consent or for a ticket, and has neither."""

    code = "CONSENT_NEEDED"
