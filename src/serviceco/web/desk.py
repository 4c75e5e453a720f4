"""One person's place at one request: who acts, in which language, and the way to the house."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from litestar import Response
from litestar.datastructures import Cookie
from litestar.enums import MediaType

from serviceco.core.actor import Actor, Permission
from serviceco.core.catalogues import find_sentence, sentence
from serviceco.core.refusals import NotFound, NotPermitted, Refusal
from serviceco.web.connections import Renew
from serviceco.web.csrf import VISITOR_COOKIE
from serviceco.web.doors import Documents, SignInNeeded
from serviceco.web.forms import Form
from serviceco.web.navigation import NavLink, home_path, path_in_view, permitted_links
from serviceco.web.preferences import Preferences, lasting_cookie
from serviceco.web.refused import refused_by, refused_in
from serviceco.web.shells import BranchChoice, Shell
from serviceco.web.views import Views

SAID_COOKIE = "said"


@dataclass(slots=True, kw_only=True)
class Desk:
    """What a controller has in hand.

    `page_path` is where the person is looking: of a sent form, the page that it stood on.
    `region` is the id of the region that htmx will swap, None for a whole page. `by_script` is
    set where our own script sent the form and follows an `x-location` header by itself.
    `new_visitor` is the value of the cookie that a first-time visitor's form token is bound to.
    """

    actor: Actor | None
    language: str
    path: str
    page_path: str
    csrf: str
    https: bool
    renew: Renew
    views: Views
    documents: Documents
    shell: Shell
    preferences: Preferences
    branch_code: str
    new_visitor: str = ""
    region: str | None = None
    by_script: bool = False
    said: str = ""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def person(self) -> Actor:
        """The actor of a page that only signed-in people reach."""
        if self.actor is None:
            raise RuntimeError("a public page asked for the actor")
        return self.actor

    @property
    def nav(self) -> tuple[NavLink, ...]:
        """The permitted items of the navigation."""
        return permitted_links(self.actor, self.shell.brand_code) if self.actor else ()

    @property
    def nav_path(self) -> str:
        """The path of the navigation's item to which the page belongs."""
        return path_in_view(self.nav, self.path, self.branch_code)

    @property
    def home(self) -> str:
        """Where this person's day begins."""
        if self.actor is None:
            return "/sign-in"
        return home_path(self.actor, self.branch_code, self.shell.brand_code)

    def branch(self, code: str) -> BranchChoice:
        """Return the branch of that code among those the person works for.

        Raises:
            Refused: there is none; a branch out of scope does not exist for the person.
        """
        found = next((branch for branch in self.shell.branches if branch.code == code), None)
        if found is None:
            raise refused_by(NotFound("There is no such branch."), self.language)
        return found

    def require(self, permission: Permission) -> None:
        """Pass silently if the person holds the permission.

        Raises:
            Refused: they do not; a page of 403.
        """
        try:
            self.person.require(permission)
        except NotPermitted as refusal:
            raise refused_by(refusal, self.language) from refusal

    def in_language(self, language: str) -> "Desk":
        """Return the same desk with the pages in another language, e.g. the customer's."""
        return replace(self, language=language)

    def say(self, key: str, **facts: object) -> str:
        """Return a sentence of the catalogue in the reader's language."""
        return sentence(self.language, key, **facts)

    async def read(self, document: str, **variables: object) -> Mapping[str, Any]:
        """Run a query document of `graphql/operations`; return its data.

        Raises:
            Refused: the house said no, e.g. 404 for what this person may not see.
        """
        return await self._ask(document, variables)

    async def change(self, document: str, form: Form, **variables: object) -> Mapping[str, Any]:
        """Run a mutation document once per submitted form; return what it made.

        Raises:
            Refused: the trade's no; `form.refuse(refused)` puts its sentence beside the field.
        """
        data = await self._ask(document, {**variables, "idempotencyKey": form.idem})
        answer: Mapping[str, Any] = next(iter(data.values()))
        refused = refused_in(answer, self.language)
        if refused:
            raise refused
        return answer

    def found(self, row: Mapping[str, Any] | None) -> Mapping[str, Any]:
        """Return what a document found.

        Raises:
            Refused: it found nothing that this person may see; unhandled it is a page of 404.
        """
        if row is None:
            raise refused_by(NotFound("Not found."), self.language)
        return row

    def page(self, template: str, *, form: Form | None = None, **facts: Any) -> Response[str]:
        """Render a page: 422 with errors in its form, 409 after a clash; else what htmx asks for."""
        form = form or Form()
        status = 409 if form.theirs or form.is_late else 422 if form.errors else 200
        return self.answer(template, status=status, form=form, **facts)

    def answer(self, template: str, *, status: int, **facts: Any) -> Response[str]:
        """Render a template with this status."""
        region = self.region if status == 200 else None
        context = {"desk": self, "form": Form(), "status": status, **facts}
        body = self.views.render(self.language, template, region, context)
        headers = {"vary": "HX-Request, Cookie", "content-language": self.language}
        cookies = [self._said_cookie("", 0)] if self.said and region is None else []
        if self.new_visitor:
            visitor = lasting_cookie(VISITOR_COOKIE, self.new_visitor, https=self.https)
            cookies.append(visitor)
        return Response(
            body, status_code=status, media_type=MediaType.HTML, headers=headers, cookies=cookies
        )

    def see(self, path: str, *, said: str = "", **facts: object) -> Response[str]:
        """Answer a form: look at `path` next (303), where the sentence `said.{said}` greets."""
        location = quote(path, safe="/?&=%#:+,~")
        text = json.dumps([f"said.{said}", facts], ensure_ascii=False).encode() if said else b""
        cookies = [self._said_cookie(urlsafe_b64encode(text).decode(), 60)] if said else []
        status, name = (204, "x-location") if self.by_script else (303, "location")
        return Response(
            "",
            status_code=status,
            media_type=MediaType.TEXT,
            headers={name: location},
            cookies=cookies,
        )

    def lead(self, path: str) -> Response[str]:
        """Send the browser to `path`, also where htmx asked for a region only."""
        if self.region is None:
            return self.see(path)
        return Response("", media_type=MediaType.TEXT, headers={"hx-redirect": path})

    def greeting(self) -> str | None:
        """Return the sentence that the last form left for this page; a forged one says nothing."""
        try:
            key, facts = json.loads(urlsafe_b64decode(self.said or ""))
            known = isinstance(key, str) and key.startswith("said.") and isinstance(facts, dict)
            return find_sentence(self.language, key, **facts) if known else None
        except (ValueError, TypeError, KeyError):
            return None

    async def _ask(self, document: str, variables: Mapping[str, object]) -> Mapping[str, Any]:
        try:
            return await self._ask_as_of_now(document, variables)
        except Refusal as refusal:
            raise refused_by(refusal, self.language) from refusal

    async def _ask_as_of_now(
        self, document: str, variables: Mapping[str, object]
    ) -> Mapping[str, Any]:
        """Run a document; once more where the rights of the sign-in changed in between."""
        try:
            return await self.documents(self.person, document, variables)
        except SignInNeeded:
            self.actor = await self.renew()
            if self.actor is None:
                raise
        return await self.documents(self.actor, document, variables)

    def _said_cookie(self, value: str, seconds: int) -> Cookie:
        return Cookie(
            key=SAID_COOKIE,
            value=value,
            max_age=seconds,
            secure=self.https,
            httponly=True,
            samesite="lax",
        )
