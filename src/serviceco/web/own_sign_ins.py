"""Where a person is signed in, and signing out elsewhere."""

from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.refusals import Refusal
from serviceco.edge.doors import IdentityDoors
from serviceco.web.browsers import browser_name
from serviceco.web.desk import Desk
from serviceco.web.refused import refused_by
from serviceco.web.sides import BOTH, of_side

PAGE = "/me/sign-ins"


class OwnSignInPages(Controller):
    """A person's sign-ins; ending one acts on its next request."""

    path = PAGE
    opt = of_side(BOTH)
    include_in_schema = False

    @get("/")
    async def show(
        self, desk: NamedDependency[Desk], identity: NamedDependency[IdentityDoors]
    ) -> Response[str]:
        """List the sign-ins that live, the present one marked."""
        sign_ins = [
            (sign_in, browser_name(sign_in.agent))
            for sign_in in await identity.own_security.sign_ins(desk.person)
        ]
        return desk.page("identity/sign_ins.html", sign_ins=sign_ins)

    @post("/others/end")
    async def end_others(
        self, desk: NamedDependency[Desk], identity: NamedDependency[IdentityDoors]
    ) -> Response[str]:
        """Sign out everywhere but here."""
        await identity.own_security.end_others(desk.person)
        return desk.see(PAGE, said="signed_out_elsewhere")

    @post("/{sign_in_id:uuid}/end")
    async def end(
        self,
        desk: NamedDependency[Desk],
        identity: NamedDependency[IdentityDoors],
        sign_in_id: FromPath[UUID],
    ) -> Response[str]:
        """Sign out of one browser elsewhere."""
        try:
            await identity.own_security.end(desk.person, sign_in_id)
        except Refusal as refusal:
            raise refused_by(refusal, desk.language) from refusal
        return desk.see(PAGE, said="signed_out_elsewhere")
