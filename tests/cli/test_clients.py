import asyncio
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.cli import main
from serviceco.core.ids import new_id
from serviceco.identity.client_tables import MachineClient, SigningKey
from serviceco.identity.clients import recognised_client
from serviceco.identity.signing import published_keys, signing_key
from serviceco.storage.unit_of_work import global_work
from tests.factories import NOON, Factory


@pytest.fixture
def serviceco(owner_url: str):
    """Runs a command in a thread of its own: it starts an event loop."""

    async def run(*arguments: str) -> Result:
        environment = {"DATABASE_URL": owner_url}
        return await asyncio.to_thread(CliRunner().invoke, main, list(arguments), env=environment)

    return run


async def _client(auth_engine: AsyncEngine, printed: str) -> MachineClient:
    client_id, secret = (line.partition("=")[2] for line in printed.splitlines())
    async with global_work(auth_engine) as session:
        found = await recognised_client(session, client_id, secret, at=NOON)
        assert found is not None
        return found[0]


async def test_a_machine_is_made_for_a_company_or_a_brand_and_ends_on_command(
    serviceco, auth_engine, tenant_id, make: Factory
):
    company = f"t-{tenant_id.hex}"
    made = await serviceco("client", "make", "till", "--tenant", company, "--may", "read_orders")
    assert made.exit_code == 0, made.output
    till = await _client(auth_engine, made.stdout)
    assert (till.tenant_id, till.name, till.scopes) == (tenant_id, "till", ["read_orders"])
    brand = await make.brand()
    made = await serviceco("client", "make", "erp", "--brand", brand.code, "--may", "read_claims")
    assert made.exit_code == 0, made.output
    erp = await _client(auth_engine, made.stdout)
    assert (erp.tenant_id, erp.brand_id) == (None, brand.id)
    for machine in (till, erp):
        ended = await serviceco("client", "end", str(machine.id))
        assert ended.exit_code == 0, ended.output
        async with global_work(auth_engine) as session:
            assert (await session.get_one(MachineClient, machine.id)).revoked_at is not None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("make", "x", "--may", "read_orders"), "Name a company"),
        (("make", "x", "--tenant", "a", "--brand", "b", "--may", "read_orders"), "Name a company"),
        (("make", "x", "--tenant", "nobody", "--may", "read_orders"), "no company 'nobody'"),
        (("make", "x", "--brand", "nobody", "--may", "read_orders"), "no brand 'nobody'"),
        (("end", str(UUID(int=7))), "There is no machine"),
    ],
)
async def test_what_is_not_there_is_said(serviceco, arguments, said):
    refused = await serviceco("client", *arguments)
    assert refused.exit_code != 0
    assert said in refused.output


async def test_renewed_keys_take_the_former_ones_out_of_service(serviceco, auth_engine):
    sealing_key = new_id().bytes * 2
    async with global_work(auth_engine) as session:
        former = await signing_key(session, sealing_key, at=NOON)
    assert (await serviceco("client", "renew-keys")).exit_code == 0
    async with global_work(auth_engine) as session:
        key = await session.get_one(SigningKey, UUID(former.kid))
        assert key.withdrawn_at is not None
        assert former.kid not in {one.kid for one in await published_keys(session, at=NOON)}
        live = select(SigningKey.id).where(SigningKey.withdrawn_at.is_(None))
        assert (await session.scalars(live)).all() == []
        renewed = await signing_key(session, sealing_key, at=NOON)
    assert renewed.kid != former.kid
