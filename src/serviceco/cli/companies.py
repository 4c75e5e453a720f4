"""`serviceco company …`, `serviceco brand …`, `serviceco invite`: who works with the system."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import click
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.cli.surroundings import database, read_settings
from serviceco.core.catalogues import LANGUAGES
from serviceco.core.ids import new_id
from serviceco.core.refusals import NotFound, NotPermitted, Refusal
from serviceco.identity.invitations import invite as invite_account
from serviceco.identity.rules import new_token
from serviceco.identity.words import Invited
from serviceco.ledger.operations import open_chart
from serviceco.storage.engines import Role as DatabaseRole
from serviceco.storage.engines import open_engine, role_url
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.queries import find_brand, find_tenant
from serviceco.tenancy.registration import register_brand, register_tenant
from serviceco.tenancy.rules import brand_operator, may_grant, system_actor
from serviceco.tenancy.staffing import invite_staff
from serviceco.tenancy.words import Company, Role, StaffGiven

_ROLES = [role.value for role in Role]


@dataclass(frozen=True, slots=True)
class Engines:
    """Connections as each role that these commands act as."""

    app: AsyncEngine
    admin: AsyncEngine
    auth: AsyncEngine


@click.group()
def company() -> None:
    """Take on repair companies."""


@company.command("open")
@click.argument("slug")
@click.option("--name", required=True, help="Name of the company.")
@click.option("--currency", required=True, help="ISO 4217, such as CNY.")
@click.option("--zone", required=True, help="IANA time zone, such as Asia/Shanghai.")
@click.option("--language", type=click.Choice(list(LANGUAGES)), required=True)
@click.option("--country", required=True, help="ISO 3166, such as CN.")
@click.option("--owner", "email", required=True, help="E-mail of the first owner.")
@click.option("--owner-name", required=True, help="Name of the first owner.")
def open_company(slug: str, email: str, owner_name: str, **facts: str) -> None:
    """Take on the company SLUG and print the link by which its first owner joins."""
    wanted = Company(**facts)
    given = StaffGiven(code="E01", name=owner_name, email=email, roles=frozenset({Role.OWNER}))
    _run(lambda engines: _open(engines, slug, wanted, given))


@click.group()
def brand() -> None:
    """Take on brands, which all companies share."""


@brand.command("add")
@click.argument("code")
@click.option("--name", required=True, help="Name in Latin letters.")
@click.option("--zh-hans", default="", help="Name in simplified Chinese.")
@click.option("--zh-hant", default="", help="Name in traditional Chinese.")
def add_brand(code: str, name: str, zh_hans: str, zh_hant: str) -> None:
    """Take on the brand CODE; a company then signs a contract with it."""
    names = {"en": name, "zh_hans": zh_hans or name, "zh_hant": zh_hant or zh_hans or name}

    async def add(engines: Engines) -> str:
        async with global_work(engines.admin) as session:
            await register_brand(session, _OPERATOR, code, name=name, names=names)
        return f"The brand {code} is registered."

    _run(add)


@click.command()
@click.argument("email")
@click.option("--tenant", "slug", help="Into this company …")
@click.option("--brand", "code", help="… or into this brand.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(_ROLES))
@click.option("--name", default="", help="Name; the person may write it otherwise on joining.")
@click.option("--code", "staff_code", default="", help="Staff number, in a company.")
def invite(
    email: str,
    slug: str | None,
    code: str | None,
    roles: tuple[str, ...],
    name: str,
    staff_code: str,
) -> None:
    """Invite EMAIL and print the link, which is shown this once."""
    if (slug is None) is (code is None):
        raise click.UsageError("Name a company by --tenant or a brand by --brand.")
    given = StaffGiven(
        code=staff_code, name=name, email=email, roles=frozenset(Role(role) for role in roles)
    )
    if code is not None:
        _run(lambda engines: _invite_to_brand(engines, code, given))
    elif slug is not None:
        _run(lambda engines: _invite_to_company(engines, slug, given))


async def _open(engines: Engines, slug: str, wanted: Company, owner: StaffGiven) -> str:
    now = datetime.now(UTC)
    operator = system_actor(new_id(), "operator")
    async with global_work(engines.admin) as session:
        await register_tenant(session, operator, slug, wanted, at=now)
    async with unit_of_work(engines.app, operator.tenant) as session:
        await open_chart(session, operator)
    return await _invite(engines, operator.tenant, owner, now)


async def _invite_to_company(engines: Engines, slug: str, given: StaffGiven) -> str:
    async with global_work(engines.auth) as session:
        tenant = await find_tenant(session, slug)
    if tenant is None:
        raise NotFound(f"There is no company {slug!r}.")
    return await _invite(engines, tenant.id, given, datetime.now(UTC))


async def _invite(engines: Engines, tenant_id: UUID, given: StaffGiven, now: datetime) -> str:
    token, operator = new_token(), system_actor(tenant_id, "operator")
    async with unit_of_work(engines.auth, tenant_id) as session:
        await invite_staff(session, operator, given, token=token, at=now)
    return _link(token)


async def _invite_to_brand(engines: Engines, code: str, given: StaffGiven) -> str:
    token = new_token()
    async with global_work(engines.auth) as session:
        found = await find_brand(session, code)
        if found is None:
            raise NotFound(f"There is no brand {code!r}.")
        operator = brand_operator(found.id, "operator")
        if not may_grant(operator, given.roles):
            raise NotPermitted("These are no roles of a brand.")
        roles = tuple(sorted(role.value for role in given.roles))
        invited = Invited(email=given.email, name=given.name, roles=roles)
        await invite_account(session, operator, invited, token=token, at=datetime.now(UTC))
    return _link(token)


def _link(token: str) -> str:
    return f"{read_settings().address}/join/{token}"


def _run(work: Callable[[Engines], Awaitable[str]]) -> None:
    with database(read_settings()) as url:
        try:
            click.echo(asyncio.run(_worked(url, work)))
        except Refusal as refusal:
            raise click.ClickException(refusal.message) from refusal


async def _worked(url: str, work: Callable[[Engines], Awaitable[str]]) -> str:
    async with _opened(url) as engines:
        return await work(engines)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Engines]:
    app, admin, auth = (
        open_engine(role_url(url, role), pool_size=1)
        for role in (DatabaseRole.APP, DatabaseRole.ADMIN, DatabaseRole.AUTH)
    )
    try:
        yield Engines(app, admin, auth)
    finally:
        for engine in (app, admin, auth):
            await engine.dispose()


# Brands belong to no company: whoever registers them acts for the system as a whole.
_OPERATOR = system_actor(UUID(int=0), "operator")
