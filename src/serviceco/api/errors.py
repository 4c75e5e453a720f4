"""What the GraphQL front answers instead of data, each with a stable code."""

import logging
from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy.exc import DBAPIError

from serviceco.core.ids import new_id
from serviceco.core.refusals import Conflict, InvalidInput, Refusal

_LOG = logging.getLogger(__name__)
Path = tuple[str | int, ...]
# Unique violation, serialisation failure, deadlock, lock timeout: somebody else was there first.
_CANCELLED = "57014"
_RACES = frozenset({"23505", "40001", "40P01", "55P03"})
# Data exception (a NUL letter, a number out of range), or a text too long for its index.
_NO_ROW_HOLDS = ("22", "54000")


class Rejection(Exception):  # noqa: N818 - it is the answer to a request, not a fault
    """Base of the errors that a client can mend; `path` holds response names where one is known."""

    code: ClassVar[str] = "BAD_REQUEST"
    status: ClassVar[int] = 400
    headers: tuple[tuple[bytes, bytes], ...] = ()

    def __init__(self, message: str, *, path: Path = ()) -> None:
        """Keep the sentence and the place in the document."""
        super().__init__(message)
        self.message = message
        self.path = path

    def entries(self) -> list[dict[str, object]]:
        """Return the members of the response's `errors`."""
        return [entry(self.message, code=self.code, path=self.path)]


class NotCompilable(Rejection):
    """The planner has no statement for this field here."""

    code = "NOT_COMPILABLE"


class Forbidden(Rejection):
    """The actor may not touch the field; the document is refused as a whole."""

    code = "FORBIDDEN"
    status = 403


class Unauthenticated(Rejection):
    """Nobody is signed in, or the sign-in has ended."""

    code = "UNAUTHENTICATED"
    status = 401


class InvalidArgument(Rejection):
    """A value that the declaration of the argument excludes: a page size, a cursor."""

    code = "INVALID_ARGUMENT"


class InvalidRequest(Rejection):
    """The HTTP request is not of the form that the front reads."""

    code = "INVALID_REQUEST"


class UnsupportedMediaType(Rejection):
    """The body is not declared as JSON, which browsers send across sites only after asking."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    status = 415


class BodyTooLarge(Rejection):
    """The body is longer than any document needs."""

    code = "BODY_TOO_LARGE"
    status = 413


class RateLimited(Rejection):
    """The account has asked for much in a short time; `Retry-After` says when it may go on."""

    code = "RATE_LIMITED"
    status = 429

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        """Keep the seconds to wait."""
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.headers = ((b"retry-after", b"%d" % retry_after_s),)

    def entries(self) -> list[dict[str, object]]:
        """Return the one error, which holds the seconds too."""
        extensions = {"code": self.code, "retryAfter": self.retry_after_s}
        return [{"message": self.message, "extensions": extensions}]


class TooSlow(Rejection):
    """The statement passed the time limit of the role."""

    code = "TOO_SLOW"


class LimitExceeded(Rejection):
    """The document or its variables pass one of the limits; the message names it."""

    code = "LIMIT_EXCEEDED"


class InvalidDocument(Rejection):
    """The document does not parse, or the schema does not hold what it asks."""

    code = "INVALID_DOCUMENT"

    def __init__(self, errors: Sequence[dict[str, object]]) -> None:
        """Keep graphql-core's errors in their wire form."""
        super().__init__(str(errors[0]["message"]))
        self.errors = list(errors)

    def entries(self) -> list[dict[str, object]]:
        """Return every error of the parser or the validation."""
        return self.errors


def entry(message: str, *, code: str, path: Path = (), **extensions: str) -> dict[str, object]:
    """Return one member of `errors` in the form of the GraphQL specification."""
    error: dict[str, object] = {"message": message}
    if path:
        error["path"] = list(path)
    error["extensions"] = {"code": code, **extensions}
    return error


def meaning_of(fault: DBAPIError) -> Refusal | Rejection | None:
    """Return what the database's error means to whoever asked; None where it is our fault."""
    state = str(getattr(fault.orig, "sqlstate", None) or "")
    if state == _CANCELLED:
        return TooSlow("A statement of this took longer than its limit. Nothing was changed.")
    if state in _RACES:
        return Conflict("Somebody else changed this at the same moment. Try again.")
    if state.startswith(_NO_ROW_HOLDS):
        return InvalidInput("An argument holds a value that no row could hold.")
    return None


def masked(fault: BaseException, *, path: Path = ()) -> dict[str, object]:
    """Log a fault once under an id, and return the entry that tells the client that id alone."""
    fault_id = str(new_id())
    _LOG.error("fault %s", fault_id, exc_info=fault)
    return entry("Something went wrong on our side.", code="INTERNAL", path=path, id=fault_id)
