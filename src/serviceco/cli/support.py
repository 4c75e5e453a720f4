"""`serviceco support …`: who of the operator may help companies, and the links that let them in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import click
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.cli.surroundings import database, read_settings
from serviceco.core.refusals import Refusal
from serviceco.identity.support import (
    end_supporter,
    get_supporter,
    grant_supporter,
    open_session,
)
from serviceco.privacy.support import find_consent
from serviceco.storage.engines import Role, open_engine, role_url
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.tables import Tenant


@click.group()
def support() -> None:
    """Let people of the operator help companies."""


@support.command()
@click.argument("email")
@click.option("--name", required=True, help="The person's name, as companies will read it.")
@click.option("--language", default="en", show_default=True, help="BCP 47 tag.")
def grant(email: str, name: str, language: str) -> None:
    """Let EMAIL help companies; they have no password, a link lets them in."""
    with database(read_settings()) as url:
        asyncio.run(_grant(url, email, name, language))
    click.echo(f"{email} is on support.")


@support.command()
@click.argument("email")
def end(email: str) -> None:
    """Take EMAIL off support; what they look at ends with their next request."""
    with database(read_settings()) as url:
        asyncio.run(_end(url, email))
    click.echo(f"{email} is off support.")


@support.command("open")
@click.argument("email")
@click.option("--tenant", "slug", required=True, help="The company to look at.")
@click.option(
    "--ticket", default="", help="Number of the ticket, where the company did not consent."
)
@click.option("--address", default="http://127.0.0.1:8000", show_default=True)
def open_(email: str, slug: str, ticket: str, address: str) -> None:
    """Print a link that lets EMAIL look at a company's orders once, for half an hour.

    It needs the company's consent, given on its page of support access, or a ticket.
    """
    with database(read_settings()) as url:
        token = asyncio.run(_open(url, email, slug, ticket.strip()))
    click.echo(f"{address.rstrip('/')}/support/begin/{token}")
    click.echo("The link works once, within ten minutes.", err=True)


async def _grant(url: str, email: str, name: str, language: str) -> None:
    async with _engine(url, Role.AUTH) as auth, global_work(auth) as session:
        await grant_supporter(session, email, name=name, language=language, at=datetime.now(UTC))


async def _end(url: str, email: str) -> None:
    async with _engine(url, Role.AUTH) as auth, global_work(auth) as session:
        await end_supporter(session, email, at=datetime.now(UTC))


async def _open(url: str, email: str, slug: str, ticket: str) -> str:
    at = datetime.now(UTC)
    async with _engine(url, Role.AUTH) as auth, _engine(url, Role.APP) as app:
        async with global_work(auth) as session:
            tenant_id = await session.scalar(select(Tenant.id).where(Tenant.slug == slug))
        if tenant_id is None:
            raise click.ClickException(f"There is no company {slug!r}.")
        async with unit_of_work(app, tenant_id) as session:
            consent = await find_consent(session, at=at)
        if consent is None and not ticket:
            raise click.ClickException("The company has not consented; name a ticket.")
        async with global_work(auth) as session:
            return await open_session(
                session,
                await get_supporter(session, email),
                tenant_id,
                consent_id=consent.id if consent else None,
                consented_by=consent.granted_by_name if consent else "",
                ticket=ticket,
                at=at,
            )


@asynccontextmanager
async def _engine(url: str, role: Role) -> AsyncIterator[AsyncEngine]:
    """Give a role's engine; a refusal ends the command with its sentence."""
    engine = open_engine(role_url(url, role), pool_size=1)
    try:
        yield engine
    except Refusal as refusal:
        raise click.ClickException(refusal.message) from refusal
    finally:
        await engine.dispose()
