"""Signing in and out."""

from collections.abc import Sequence

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.enums import MediaType

from serviceco.core.refusals import Refusal
from serviceco.edge.gate import SecondStepNeeded
from serviceco.edge.provider_sign_ins import Way
from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk
from serviceco.web.doors import SignIns
from serviceco.web.forms import Form
from serviceco.web.refused import refused_by
from serviceco.web.sides import BOTH, of_side


class SignInPages(Controller):
    """The door of the staff pages, and of those of a brand."""

    opt = of_side(BOTH)

    @get("/sign-in", public=True)
    async def show(self, request: PageRequest, desk: NamedDependency[Desk]) -> Response[str]:
        """Show the form; `next` is where the person was going."""
        form = Form.holding(next=request.query_params.get("next", ""))
        return sign_in_page(desk, form)

    @post("/sign-in", public=True)
    async def sign_in(
        self,
        request: PageRequest,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        sign_ins: NamedDependency[SignIns],
    ) -> Response[str]:
        """Open a sign-in and go on; a wrong password says no more than that."""
        next_path = local_path(form.text("next"))
        try:
            cookie = await sign_ins.sign_in(
                email=form.text("email"),
                password=form.text("password"),
                address=request.client.host if request.client else "",
                agent=request.headers.get("user-agent", ""),
                next_path=next_path,
            )
        except SecondStepNeeded as step:
            return with_cookie(desk.see(step.path), step.cookie)
        except Refusal as refusal:
            form.refuse(refused_by(refusal, desk.language))
            return sign_in_page(desk, form)
        return with_cookie(desk.see(next_path), cookie)

    @post("/sign-out")
    async def sign_out(
        self, desk: NamedDependency[Desk], sign_ins: NamedDependency[SignIns]
    ) -> Response[str]:
        """End the sign-in."""
        return with_cookie(desk.see("/sign-in"), await sign_ins.sign_out(desk.person))

    @get("/me/token")
    async def token(self, desk: NamedDependency[Desk]) -> Response[str]:
        """Return the form token of this sign-in, for a page that outlived the one before."""
        return Response(desk.csrf, media_type=MediaType.TEXT)

    @get("/")
    async def home(self, desk: NamedDependency[Desk]) -> Response[str]:
        """Go where the person's day begins."""
        return desk.see(desk.home)


def sign_in_page(desk: Desk, form: Form, *, ways: Sequence[Way] = ()) -> Response[str]:
    """Return the sign-in page, with a button for each provider of a company."""
    return desk.page("sign_in.html", form=form, ways=ways)


def with_cookie(answer: Response[str], cookie: str) -> Response[str]:
    """Return the answer with a cookie as the edge wrote it."""
    answer.headers["set-cookie"] = cookie
    return answer


def local_path(path: str) -> str:
    """Return the path if it stays on this site, else the front door."""
    stays = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if stays else "/"
