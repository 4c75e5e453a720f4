"""Signing in through the provider of one's company."""

from urllib.parse import quote
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.refusals import Refusal
from serviceco.edge.doors import IdentityDoors
from serviceco.edge.gate import Visit
from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk
from serviceco.web.forms import Form
from serviceco.web.refused import refused_by
from serviceco.web.sign_in import local_path, sign_in_page, with_cookie

_ANSWER = ("code", "state", "iss", "error")


class ProviderSignInPages(Controller):
    """The way out to a provider and back.

    No form leads out: browsers hold the redirects that follow a form to our own site.
    """

    include_in_schema = False

    @get("/sign-in/at/{home:str}", public=True)
    async def show(
        self,
        request: PageRequest,
        desk: NamedDependency[Desk],
        identity: NamedDependency[IdentityDoors],
        home: FromPath[str],
    ) -> Response[str]:
        """Show a company's own sign-in page: a button for each of its providers."""
        form = Form.holding(next=request.query_params.get("next", ""), email="")
        return sign_in_page(desk, form, ways=await identity.providers.ways(home))

    @post("/sign-in/company", public=True)
    async def find(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        identity: NamedDependency[IdentityDoors],
    ) -> Response[str]:
        """Find the provider of an e-mail address, and lead there."""
        way = await identity.providers.way_of(form.text("email"))
        if way is None:
            form.errors["email"] = desk.say("sign_in.no_company")
            return sign_in_page(desk, form)
        next_path = quote(local_path(form.text("next")), safe="")
        onward = f"?next={next_path}&hint={quote(form.text('email'), safe='')}"
        place = f"/sign-in/with/{way.id}"
        return desk.see(f"{place}/go{onward}" if desk.by_script else f"{place}{onward}")

    @get("/sign-in/with/{provider_id:uuid}", public=True)
    async def confirm(
        self, request: PageRequest, desk: NamedDependency[Desk], provider_id: FromPath[UUID]
    ) -> Response[str]:
        """Lead on from a page of its own, which ends the chain of a form's redirects."""
        query = f"?{request.url.query}" if request.url.query else ""
        return desk.page("leaving.html", path=f"/sign-in/with/{provider_id}/go{query}")

    @get("/sign-in/with/{provider_id:uuid}/go", public=True)
    async def leave(
        self,
        request: PageRequest,
        desk: NamedDependency[Desk],
        identity: NamedDependency[IdentityDoors],
        visit: NamedDependency[Visit],
        provider_id: FromPath[UUID],
    ) -> Response[str]:
        """Send the browser to the provider."""
        query = request.query_params
        next_path = local_path(query.get("next", ""))
        try:
            leave = await identity.providers.begin(
                visit, provider_id, next_path=next_path, hint=query.get("hint", "")
            )
        except Refusal as refusal:
            return _refused(desk, refusal, next_path)
        answer = Response("", status_code=303, headers={"location": leave.url})
        return with_cookie(answer, leave.cookie)

    @get("/sign-in/with/{provider_id:uuid}/return", public=True)
    async def come_back(
        self,
        request: PageRequest,
        desk: NamedDependency[Desk],
        identity: NamedDependency[IdentityDoors],
        visit: NamedDependency[Visit],
        provider_id: FromPath[UUID],
    ) -> Response[str]:
        """Take the provider's answer and go where the person was going."""
        query = request.query_params
        given = {name: query[name] for name in _ANSWER if name in query}
        try:
            opened = await identity.providers.finish(visit, provider_id, given)
        except Refusal as refusal:
            return _refused(desk, refusal, "")
        return with_cookie(desk.see(local_path(opened.next_path)), opened.cookie)


def _refused(desk: Desk, refusal: Refusal, next_path: str) -> Response[str]:
    form = Form.holding(next=next_path, email="")
    return sign_in_page(desk, form.refuse(refused_by(refusal, desk.language)))
