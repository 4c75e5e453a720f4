"""`serviceco policy replay`: the policy of a file on a company's past orders."""

from datetime import date

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from serviceco.billing.handover import hand_over
from serviceco.cli import main
from serviceco.ledger.operations import open_chart
from serviceco.policy.packs import pack_text
from serviceco.policy.tables import PolicyVersion
from serviceco.reports import replays
from serviceco.storage.unit_of_work import unit_of_work
from serviceco.tenancy.rules import system_actor
from serviceco.tenancy.tables import Tenant
from tests.factories import Factory
from tests.repairs.shop import NOON, open_shop
from tests.reports.test_replays import CASE, SERIALS, shorter


@pytest.fixture
async def pack(engine, admin_engine, tenant_id, tmp_path):
    """A file with a shorter policy than the one by which two phones were repaired."""
    async with unit_of_work(engine, tenant_id) as session:
        await open_chart(session, system_actor(tenant_id))
        shop = await open_shop(Factory(session, tenant_id, admin_engine))
        for serial, bought in zip(SERIALS, (date(2025, 12, 1), date(2026, 10, 1)), strict=False):
            order = await shop.ready(device=shop.device(serial=serial), bought=bought)
            await hand_over(session, shop.actor, order.number, accessories=[], at=NOON)
        version = (
            await session.scalars(select(PolicyVersion).where(PolicyVersion.tenant_id == tenant_id))
        ).one()
        text = pack_text(shorter(version, exclusions=())) + CASE
    path = tmp_path / "policy.yaml"
    path.write_text(text)
    return path


@pytest.fixture
async def slug(engine, tenant_id):
    async with unit_of_work(engine, tenant_id) as session:
        return await session.scalar(select(Tenant.slug).where(Tenant.id == tenant_id))


@pytest.fixture
def replay(owner_url, slug):
    def run(path, *arguments, tenant=slug):
        return CliRunner().invoke(
            main,
            ["policy", "replay", str(path), "--tenant", tenant, *arguments],
            env={"DATABASE_URL": owner_url, "COLUMNS": "120"},
        )

    return run


def test_the_matrix_and_what_changes_are_printed(replay, pack, monkeypatch):
    monkeypatch.setattr(replays, "STEP", 1)
    answer = replay(pack)
    assert answer.exit_code == 0, answer.output
    assert "2 orders replayed, 1 change" in answer.output
    [moved] = [line for line in answer.output.splitlines() if "-38000" in line]
    assert "in_warranty" in moved
    assert "+57000" in moved


def test_only_so_many_orders_are_replayed(replay, pack):
    assert "1 orders replayed, 0 change" in replay(pack, "--orders", "1").output


def test_what_cannot_be_replayed_is_said_in_a_sentence(replay, pack, tmp_path):
    broken = tmp_path / "broken.yaml"
    broken.write_text("format: [")
    answer = replay(broken)
    assert answer.exit_code == 1
    assert "broken.yaml:1" in answer.output
    assert "There is no company 'nobody'." in replay(pack, tenant="nobody").output
    pack.write_text(pack.read_text().replace("currency: CNY", "currency: EUR"))
    assert "counts in CNY" in replay(pack).output
