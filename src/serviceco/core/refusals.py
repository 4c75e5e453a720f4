"""Refusals: requests that the trade understood and declined."""

from typing import ClassVar


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """Base of every expected "no".

    `code` is public, stable and SCREAMING_SNAKE: fronts translate the sentence by it.
    `field` names the input that staff should mend, where one can be named.
    `facts` fill the placeholders of the translated sentence.
    """

    code: ClassVar[str] = "REFUSED"

    def __init__(self, message: str, *, field: str | None = None, **facts: object) -> None:
        """Keep the English sentence; other languages are found by `code` and `facts`."""
        super().__init__(message)
        self.message = message
        self.field = field
        self.facts = facts


class NotPermitted(Refusal):
    """The actor's role lacks the permission."""

    code = "NOT_PERMITTED"


class NotFound(Refusal):
    """No such row is visible to this actor; an unknown id and a hidden one read alike."""

    code = "NOT_FOUND"


class InvalidInput(Refusal):
    """A value that no rule of the trade could accept."""

    code = "INVALID_INPUT"


class Conflict(Refusal):
    """Somebody else changed the row since the actor read it."""

    code = "CONFLICT"


class KeyReused(Refusal):
    """The idempotency key was used before with another request."""

    code = "IDEMPOTENCY_KEY_REUSED"


class TooBusy(Refusal):
    """More work of this kind is at hand than the server takes on; the same request may come again."""

    code = "TOO_BUSY"
