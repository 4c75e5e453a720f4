"""How the company's people sign in: its identity providers, and of whom a second factor is asked."""

from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.refusals import Refusal
from serviceco.edge.doors import IdentityDoors
from serviceco.edge.gate import Visit
from serviceco.edge.sign_in_settings import ShownProvider
from serviceco.web.desk import Desk
from serviceco.web.forms import Form
from serviceco.web.refused import refused_by
from serviceco.web.sign_in_terms import RULES, form_of, terms_of

PAGE = "/admin/sign-in"


class SignInSettingsPages(Controller):
    """What an administrator says once; the operator confirms the domains of e-mail."""

    path = PAGE
    include_in_schema = False

    @get("/")
    async def show(
        self,
        desk: NamedDependency[Desk],
        identity: NamedDependency[IdentityDoors],
        visit: NamedDependency[Visit],
    ) -> Response[str]:
        """Show the providers and the rule of second factors."""
        try:
            settings = await identity.settings.show(visit, desk.person)
        except Refusal as refusal:
            raise refused_by(refusal, desk.language) from refusal
        return desk.page(
            "tenancy/sign_in_settings.html",
            form=Form.holding(factor_roles=sorted(settings.factor_roles)),
            providers=settings.providers,
            roles=await _roles(desk),
        )

    @post("/second-factor")
    async def require_factor(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        identity: NamedDependency[IdentityDoors],
    ) -> Response[str]:
        """Ask for a second factor of the ticked roles."""
        roles = [role.lower() for role in form.texts("factor_roles")]
        try:
            await identity.settings.require_factor(desk.person, roles)
        except Refusal as refusal:
            raise refused_by(refusal, desk.language) from refusal
        return desk.see(PAGE, said="sign_in_saved")

    @get("/new")
    async def compose(
        self,
        desk: NamedDependency[Desk],
        identity: NamedDependency[IdentityDoors],
        visit: NamedDependency[Visit],
    ) -> Response[str]:
        """Show the form of a new provider."""
        try:
            await identity.settings.show(visit, desk.person)
        except Refusal as refusal:
            raise refused_by(refusal, desk.language) from refusal
        return await _form(desk, form_of(None), None)

    @post("/")
    async def add(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        identity: NamedDependency[IdentityDoors],
    ) -> Response[str]:
        """Add a provider."""
        try:
            provider_id = await identity.settings.save(desk.person, terms_of(form))
        except Refusal as refusal:
            return await _form(desk, form.refuse(refused_by(refusal, desk.language)), None)
        return desk.see(f"{PAGE}/{provider_id}", said="sign_in_saved")

    @get("/{provider_id:uuid}")
    async def open(
        self,
        desk: NamedDependency[Desk],
        identity: NamedDependency[IdentityDoors],
        visit: NamedDependency[Visit],
        provider_id: FromPath[UUID],
    ) -> Response[str]:
        """Show one provider."""
        provider = await _found(desk, identity, visit, provider_id)
        return await _form(desk, form_of(provider), provider)

    @post("/{provider_id:uuid}")
    async def change(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        identity: NamedDependency[IdentityDoors],
        visit: NamedDependency[Visit],
        provider_id: FromPath[UUID],
    ) -> Response[str]:
        """Change a provider; switched off, it ends the sign-ins that came through it."""
        provider = await _found(desk, identity, visit, provider_id)
        try:
            await identity.settings.save(desk.person, terms_of(form), provider_id=provider_id)
        except Refusal as refusal:
            return await _form(desk, form.refuse(refused_by(refusal, desk.language)), provider)
        return desk.see(f"{PAGE}/{provider_id}", said="sign_in_saved")


async def _found(
    desk: Desk, identity: IdentityDoors, visit: Visit, provider_id: UUID
) -> ShownProvider:
    try:
        return await identity.settings.find(visit, desk.person, provider_id)
    except Refusal as refusal:
        raise refused_by(refusal, desk.language) from refusal


async def _form(desk: Desk, form: Form, provider: ShownProvider | None) -> Response[str]:
    return desk.page(
        "tenancy/provider.html",
        form=form,
        provider=provider,
        roles=await _roles(desk),
        branches=[(branch.id, branch.name) for branch in desk.shell.branches],
        rule_numbers=range(1, RULES + 1),
        address=f"{PAGE}/{provider.id}" if provider else PAGE,
    )


async def _roles(desk: Desk) -> list[tuple[str, str]]:
    """Return the roles of the company in words."""
    found = (await desk.read("RoleRights"))["roles"]
    return [
        (str(role["role"]).lower(), desk.say(f"role.{str(role['role']).lower()}")) for role in found
    ]
