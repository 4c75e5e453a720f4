"""A person's password, authenticator app and passkeys."""

from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.refusals import Refusal
from serviceco.edge.doors import IdentityDoors
from serviceco.edge.gate import Visit
from serviceco.web.desk import Desk
from serviceco.web.forms import Form
from serviceco.web.refused import refused_by
from serviceco.web.second_step import challenge_answer, refusal_answer
from serviceco.web.sides import BOTH, of_side
from serviceco.web.sign_in import with_cookie

PAGE = "/me/security"
APP = f"{PAGE}/app"
_FIELDS = ("current", "password", "passkey_name", "app_password", "passkey_password")


class OwnSecurityPages(Controller):
    """Every change asks for the password; what strengthens the sign-in renews its token."""

    path = PAGE
    opt = of_side(BOTH)
    include_in_schema = False

    @get("/")
    async def show(
        self, desk: NamedDependency[Desk], identity: NamedDependency[IdentityDoors]
    ) -> Response[str]:
        """Show what protects the account."""
        return await _page(desk, identity, _blank())

    @post("/password")
    async def change_password(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        identity: NamedDependency[IdentityDoors],
    ) -> Response[str]:
        """Replace the password; other browsers are signed out."""
        try:
            renewed = await identity.own_security.change_password(
                desk.person, current=form.text("current"), password=form.text("password")
            )
        except Refusal as refusal:
            return await _refused(desk, identity, refusal)
        return with_cookie(desk.see(PAGE, said="password_changed"), renewed.cookie)

    @post("/app")
    async def begin_app(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        identity: NamedDependency[IdentityDoors],
    ) -> Response[str]:
        """Begin to set up an authenticator app."""
        try:
            await identity.own_security.begin_app(desk.person, password=form.text("app_password"))
        except Refusal as refusal:
            return await _refused(desk, identity, refusal, "app_password")
        return desk.see(APP)

    @get("/app")
    async def show_app(
        self, desk: NamedDependency[Desk], identity: NamedDependency[IdentityDoors]
    ) -> Response[str]:
        """Show the QR code that the app reads, and ask for its first code."""
        return await _app_page(desk, identity, Form.holding(code=""))

    @post("/app/code")
    async def confirm_app(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        identity: NamedDependency[IdentityDoors],
    ) -> Response[str]:
        """Take the first code and show the recovery codes, this once."""
        try:
            renewed = await identity.own_security.confirm_app(desk.person, form.text("code"))
        except Refusal as refusal:
            return await _app_page(desk, identity, form.refuse(refused_by(refusal, desk.language)))
        answer = desk.page("recovery_codes.html", codes=renewed.codes, next_path=PAGE)
        return with_cookie(answer, renewed.cookie)

    @post("/app/removal")
    async def remove_app(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        identity: NamedDependency[IdentityDoors],
    ) -> Response[str]:
        """Forget the app and its recovery codes."""
        try:
            await identity.own_security.remove_app(desk.person, password=form.text("app_password"))
        except Refusal as refusal:
            return await _refused(desk, identity, refusal, "app_password")
        return desk.see(PAGE, said="app_removed")

    @post("/recovery-codes")
    async def renew_codes(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        identity: NamedDependency[IdentityDoors],
    ) -> Response[str]:
        """Show new recovery codes, this once."""
        try:
            codes = await identity.own_security.renew_codes(
                desk.person, password=form.text("app_password")
            )
        except Refusal as refusal:
            return await _refused(desk, identity, refusal, "app_password")
        return desk.page("recovery_codes.html", codes=codes, next_path=PAGE)

    @post("/passkeys/challenge")
    async def challenge(
        self,
        visit: NamedDependency[Visit],
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        identity: NamedDependency[IdentityDoors],
    ) -> Response[str]:
        """Tell the script what it needs to make a passkey."""
        password = form.text("passkey_password")
        try:
            return challenge_answer(
                await identity.own_security.passkey_challenge(visit, desk.person, password=password)
            )
        except Refusal as refusal:
            return refusal_answer(refusal, desk)

    @post("/passkeys")
    async def add_passkey(
        self,
        visit: NamedDependency[Visit],
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        identity: NamedDependency[IdentityDoors],
    ) -> Response[str]:
        """Keep the passkey that the browser made."""
        try:
            renewed = await identity.own_security.add_passkey(
                visit,
                desk.person,
                form.text("credential"),
                name=form.text("passkey_name"),
            )
        except Refusal as refusal:
            return await _refused(desk, identity, refusal)
        return with_cookie(desk.see(PAGE, said="passkey_added"), renewed.cookie)

    @post("/passkeys/{passkey_id:uuid}/removal")
    async def remove_passkey(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        identity: NamedDependency[IdentityDoors],
        passkey_id: FromPath[UUID],
    ) -> Response[str]:
        """Forget a passkey."""
        try:
            await identity.own_security.remove_passkey(
                desk.person, passkey_id, password=form.text("passkey_password")
            )
        except Refusal as refusal:
            return await _refused(desk, identity, refusal, "passkey_password")
        return desk.see(PAGE, said="passkey_removed")


def _blank() -> Form:
    return Form.holding(**dict.fromkeys(_FIELDS, ""))


async def _refused(
    desk: Desk, identity: IdentityDoors, refusal: Refusal, field: str = ""
) -> Response[str]:
    """Show the page again with the refusal beside its field; passwords are typed anew."""
    refused, form = refused_by(refusal, desk.language), _blank()
    form = form.refuse_in(refused, field) if field else form.refuse(refused)
    return await _page(desk, identity, form)


async def _page(desk: Desk, identity: IdentityDoors, form: Form) -> Response[str]:
    try:
        factors = await identity.own_security.factors(desk.person)
    except Refusal as refusal:
        raise refused_by(refusal, desk.language) from refusal
    return desk.page("identity/security.html", form=form, factors=factors)


async def _app_page(desk: Desk, identity: IdentityDoors, form: Form) -> Response[str]:
    try:
        uri = await identity.own_security.app_uri(desk.person)
    except Refusal as refusal:
        raise refused_by(refusal, desk.language) from refusal
    return desk.page("identity/app.html", form=form, uri=uri)
