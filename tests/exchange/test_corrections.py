from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from serviceco.core.actor import Permission
from serviceco.core.ids import new_id
from serviceco.core.periods import Period
from serviceco.core.refusals import NotFound, NotPermitted
from serviceco.customers.tables import Device
from serviceco.evidence.tables import Event
from serviceco.exchange.corrections import name_brand
from serviceco.exchange.imports import import_batch
from serviceco.exchange.packs import check_ords
from serviceco.exchange.queries import list_runs, propose_brands
from serviceco.exchange.rules import understand_all
from serviceco.exchange.tables import ImportRun
from serviceco.exchange.words import Repair
from serviceco.repairs.tables import RepairOrder
from serviceco.reports.queries import branch_performance, recompute
from serviceco.reports.rollups import apply_entries
from serviceco.storage.outbox import OutboxEntry
from serviceco.tenancy.operations import decide_alias
from serviceco.tenancy.queries import find_alias

pytestmark = pytest.mark.usefixtures("categories")
AT = datetime(2026, 11, 22, 4, tzinfo=UTC)
ALWAYS = Period(date(2000, 1, 1), date(2027, 1, 1))


@pytest.fixture
async def philips(session, actor, file_of):
    """Two imported orders of one alias and one of another."""
    source = check_ords(file_of({"brand": "Philips"}, {"brand": "PHILIPS"}, {"brand": "Tefal"}))
    rows = understand_all(source.records(), source.columns, AT.date())
    repairs = [row for row in rows if isinstance(row, Repair)]
    await import_batch(session, actor, new_id(), repairs, at=AT)
    return await find_alias(session, "Philips")


async def apply_all(session, tenant_id):
    entries = await session.scalars(
        select(OutboxEntry)
        .where(OutboxEntry.tenant_id == tenant_id)
        .order_by(OutboxEntry.created_at, OutboxEntry.id)
    )
    await apply_entries(session, entries.all(), at=AT)


async def test_deciding_an_alias_moves_its_orders_to_the_brand(
    session, tenant_id, make, actor, philips
):
    await apply_all(session, tenant_id)
    brand = await make.brand(name="Philips")
    await decide_alias(session, actor, philips.id, brand_id=brand.id, at=AT)

    assert await name_brand(session, actor, philips.id, at=AT) == 2

    named = await session.scalars(
        select(RepairOrder.event_seq).where(
            RepairOrder.tenant_id == tenant_id, RepairOrder.brand_id == brand.id
        )
    )
    assert named.all() == [2, 2]
    devices = await session.scalars(
        select(Device.brand_printed).where(
            Device.tenant_id == tenant_id, Device.brand_id == brand.id
        )
    )
    assert sorted(devices) == ["PHILIPS", "Philips"]
    acts = await session.scalars(
        select(Event.act).where(
            Event.tenant_id == tenant_id, Event.seq == 2, Event.subject_kind == "repair_order"
        )
    )
    assert acts.all() == ["repair.brand_named"] * 2

    await apply_all(session, tenant_id)
    rolled = await branch_performance(session, actor, ALWAYS, at=AT)
    assert {row.brand_id: row.figures.orders for row in rolled.rows} == {brand.id: 2, None: 1}
    assert rolled.rows == (await recompute(session, actor, ALWAYS, at=AT)).rows


async def test_naming_a_brand_twice_changes_nothing_and_it_can_be_taken_back(
    session, make, actor, philips
):
    brand = await make.brand()
    await decide_alias(session, actor, philips.id, brand_id=brand.id, at=AT)
    assert await name_brand(session, actor, philips.id, at=AT) == 2
    assert await name_brand(session, actor, philips.id, at=AT) == 0
    await decide_alias(session, actor, philips.id, brand_id=None, at=AT)
    assert await name_brand(session, actor, philips.id, at=AT) == 2
    with pytest.raises(NotFound):
        await name_brand(session, actor, new_id(), at=AT)


async def test_naming_a_brand_needs_its_permission(session, make, philips):
    clerk = make.actor(permissions=[Permission.READ_ORDERS])
    with pytest.raises(NotPermitted):
        await name_brand(session, clerk, philips.id, at=AT)


async def test_brands_are_proposed_by_likeness_among_those_the_company_knows(
    session, make, actor, philips
):
    brand, other = await make.brand(name="Phillips"), await make.brand(name="海川")
    await make.brand(name="Philips")  # nobody of this company has a contract with it
    await make.contract(brand=brand)
    await make.contract(brand=other)
    [proposal] = (await propose_brands(session, actor, [philips.id]))[philips.id]
    assert (proposal.brand_id, proposal.name) == (brand.id, "Phillips")
    assert proposal.likeness == 93


async def test_a_spelling_decided_before_helps_to_find_the_brand(session, make, actor, philips):
    brand = await make.brand(name="Groupe SEB")
    tefal = await find_alias(session, "Tefal")
    assert tefal is not None
    await decide_alias(session, actor, tefal.id, brand_id=brand.id, at=AT)
    philips.spelling = "tefall"
    [proposal] = (await propose_brands(session, actor, [philips.id]))[philips.id]
    assert proposal.brand_id == brand.id


async def test_proposals_are_for_those_who_decide_and_for_names_there_are(session, make, actor):
    clerk = make.actor(permissions=[Permission.READ_ORDERS])
    with pytest.raises(NotPermitted):
        await propose_brands(session, clerk, [new_id()])
    assert await propose_brands(session, actor, [new_id()]) == {}


async def test_runs_are_listed_newest_first_to_those_who_import(session, tenant_id, make, actor):
    for number, started_at in enumerate((AT, AT.replace(hour=5))):
        await make.save(
            ImportRun(
                tenant_id=tenant_id, id=new_id(), source="ords", file_name=f"{number}.csv",
                sha256="", started_at=started_at, started_by=actor.account_id,
                imported=0, unchanged=0, changed=0, rejected=0, report={},
            )
        )  # fmt: skip
    assert [run.file_name for run in await list_runs(session, actor)] == ["1.csv", "0.csv"]
    with pytest.raises(NotPermitted):
        await list_runs(session, make.actor(permissions=[]))
