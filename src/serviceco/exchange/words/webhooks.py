"""The vocabulary of webhooks: what is told, how endpoints and deliveries stand, what is refused."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from serviceco.core.refusals import InvalidInput, Refusal
from serviceco.oversight.words import CASE_NEWS, CLAIM_NEWS

TEST = "webhook.test"
# The acts that an endpoint may ask for, which are topics of the outbox. Imported history is none.
KINDS = (
    "repair.received",
    "repair.quoted",
    "repair.approved",
    "repair.declined",
    "repair.quality_passed",
    "repair.handed_over",
    "repair.cancelled",
    "claim.submitted",
)
BRAND_KINDS = tuple(kind for kind in KINDS if kind in CASE_NEWS | CLAIM_NEWS)


class EndpointStatus(StrEnum):
    """Whether an endpoint is called. Only an active one is; `failing` paused itself."""

    ACTIVE = "active"
    PAUSED = "paused"
    FAILING = "failing"
    GONE = "gone"
    REMOVED = "removed"


class DeliveryStatus(StrEnum):
    """Where a delivery stands; what is `held` waits until somebody sends it."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    HELD = "held"


class CallFailure(StrEnum):
    """Why a call was no success."""

    STATUS = "status"
    REDIRECTED = "redirected"
    GONE = "gone"
    TIMEOUT = "timeout"
    CONNECTION = "connection"
    UNRESOLVED = "unresolved"
    ADDRESS_REFUSED = "address_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointGiven:
    """An endpoint as somebody asks for it."""

    url: str
    kinds: Collection[str]
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookCall:
    """One call to make: where to, with which headers, and the bytes that were signed."""

    tenant_id: UUID
    delivery_id: UUID
    endpoint_id: UUID
    url: str
    headers: dict[str, str]
    body: bytes
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallOutcome:
    """What came of a call; `answer` is the beginning of what the endpoint said."""

    duration_ms: int
    response_code: int | None = None
    answer: str = ""
    failure: CallFailure | None = None


class WrongWebhookUrl(InvalidInput):
    """The address is none that we would call."""

    code = "WRONG_WEBHOOK_URL"


class WrongWebhookSecret(InvalidInput):
    """The secret is not `whsec_` with 24 to 64 bytes in Base64."""

    code = "WRONG_WEBHOOK_SECRET"


class UnknownWebhookKind(InvalidInput):
    """No kind was chosen, or one that nobody can subscribe to."""

    code = "UNKNOWN_WEBHOOK_KIND"


class TooManyWebhooks(Refusal):
    """There are as many endpoints as a company or a brand may have."""

    code = "TOO_MANY_WEBHOOKS"


class WebhookOff(Refusal):
    """The endpoint is paused: it is called again once somebody resumes it."""

    code = "WEBHOOK_OFF"
