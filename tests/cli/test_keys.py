import asyncio
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco import __version__
from serviceco.cli import main
from serviceco.identity.rules import token_hash
from serviceco.identity.tables import MachineKey
from serviceco.storage.unit_of_work import global_work


@pytest.fixture
def serviceco(owner_url: str):
    """Runs a command in a thread of its own: it starts an event loop."""

    async def run(*arguments: str) -> Result:
        environment = {"DATABASE_URL": owner_url}
        return await asyncio.to_thread(CliRunner().invoke, main, list(arguments), env=environment)

    return run


async def _key(auth_engine: AsyncEngine, text: str) -> MachineKey:
    async with global_work(auth_engine) as session:
        query = select(MachineKey).where(MachineKey.key_hash == token_hash(text))
        return (await session.scalars(query)).one()


async def test_a_key_is_printed_once_kept_as_a_hash_and_ends_on_command(
    serviceco, auth_engine, tenant_id
):
    made = await serviceco("key", "make", "till", "--tenant", f"t-{tenant_id.hex}")
    assert made.exit_code == 0, made.output
    text = made.stdout.strip()
    kept = await _key(auth_engine, text)
    assert (kept.tenant_id, kept.name, kept.revoked_at) == (tenant_id, "till", None)
    assert "read_orders" in kept.permissions
    assert not {"hand_over", "read_customers", "read_money"} & set(kept.permissions)

    ended = await serviceco("key", "end", str(kept.id))
    assert ended.exit_code == 0, ended.output
    assert (await _key(auth_engine, text)).revoked_at is not None


async def test_a_key_may_only_what_is_asked_for(serviceco, auth_engine, tenant_id):
    arguments = ("--tenant", f"t-{tenant_id.hex}", "--may", "read_claims")
    made = await serviceco("key", "make", "claims", *arguments)
    assert (await _key(auth_engine, made.stdout.strip())).permissions == ["read_claims"]


async def test_no_key_for_a_company_that_is_not_there(serviceco):
    refused = await serviceco("key", "make", "till", "--tenant", "nobody")
    assert refused.exit_code == 1
    assert "There is no company 'nobody'." in refused.output


async def test_no_end_of_a_key_that_is_not_there(serviceco):
    refused = await serviceco("key", "end", str(UUID(int=7)))
    assert refused.exit_code == 1
    assert "There is no key" in refused.output


async def test_the_program_says_its_version(serviceco):
    assert __version__ in (await serviceco("--version")).output
