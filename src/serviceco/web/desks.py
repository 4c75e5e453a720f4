"""Setting a desk for each request: who, which language, which branch, which region."""

import secrets
from dataclasses import replace
from functools import partial
from typing import TypedDict

from litestar.datastructures import URL
from litestar.handlers import BaseRouteHandler

from serviceco.core.actor import Actor, ActorKind
from serviceco.core.refusals import NotPermitted
from serviceco.web.connections import Connection, PageRequest, actor_of, renewed_actor
from serviceco.web.csrf import VISITOR_COOKIE, TokenMint
from serviceco.web.desk import SAID_COOKIE, Desk
from serviceco.web.doors import Documents, SignInNeeded
from serviceco.web.languages import language_of
from serviceco.web.preferences import preferences_of
from serviceco.web.refused import refused_by
from serviceco.web.shells import Shell, Shells
from serviceco.web.views import Views

BRANCH_COOKIE = "branch"


class Seen(TypedDict):
    """What of a request decides whether a kept frame will do."""

    branch: str
    is_setting_up: bool


_SUPPORT_PATHS = ("/support", "/me/preferences", "/me/token")


class DeskMaker:
    """Makes the desk of a request out of what the edge and the browser sent."""

    def __init__(self, *, documents: Documents, views: Views, mint: TokenMint, https: bool) -> None:
        """Keep the doors that every desk leads to."""
        self._documents = documents
        self._views = views
        self._mint = mint
        self._https = https
        self._shells = Shells(documents)

    async def desk(self, request: PageRequest) -> Desk:
        """Return the desk of this request."""
        actor = actor_of(request)
        seen: Seen = {
            "branch": str(request.path_params.get("branch", "")),
            "is_setting_up": request.url.path.startswith("/admin"),
        }
        try:
            shell = await self._shells.shell(actor, **seen)
        except SignInNeeded:
            actor = await renewed_actor(request)
            if actor is None:
                raise
            shell = await self._shells.shell(actor, **seen)
        return self._seat(request, actor, shell)

    def desk_at_once(self, request: PageRequest) -> Desk:
        """Return the desk of this request with the frame read before, or none."""
        actor = actor_of(request)
        return self._seat(request, actor, self._shells.kept(actor))

    def bare_desk(self, request: PageRequest) -> Desk:
        """Return a desk that reads nothing: for the page that says something is broken."""
        return self._seat(request, None, Shell())

    def _seat(self, request: PageRequest, actor: Actor | None, shell: Shell) -> Desk:
        known = request.cookies.get(VISITOR_COOKIE, "")
        visitor = known or secrets.token_urlsafe(24)
        language = language_of(request, actor)
        if actor is not None and actor.kind is ActorKind.CUSTOMER:
            # A link knows nobody's language; the house below answers in that of the page.
            actor = replace(actor, language=language)
        return Desk(
            actor=actor,
            language=language,
            path=request.url.path,
            page_path=_page_path(request),
            csrf=self._mint.token(actor, visitor),
            new_visitor="" if actor or known else visitor,
            https=self._https,
            renew=partial(renewed_actor, request),
            views=self._views,
            documents=self._documents,
            shell=shell,
            preferences=preferences_of(request),
            branch_code=_branch_code(request, shell),
            region=_region(request),
            by_script=request.headers.get("x-requested-with") == "serviceco",
            said=request.cookies.get(SAID_COOKIE, ""),
        )


def require_sign_in(connection: Connection, handler: BaseRouteHandler) -> None:
    """Guard every page but those declared with `public=True`; support has its own pages alone.

    Raises:
        SignInNeeded: nobody is signed in.
        Refused: support asks for a page of the company.
    """
    actor = actor_of(connection)
    if handler.opt.get("public"):
        return
    if actor is None:
        raise SignInNeeded
    path = connection.url.path
    if actor.kind is ActorKind.SUPPORT and not path.startswith(_SUPPORT_PATHS) and path != "/":
        refusal = NotPermitted("Support sees its own pages only.")
        raise refused_by(refusal, language_of(connection, actor))


def _branch_code(request: PageRequest, shell: Shell) -> str:
    """Return the branch at work: of the address, of the last choice, or the first of theirs."""
    codes = [branch.code for branch in shell.branches]
    for asked in (request.path_params.get("branch"), request.cookies.get(BRANCH_COOKIE)):
        if asked in codes:
            return str(asked)
    return codes[0] if codes else ""


def _page_path(request: PageRequest) -> str:
    """Return path and query of the page in view; a form's answer stands on the page it came from."""
    try:
        url = request.url if request.method == "GET" else URL(request.headers.get("referer", "/"))
    except ValueError:  # what a client may send as an address need not be one
        return "/"
    return f"{url.path}?{url.query}" if url.query else url.path


def _region(request: PageRequest) -> str | None:
    """Return the id of the region that htmx swaps; None when it restores a whole page."""
    if "hx-history-restore-request" in request.headers:
        return None
    return request.headers.get("hx-target")
