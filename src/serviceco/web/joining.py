"""The pages behind one-use links: joining a company or brand, and setting a new password."""

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.catalogues import LANGUAGES, known_language
from serviceco.core.refusals import Refusal
from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk
from serviceco.web.doors import Invitations
from serviceco.web.forms import Form
from serviceco.web.languages import ENDONYMS
from serviceco.web.refused import Refused, refused_by


class JoiningPages(Controller):
    """Whoever holds the link may read the page; nothing changes before the form is sent."""

    include_in_schema = False

    @get("/join/{token:str}", public=True)
    async def show(
        self,
        desk: NamedDependency[Desk],
        invitations: NamedDependency[Invitations],
        token: FromPath[str],
    ) -> Response[str]:
        """Show who invites, to what, and the form."""
        return await _invited(desk, invitations, token, None)

    @post("/join/{token:str}", public=True)
    async def join(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        invitations: NamedDependency[Invitations],
        request: PageRequest,
        token: FromPath[str],
    ) -> Response[str]:
        """Join, and go on to sign in."""
        language = form.text("language")
        try:
            await invitations.accept(
                token,
                name=form.text("name"),
                language=language if language in LANGUAGES else desk.language,
                password=_password(form),
                address=request.client.host if request.client else "",
            )
        except Refusal as refusal:
            refused = refused_by(refusal, desk.language)
            return await _invited(desk, invitations, token, form.refuse(refused))
        return desk.see("/sign-in", said="joined")

    @get("/password/{token:str}", public=True)
    async def show_reset(
        self,
        desk: NamedDependency[Desk],
        invitations: NamedDependency[Invitations],
        token: FromPath[str],
    ) -> Response[str]:
        """Show whose password it is, and the form."""
        return await _reset(desk, invitations, token, Form())

    @post("/password/{token:str}", public=True)
    async def reset(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        invitations: NamedDependency[Invitations],
        token: FromPath[str],
    ) -> Response[str]:
        """Set the password, and go on to sign in."""
        try:
            await invitations.reset(token, password=_password(form))
        except Refusal as refusal:
            form.refuse(refused_by(refusal, desk.language))
            return await _reset(desk, invitations, token, form)
        return desk.see("/sign-in", said="password_set")


async def _invited(
    desk: Desk, invitations: Invitations, token: str, form: Form | None
) -> Response[str]:
    try:
        invite = await invitations.find(token)
    except Refusal as refusal:
        return _ended(desk, refused_by(refusal, desk.language))
    shown = form or Form.holding(name=invite["name"], language=known_language(invite["language"]))
    languages = list(ENDONYMS.items())
    return desk.page("join.html", form=shown, invite=invite, token=token, languages=languages)


async def _reset(desk: Desk, invitations: Invitations, token: str, form: Form) -> Response[str]:
    try:
        email = await invitations.find_reset(token)
    except Refusal as refusal:
        return _ended(desk, refused_by(refusal, desk.language))
    return desk.page("password.html", form=form, email=email, token=token)


def _ended(desk: Desk, refused: Refused) -> Response[str]:
    return desk.answer("link_ended.html", status=410, sentence=refused.message)


def _password(form: Form) -> str:
    """Return the password as typed: blanks at its ends belong to it."""
    return (form.values.get("password") or [""])[-1]
