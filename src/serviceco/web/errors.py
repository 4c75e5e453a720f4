"""What a person reads when the answer is no, not here, or broken."""

from urllib.parse import quote

import structlog
from litestar import Response
from litestar.enums import MediaType
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from serviceco.api.errors import Unauthenticated
from serviceco.web.connections import PageRequest
from serviceco.web.csrf import ForgedForm
from serviceco.web.desks import DeskMaker
from serviceco.web.doors import SignInNeeded
from serviceco.web.refused import Refused

_LOG = structlog.get_logger()
# Below this path customers come by their link.
LINKS = "/c/"
# Statuses that have a page of their own; a wrong method reads like a wrong address.
_PAGES = {400: 400, 404: 404, 405: 404, 413: 413, 429: 429}


class ErrorPages:
    """Turns every exception that a page may end in into a page of the right status.

    Litestar calls these without awaiting, so they read nothing.
    """

    def __init__(self, desks: DeskMaker) -> None:
        """Keep the maker of desks: an error page has the shell and the language of its reader."""
        self._desks = desks

    def handlers(self) -> ExceptionHandlersMap:
        """Return the map for the router of the pages."""
        return {
            Refused: self.refused,
            ForgedForm: self.forged,
            SignInNeeded: self.sign_in_needed,
            Unauthenticated: self.sign_in_needed,
            HTTPException: self.http,
            Exception: self.broken,
        }

    def refused(self, request: PageRequest, refused: Refused) -> Response[str]:
        """Show a refusal that no form of the page answered."""
        desk = self._desks.desk_at_once(request)
        name = f"error.{refused.status}"
        return desk.answer("error.html", status=refused.status, name=name, detail=refused.message)

    def forged(self, request: PageRequest, _: ForgedForm) -> Response[str]:
        """Ask to load the page again: its form belongs to another sign-in."""
        desk = self._desks.desk_at_once(request)
        return desk.answer("error.html", status=403, name="error.forged", detail="")

    def sign_in_needed(self, request: PageRequest, _: Exception) -> Response[str]:
        """Send a visitor to the sign-in page and back; tell a script 401, so that it asks in place.

        A customer has no sign-in: their link has ended.
        """
        if request.url.path.startswith(LINKS):
            return self._desks.bare_desk(request).answer("portal/gone.html", status=404)
        if request.headers.get("x-requested-with") or request.headers.get("hx-request"):
            return Response("", status_code=401, media_type=MediaType.TEXT)
        target = request.url.path if request.method == "GET" else "/"
        location = f"/sign-in?next={quote(target)}"
        return Response(
            "", status_code=303, media_type=MediaType.TEXT, headers={"location": location}
        )

    def http(self, request: PageRequest, error: HTTPException) -> Response[str]:
        """Show what the framework refused: an unknown address, a malformed request."""
        if error.status_code not in _PAGES:
            return self.broken(request, error)
        desk = self._desks.desk_at_once(request)
        name = f"error.{_PAGES[error.status_code]}"
        return desk.answer("error.html", status=error.status_code, name=name, detail="")

    def broken(self, request: PageRequest, fault: Exception) -> Response[str]:
        """Log a fault once and say so, without leaning on anything that may be the cause."""
        _LOG.error("page.fault", path=request.url.path, exc_info=fault)
        desk = self._desks.bare_desk(request)
        return desk.answer("error.html", status=500, name="error.500", detail="")
