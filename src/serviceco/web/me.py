"""A person's own choices: language, theme, density, shortcuts, branch at work."""

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency

from serviceco.core.catalogues import LANGUAGES
from serviceco.web.desk import Desk
from serviceco.web.desks import BRANCH_COOKIE
from serviceco.web.forms import Form
from serviceco.web.languages import LANGUAGE_COOKIE
from serviceco.web.preferences import CHOICES, lasting_cookie
from serviceco.web.sides import BOTH, of_side
from serviceco.web.sign_in import local_path


class MePages(Controller):
    """Choices are kept in this browser: a shared counter PC and a phone want different ones."""

    path = "/me"
    opt = of_side(BOTH)

    @get("/")
    async def show(self, desk: NamedDependency[Desk]) -> Response[str]:
        """Show who is signed in and what can be chosen."""
        return desk.page("me.html", choices=CHOICES)

    @post("/preferences", public=True)
    async def choose(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form]
    ) -> Response[str]:
        """Keep every known choice that the form names; go back to where it was made."""
        allowed = {**CHOICES, LANGUAGE_COOKIE: LANGUAGES}
        answer = desk.see(local_path(form.text("back")))
        for name, values in allowed.items():
            if form.text(name) in values:
                answer.cookies.append(lasting_cookie(name, form.text(name), https=desk.https))
        return answer

    @post("/branch")
    async def change_branch(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form]
    ) -> Response[str]:
        """Work at another of one's branches from now on."""
        branch = desk.branch(form.text("branch"))
        answer = desk.see(desk.home.replace(f"/b/{desk.branch_code}/", f"/b/{branch.code}/"))
        answer.cookies.append(lasting_cookie(BRANCH_COOKIE, branch.code, https=desk.https))
        return answer
