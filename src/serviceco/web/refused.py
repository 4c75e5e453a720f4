"""Refusals as the pages meet them: a sentence in the reader's language and an HTTP status."""

from collections.abc import Mapping
from typing import Any

from serviceco.core.catalogues import refusal_words
from serviceco.core.refusals import Refusal

# Everything else is a rule of the trade that the form can answer: 422.
_STATUSES = {
    "NOT_FOUND": 404,
    "NOT_PERMITTED": 403,
    "CONFLICT": 409,
    "ORDER_CHANGED": 409,
    "IDEMPOTENCY_KEY_REUSED": 409,
    "RATE_LIMITED": 429,
    "TOO_BUSY": 503,
}


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """The house said no; pages catch it to show a form again, others get a page of its status."""

    def __init__(self, code: str, message: str, field: str | None, facts: dict[str, Any]) -> None:
        """Keep the code, the translated sentence, the field it names and the facts."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field
        self.facts = facts
        self.status = _STATUSES.get(code, 422)


def refused_by(refusal: Refusal, language: str) -> Refused:
    """Return what the pages show for a refusal that was raised."""
    message = refusal_words(language, refusal.code, refusal.message, refusal.facts)
    return Refused(refusal.code, message, refusal.field, refusal.facts)


def refused_in(answer: Mapping[str, Any], language: str) -> Refused | None:
    """Return what the pages show for a mutation's answer that is a refusal, else None."""
    if "code" not in answer or not str(answer.get("__typename", "")).endswith("Refusal"):
        return None
    facts = dict(answer.get("facts") or {})
    message = refusal_words(language, answer["code"], answer.get("message", ""), facts)
    return Refused(answer["code"], message, answer.get("field"), facts)
