from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from serviceco.core.actor import Permission
from serviceco.core.ids import new_id
from serviceco.core.order_numbers import is_order_number
from serviceco.core.periods import Period
from serviceco.core.refusals import NotFound, NotPermitted
from serviceco.customers.tables import Device
from serviceco.evidence.rules import commitment, event_hash
from serviceco.evidence.tables import Event
from serviceco.exchange.imports import close_run, import_batch, open_run, preview_batch
from serviceco.exchange.packs import check_ords
from serviceco.exchange.rules import Report, understand_all
from serviceco.exchange.tables import ImportedRow, ImportRun
from serviceco.exchange.words import Problem
from serviceco.policy.words import Coverage
from serviceco.repairs.searching import renew_search_keys
from serviceco.repairs.tables import CustomerWords, OrderSequence, RepairOrder, SearchKey
from serviceco.repairs.words import Origin, Outcome, RepairStatus
from serviceco.reports.queries import branch_performance
from serviceco.reports.rollups import apply_entries
from serviceco.storage.outbox import OutboxEntry
from serviceco.tenancy.tables import Branch, Brand, BrandAlias

pytestmark = pytest.mark.usefixtures("categories")
AT = datetime(2026, 11, 22, 4, tzinfo=UTC)
TODAY = AT.date()
ALWAYS = Period(datetime(2000, 1, 1, tzinfo=UTC).date(), TODAY)


def repairs_in(path):
    source = check_ords(path)
    return list(understand_all(source.records(), source.columns, TODAY))


@pytest.fixture
def bring_in(session, actor, file_of):
    """Imports a file with these rows as one batch."""

    async def imported(*rows):
        return await import_batch(session, actor, new_id(), repairs_in(file_of(*rows)), at=AT)

    return imported


async def every(session, table, *order):
    found = select(table).where(table.tenant_id == session.info["tenant_id"]).order_by(*order)
    return (await session.scalars(found.execution_options(populate_existing=True))).all()


async def count(session, table):
    tenant_id = session.info["tenant_id"]
    return await session.scalar(
        select(func.count()).select_from(table).where(table.tenant_id == tenant_id)
    )


async def test_an_imported_order_is_closed_history_with_nothing_made_up(session, bring_in):
    await bring_in(
        {
            "repair_status": "End of life",
            "repair_barrier_if_end_of_life": "Lack of equipment",
            "product_age": "6",
        }
    )
    [order] = await every(session, RepairOrder)
    assert (order.origin, order.status) == (Origin.IMPORT, RepairStatus.CLOSED)
    assert (order.outcome, order.barrier) == (Outcome.NOT_REPAIRED, "lack_of_equipment")
    # Not recorded, and so not claimed: who pays, when it was ready, who brought it.
    assert order.coverage is Coverage.UNDECIDED
    assert (order.ready_at, order.customer_id, order.contract_id) == (None, None, None)
    assert order.received_at == order.closed_at == datetime(2024, 5, 11, 11, tzinfo=UTC)
    assert is_order_number(order.number)
    assert order.number.startswith("24051100001")
    assert (order.imported_from, order.imported_as) == ("ords", "demo_1")
    [device] = await every(session, Device)
    assert (device.brand_printed, device.manufactured_year, device.serial) == ("Tefal", 2018, None)
    [branch] = await every(session, Branch)
    assert (branch.code, branch.name, branch.imported_as, branch.zone) == (
        "aberdyfi",
        "Aberdyfi",
        "Aberdyfi",
        "Europe/London",
    )


async def test_the_customers_words_are_kept_verbatim_and_the_chain_holds_their_commitment(
    session, bring_in, actor
):
    said = "  ‘Knackered’,\nsays Siân\t"
    await bring_in({"problem": said}, {"problem": "   "})
    [words] = await every(session, CustomerWords)
    assert (words.words, words.language) == (said, "en")
    spoken, silent = sorted(await every(session, Event), key=lambda event: event.detail["line"])
    assert spoken.detail["words"] == commitment(words.salt, said)
    assert silent.detail["words"] is None
    order = await session.get(RepairOrder, (words.tenant_id, words.id))
    assert (order.event_seq, order.event_hash) == (1, spoken.hash)
    assert spoken.hash == event_hash(
        b"",
        subject_id=order.id,
        seq=1,
        act="repair.imported",
        actor_account_id=actor.account_id,
        at=AT,
        detail=spoken.detail,
    )


async def test_one_entry_for_the_roll_ups_leaves_and_nothing_that_acts(session, bring_in):
    await bring_in({}, {}, {})
    [entry] = await every(session, OutboxEntry)
    orders = await every(session, RepairOrder)
    assert entry.topic == "repair.imported"
    assert sorted(entry.payload["order_ids"]) == sorted(str(order.id) for order in orders)


async def test_a_repeat_changes_nothing(session, bring_in):
    rows: list[dict[str, str]] = [{}, {"brand": "Philips"}, {"problem": ""}]
    await bring_in(*rows)
    kinds = (RepairOrder, Device, CustomerWords, Event, OutboxEntry, BrandAlias, Branch)
    before = [await count(session, kind) for kind in kinds]
    batch = await bring_in(*rows)
    assert (batch.new, batch.changed, batch.unchanged) == ((), (), 3)
    assert [await count(session, kind) for kind in kinds] == before


async def test_a_file_once_more_completes_an_interrupted_import(session, bring_in):
    await bring_in({}, {})
    batch = await bring_in({}, {}, {})
    assert (len(batch.new), batch.unchanged) == (1, 2)
    numbers = [order.number[:11] for order in await every(session, RepairOrder, RepairOrder.number)]
    assert numbers == ["24051100001", "24051100002", "24051100003"]


async def test_numbers_go_on_from_those_of_the_counter(session, tenant_id, make, bring_in):
    day = datetime(2024, 5, 11, tzinfo=UTC).date()
    await make.save(OrderSequence(tenant_id=tenant_id, day=day, last=41))
    await bring_in({})
    [order] = await every(session, RepairOrder)
    assert order.number[:11] == "24051100042"


async def test_groups_are_branches_and_a_group_of_a_branch_stays_there(session, make, bring_in):
    ours = await make.branch(code="sh01")
    ours.imported_as = "Aberdyfi"
    await session.flush()
    await bring_in({}, {"group_identifier": "Repair Café Gent", "country": "BEL"})
    codes = {branch.code: branch for branch in await every(session, Branch)}
    assert codes.keys() == {"sh01", "repair-cafe-gent"}
    assert codes["repair-cafe-gent"].zone == "Europe/Brussels"


async def test_a_printed_brand_becomes_an_alias_and_never_a_brand(session, make, bring_in):
    brands = await session.scalar(select(func.count()).select_from(Brand))
    await bring_in(
        {"brand": "Philips"}, {"brand": "PHILIPS "}, {"brand": "Onbekend"}, {"brand": "Phillips"}
    )
    aliases = await every(session, BrandAlias, BrandAlias.spelling)
    assert [(alias.spelling, alias.printed, alias.brand_id) for alias in aliases] == [
        ("philips", "Philips", None),
        ("phillips", "Phillips", None),
    ]
    printed = {device.brand_printed: device for device in await every(session, Device)}
    assert printed["PHILIPS"].brand_alias_id == printed["Philips"].brand_alias_id
    assert printed["Onbekend"].brand_alias_id is None
    assert await session.scalar(select(func.count()).select_from(Brand)) == brands


async def test_an_alias_that_staff_decided_names_the_brand_at_once(
    session, tenant_id, make, bring_in
):
    brand = await make.brand(name="Philips")
    await make.save(
        BrandAlias(
            tenant_id=tenant_id, id=new_id(), spelling="philips", printed="x", brand_id=brand.id
        )
    )
    await bring_in({"brand": "Philips"})
    [order] = await every(session, RepairOrder)
    assert order.brand_id == brand.id


async def test_imported_orders_are_found_by_the_words_that_reading_them_back_gives(
    session, tenant_id, make, bring_in
):
    brand = await make.brand(name="Philips")
    await make.save(
        BrandAlias(
            tenant_id=tenant_id, id=new_id(), spelling="philps", printed="x", brand_id=brand.id
        )
    )
    await bring_in({"brand": "Philps"}, {"brand": "De'Longhi"}, {"brand": "Unknown"})
    written = await search_words_of(session)
    assert {"philps", "philips", "delonghi"} <= {word for _, word, _ in written}
    orders = await every(session, RepairOrder)
    await renew_search_keys(session, [order.id for order in orders])
    assert await search_words_of(session) == written


async def search_words_of(session):
    return {(row.order_id, row.word, row.is_personal) for row in await every(session, SearchKey)}


async def test_a_row_that_its_source_corrected_is_corrected(session, bring_in):
    await bring_in({}, {})
    before, _ = await every(session, RepairOrder, RepairOrder.number)
    number, chained = before.number, before.event_hash
    corrected = {
        "repair_status": "Repairable",
        "group_identifier": "Barry",
        "event_date": "2024-06-08",
        "brand": "Rowenta",
        "problem": "Leaks",
    }
    batch = await bring_in(corrected, {})
    [change] = batch.changed
    assert set(change.columns) == corrected.keys()
    assert batch.unchanged == 1
    order = next(one for one in await every(session, RepairOrder) if one.number == number)
    assert (order.outcome, order.version, order.event_seq) == (Outcome.REPAIRABLE, 2, 2)
    assert order.closed_at == datetime(2024, 6, 8, 11, tzinfo=UTC)
    device = await session.get(Device, (order.tenant_id, order.device_id), populate_existing=True)
    assert device.brand_printed == "Rowenta"
    words = await session.get(CustomerWords, (order.tenant_id, order.id), populate_existing=True)
    assert words.words == "Leaks"
    *_, event = await every(session, Event, Event.seq)
    assert (event.act, event.previous_hash) == ("repair.import_changed", chained)
    assert event.detail["words"] == commitment(words.salt, "Leaks")
    assert (await bring_in(corrected, {})).unchanged == 2


async def test_a_correction_moves_the_order_in_the_reports(session, actor, bring_in):
    await bring_in({})
    await bring_in({"group_identifier": "Barry", "event_date": "2023-01-07"})
    entries = await every(session, OutboxEntry, OutboxEntry.created_at, OutboxEntry.id)
    for entry in entries:
        await apply_entries(session, [entry], at=AT)
    report = await branch_performance(session, actor, ALWAYS, at=AT)
    assert [(row.branch_name, row.figures.orders) for row in report.rows] == [("Barry", 1)]


async def test_words_that_were_erased_stay_erased(session, bring_in):
    await bring_in({})
    [words] = await every(session, CustomerWords)
    words.words = ""
    await session.flush()
    assert (await bring_in({"problem": "Does not get hot at all"})).unchanged == 1
    [words] = await every(session, CustomerWords)
    assert words.words == ""


async def test_an_id_of_another_contributor_is_rejected_and_its_order_left_alone(session, bring_in):
    await bring_in({})
    batch = await bring_in({"data_provider": "Repair Connects", "repair_status": "Unknown"})
    [rejected] = batch.rejected
    assert [note.code for note in rejected.notes] == [Problem.ID_OF_OTHER_PROVIDER]
    [order] = await every(session, RepairOrder)
    assert order.outcome is Outcome.REPAIRED


async def test_a_preview_tells_and_writes_nothing(session, actor, bring_in, file_of):
    await bring_in({})
    kinds = (RepairOrder, Device, BrandAlias, Branch, ImportRun, ImportedRow, OrderSequence)
    before = [await count(session, kind) for kind in kinds]
    rows = repairs_in(file_of({"brand": "New"}, {"group_identifier": "New"}))
    batch = await preview_batch(session, actor, rows)
    assert (len(batch.new), len(batch.changed)) == (1, 1)
    assert [await count(session, kind) for kind in kinds] == before


async def test_a_run_keeps_its_report(session, actor, file_of):
    source = check_ords(file_of({}))
    run = await open_run(session, actor, source, at=AT)
    report = Report(rows=1, imported=1)
    closed = await close_run(session, actor, run.id, report, at=AT)
    assert (closed.imported, closed.finished_at, closed.sha256) == (1, AT, source.sha256)
    assert closed.report["rows"] == 1
    with pytest.raises(NotFound):
        await close_run(session, actor, new_id(), report, at=AT)


async def test_importing_needs_its_permission(session, make, file_of):
    clerk = make.actor(permissions=[Permission.READ_ORDERS])
    source = check_ords(file_of({}))
    with pytest.raises(NotPermitted):
        await open_run(session, clerk, source, at=AT)
    with pytest.raises(NotPermitted):
        await preview_batch(session, clerk, [])
    with pytest.raises(NotPermitted):
        await import_batch(session, clerk, new_id(), [], at=AT)
    with pytest.raises(NotPermitted):
        await close_run(session, clerk, new_id(), Report(), at=AT)
