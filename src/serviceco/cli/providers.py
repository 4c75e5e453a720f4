"""`serviceco provider …`: where the people of a company or brand sign in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import UUID

import click
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from serviceco.cli.surroundings import database, read_settings
from serviceco.core.actor import Actor
from serviceco.core.refusals import Refusal
from serviceco.identity.provider_tables import IdentityProvider, ProviderDomain
from serviceco.identity.provider_words import Admits, GroupRule, ProviderTerms
from serviceco.identity.providers import confirm_domain, list_providers
from serviceco.storage.engines import Role, derived_key, open_engine, role_url
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.queries import find_brand, find_tenant
from serviceco.tenancy.rules import brand_operator, system_actor
from serviceco.tenancy.sign_in_rules import save_provider


@click.group()
def provider() -> None:
    """Identity providers (OpenID Connect) of companies and brands."""


@provider.command()
@click.argument("name")
@click.option("--home", required=True, help="Short name of the company, or code of the brand.")
@click.option("--issuer", required=True, help="As the provider calls itself.")
@click.option("--client-id", required=True)
@click.option("--client-secret", envvar="CLIENT_SECRET", default="", help="Or CLIENT_SECRET.")
@click.option("--domain", "domains", multiple=True, help="E-mail domain that it speaks for.")
@click.option("--group", "groups", multiple=True, help="GROUP=ROLE; with one, the rule lets in.")
@click.option("--group-claim", default="groups", show_default=True)
@click.option("--default-role", "default_roles", multiple=True, help="Role without any group.")
def add(  # noqa: PLR0913 - one parameter for each option
    *,
    name: str,
    home: str,
    issuer: str,
    client_id: str,
    client_secret: str,
    domains: tuple[str, ...],
    groups: tuple[str, ...],
    group_claim: str,
    default_roles: tuple[str, ...],
) -> None:
    """Add a provider called NAME and confirm its domains; prints its id."""
    terms = ProviderTerms(
        name=name,
        issuer=issuer,
        client_id=client_id,
        client_secret=client_secret,
        domains=domains,
        admission=Admits.RULE if groups or default_roles else Admits.INVITED,
        group_claim=group_claim,
        group_rules=tuple(map(_rule, groups)),
        default_roles=default_roles,
    )
    with database(read_settings()) as url:
        provider_id = asyncio.run(_add(url, home, terms))
    click.echo(provider_id)
    click.echo(f"Register there: https://YOUR-HOST/sign-in/with/{provider_id}/return", err=True)


@provider.command()
@click.argument("domain")
@click.option("--home", required=True, help="Short name of the company, or code of the brand.")
def confirm(domain: str, home: str) -> None:
    """Confirm that the e-mail DOMAIN is that company's, so that its provider speaks for it."""
    with database(read_settings()) as url:
        name = asyncio.run(_confirm(url, home, domain))
    click.echo(f"{name} now speaks for {domain}.")


def _rule(text: str) -> GroupRule:
    group, equals, role = text.rpartition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not GROUP=ROLE.")
    return GroupRule(group=group, role=role)


async def _add(url: str, home: str, terms: ProviderTerms) -> UUID:
    key, at = derived_key(url, "identity"), datetime.now(UTC)
    async with _at(url, home) as (session, actor):
        made = await save_provider(session, actor, terms, key=key, at=at)
        for domain in terms.domains:
            await confirm_domain(session, actor, domain, provider_id=made.id, at=at)
        return made.id


async def _confirm(url: str, home: str, domain: str) -> str:
    async with _at(url, home) as (session, actor):
        providers = await list_providers(session, actor.home, active_only=True)
        ids = [each.id for each in providers]
        claimed = await session.scalar(
            select(ProviderDomain.provider_id).where(
                ProviderDomain.domain == domain, ProviderDomain.provider_id.in_(ids)
            )
        )
        if claimed is None:
            raise click.ClickException(f"No provider of {home} claims {domain}.")
        await confirm_domain(session, actor, domain, provider_id=claimed, at=datetime.now(UTC))
        return (await session.get_one(IdentityProvider, claimed)).name


@asynccontextmanager
async def _at(url: str, home: str) -> AsyncIterator[tuple[AsyncSession, Actor]]:
    """Give a unit of work and the operator of a company or brand; a refusal ends the command."""
    engine = open_engine(role_url(url, Role.AUTH), pool_size=1)
    try:
        actor = await _operator(engine, home)
        tenant_id = actor.tenant_id
        work = global_work(engine) if tenant_id is None else unit_of_work(engine, tenant_id)
        async with work as session:
            yield session, actor
    except Refusal as refusal:
        raise click.ClickException(refusal.message) from refusal
    finally:
        await engine.dispose()


async def _operator(engine: AsyncEngine, home: str) -> Actor:
    async with global_work(engine) as session:
        tenant, brand = await find_tenant(session, home), await find_brand(session, home)
    if tenant is not None:
        return system_actor(tenant.id, "operator")
    if brand is not None:
        return brand_operator(brand.id, "operator")
    raise click.ClickException(f"There is no company or brand {home!r}.")
