"""Support is granted and opened on the command line."""

import asyncio
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner, Result

from serviceco.cli import main
from serviceco.core.ids import new_id
from serviceco.identity.support import begin_session
from serviceco.privacy.support import grant_support
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.rules import system_actor


@pytest.fixture
def serviceco(owner_url: str):
    """Runs a command in a thread of its own: it starts an event loop."""

    async def run(*arguments: str) -> Result:
        environment = {"DATABASE_URL": owner_url}
        return await asyncio.to_thread(
            CliRunner().invoke, main, ["support", *arguments], env=environment
        )

    return run


async def test_a_link_needs_consent_or_a_ticket_and_opens_one_session(
    serviceco, engine, auth_engine, tenant_id
):
    email, slug = f"s-{new_id().hex}@example.test", f"t-{tenant_id.hex}"
    assert (await serviceco("grant", email, "--name", "Sam")).exit_code == 0
    refused = await serviceco("open", email, "--tenant", slug)
    assert refused.exit_code == 1
    assert "has not consented" in refused.output

    by_ticket = await serviceco("open", email, "--tenant", slug, "--ticket", "T-9")
    assert by_ticket.exit_code == 0, by_ticket.output
    async with unit_of_work(engine, tenant_id) as session:
        await grant_support(session, system_actor(tenant_id), hours=1, at=datetime.now(UTC))
    by_consent = await serviceco("open", email, "--tenant", slug, "--address", "https://x.test/")
    link = by_consent.stdout.strip()
    assert link.startswith("https://x.test/support/begin/")
    async with global_work(auth_engine) as session:
        _, begun, account = await begin_session(
            session, link.rpartition("/")[2], at=datetime.now(UTC)
        )
    assert (begun.tenant_id, begun.ticket, account.name) == (tenant_id, "", "Sam")
    assert begun.consent_id is not None


async def test_who_is_off_support_opens_nothing(serviceco, tenant_id):
    email, slug = f"s-{new_id().hex}@example.test", f"t-{tenant_id.hex}"
    await serviceco("grant", email, "--name", "Sam")
    assert (await serviceco("end", email)).exit_code == 0
    refused = await serviceco("open", email, "--tenant", slug, "--ticket", "T-9")
    assert refused.exit_code == 1
    assert "Nobody of that e-mail" in refused.output


async def test_an_unknown_company_is_said(serviceco):
    refused = await serviceco("open", "a@example.test", "--tenant", "nobody", "--ticket", "T")
    assert "There is no company 'nobody'." in refused.output
