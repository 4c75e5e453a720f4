"""The way of the pages to the API: a document by its name, run in this process as the actor."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from serviceco.api.documents import Documents
from serviceco.api.errors import Rejection, Unauthenticated
from serviceco.api.live import Live
from serviceco.api.service import Api
from serviceco.api.watching import WatchEnded
from serviceco.core.actor import Actor
from serviceco.core.refusals import InvalidInput, NotPermitted, Refusal
from serviceco.web.doors import SignInNeeded

QUIET_SECONDS = 25.0
# What only a wrong document of ours, or a broken house, can bring about. The documents are
# checked against the schema in a test, so what does not fit it is what somebody sent: an option
# that no list offers, a number too large, a thousand boxes.
_MISFITS = frozenset({"INVALID_ARGUMENT", "INVALID_DOCUMENT", "LIMIT_EXCEEDED"})
_FAULTS = frozenset(
    {
        "BAD_REQUEST",
        "INTERNAL",
        "INVALID_REQUEST",
        "MISSING",
        "NOT_COMPILABLE",
        "TOO_SLOW",
    }
)


class DocumentFault(Exception):  # noqa: N818 - the name says whose fault it is
    """The API could not answer one of our own documents: a fault of ours, shown as such."""


class Declined(Refusal):
    """A refusal as the API told it: code, sentence and field."""

    def __init__(self, code: str, message: str, field: str | None) -> None:
        """Keep the code beside what every refusal has."""
        super().__init__(message, field=field)
        self.code = code  # type: ignore[misc]  # the API's codes are values, not classes


class ApiDocuments:
    """Implements `doors.Documents` over the API."""

    def __init__(self, api: Api, known: Documents) -> None:
        """Take the API and the documents of `graphql/operations`."""
        self._api = api
        self._known = known

    async def __call__(
        self, actor: Actor, document: str, variables: Mapping[str, object]
    ) -> Mapping[str, Any]:
        """Return the document's data.

        Raises:
            Refusal: the API says no.
            SignInNeeded: the sign-in ended since the edge looked.
            DocumentFault: the API failed; it has logged why.
        """
        text = self._known.text(document)
        try:
            answer = await self._api.execute(actor, text, variables)
        except Unauthenticated:
            raise SignInNeeded from None
        errors = answer.get("errors")
        if errors:
            raise _raised(document, errors[0])
        data: Mapping[str, Any] = answer["data"]
        return data


class LiveChanges:
    """Implements `doors.Changes` over the API's live updates."""

    def __init__(self, live: Live, known: Documents) -> None:
        """Take the door to live updates and the documents of `graphql/operations`."""
        self._live = live
        self._known = known

    async def __call__(
        self, actor: Actor, document: str, variables: Mapping[str, object]
    ) -> AsyncIterator[str]:
        """Give each answer of a subscription until it ends, an empty one when nothing happens.

        Raises:
            Refusal: the API says no.
        """
        try:
            with self._live.connection(actor) as connection:
                feed = await self._live.subscribe(connection, self._known.text(document), variables)
                while True:
                    yield (await feed.next(QUIET_SECONDS) or b"").decode()
        except (WatchEnded, Unauthenticated):
            return
        except Rejection as rejection:
            raise _raised(document, rejection.entries()[0]) from None


def _raised(document: str, error: Mapping[str, Any]) -> Exception:
    code = error["extensions"]["code"] if "extensions" in error else "INVALID_DOCUMENT"
    if code == "FORBIDDEN":
        return NotPermitted(error["message"])
    if code in _MISFITS:
        return InvalidInput(error["message"])
    if code in _FAULTS:
        return DocumentFault(f"{document}: {code}: {error['message']}")
    return Declined(code, error["message"], error["extensions"].get("field"))
