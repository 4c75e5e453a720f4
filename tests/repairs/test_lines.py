from datetime import date, timedelta

import pytest
from sqlalchemy import select

from serviceco.core.ids import new_id
from serviceco.core.refusals import InvalidInput, Refusal
from serviceco.customers.words import PurchaseInFuture
from serviceco.evidence.tables import Event
from serviceco.policy.words import Coverage, LineKind, Payer
from serviceco.repairs.bench import approve_repair, start_repair, wait_for_parts
from serviceco.repairs.inspection import answer_steps, conclude_inspection, start_inspection
from serviceco.repairs.lines import (
    MOST_LINES,
    add_proof,
    decide_lines,
    propose_line,
    remove_line,
)
from serviceco.repairs.operations import take_step
from serviceco.repairs.photos import add_photo
from serviceco.repairs.queries import list_decisions, list_lines
from serviceco.repairs.words import (
    Answer,
    LevelNotAuthorised,
    LineGiven,
    Step,
    StepOutcome,
    UnknownLine,
    WrongRepairStatus,
)
from serviceco.storage.files import Files
from tests.factories import Factory
from tests.repairs.pictures import picture
from tests.repairs.shop import LONG_AGO, NOON, Shop, invoice, labour, open_shop, part

CRACKED = Answer(step_code="screen", outcome=StepOutcome.FAIL, finding_code="cracked")
TRAVEL = LineGiven(line=LineKind.TRAVEL)


async def test_in_warranty_the_brand_pays_its_own_prices(shop: Shop) -> None:
    order = await shop.diagnosed(part("D-1"), labour(2))

    lines = await list_lines(shop.session, order.id)
    assert [(line.code, line.payer, line.amount_minor) for line in lines] == [
        ("D-1", Payer.BRAND, 30_000),
        ("L2", Payer.BRAND, 8_000),
    ]
    assert (order.brand_minor, order.customer_minor, order.line_count) == (38_000, 0, 2)
    assert order.coverage is Coverage.IN_WARRANTY
    assert lines[0].names == {"zh_hans": "文", "zh_hant": "文", "en": "text"}


async def test_out_of_warranty_the_customer_pays_the_list_price(shop: Shop) -> None:
    order = await shop.diagnosed(part("D-1", quantity=2), labour(1), bought=LONG_AGO)
    assert (order.brand_minor, order.customer_minor) == (0, 96_000)
    assert order.coverage is Coverage.PAID


async def test_each_line_is_decided_on_its_own(shop: Shop) -> None:
    # Eight months after the purchase the battery's six months are over, the phone's year is not.
    order = await shop.diagnosed(part("B-1"), part("D-1"))

    by_code = {line.code: line for line in await list_lines(shop.session, order.id)}
    assert by_code["B-1"].payer is Payer.CUSTOMER
    assert by_code["D-1"].payer is Payer.BRAND
    assert (order.brand_minor, order.customer_minor) == (30_000, 12_000)
    assert order.coverage is Coverage.MIXED
    decisions = {row.id: row for row in await list_decisions(shop.session, order.id)}
    for line in by_code.values():
        assert line.decision_id is not None
        decided = decisions[line.decision_id]
        assert (decided.line_id, decided.payer) == (line.id, line.payer)
        assert decided.facts["component"] == line.component


async def test_a_proven_damage_turns_its_line_to_the_customer(shop: Shop, files: Files) -> None:
    order = await shop.received()
    await add_photo(
        shop.session,
        shop.actor,
        order.number,
        files=files,
        slot="screen",
        content=picture(),
        at=NOON,
    )
    await take_step(shop.session, shop.actor, order, Step.START_INSPECTION, at=NOON)
    await propose_line(shop.session, shop.actor, order.number, part("D-1"), at=NOON)
    assert order.coverage is Coverage.IN_WARRANTY

    await answer_steps(shop.session, shop.actor, order.number, [CRACKED], at=NOON)

    [line] = await list_lines(shop.session, order.id)
    assert (line.payer, line.amount_minor) == (Payer.CUSTOMER, 45_000)
    assert (order.customer_minor, order.coverage) == (45_000, Coverage.PAID)


async def test_a_proof_that_comes_later_decides_anew(shop: Shop) -> None:
    order = await shop.diagnosed(part("D-1"), bought=None)
    assert order.coverage is Coverage.PAID

    await add_proof(shop.session, shop.actor, order.number, invoice(date(2026, 3, 2)), at=NOON)

    assert (order.coverage, order.customer_minor) == (Coverage.IN_WARRANTY, 0)
    acts = await shop.session.scalars(
        select(Event.act)
        .where(Event.tenant_id == shop.make.tenant_id, Event.subject_id == order.id)
        .order_by(Event.seq)
    )
    assert list(acts)[-2:] == ["repair.proof_added", "repair.decided"]


async def test_a_later_proof_of_the_future_is_refused(shop: Shop) -> None:
    order = await shop.received()
    tomorrow = invoice((NOON + timedelta(days=1)).date())
    with pytest.raises(PurchaseInFuture):
        await add_proof(shop.session, shop.actor, order.number, tomorrow, at=NOON)


async def test_deciding_again_by_the_same_facts_keeps_no_new_decision(shop: Shop) -> None:
    order = await shop.diagnosed()
    before = [row.id for row in await list_decisions(shop.session, order.id)]
    await decide_lines(shop.session, shop.actor, order.number, at=NOON)
    assert [row.id for row in await list_decisions(shop.session, order.id)] == before


async def test_the_wait_for_parts_is_among_the_facts(shop: Shop) -> None:
    order = await shop.diagnosed(part("D-1"))
    await wait_for_parts(shop.session, shop.actor, order.number, at=NOON)
    later = NOON + timedelta(days=61)
    await decide_lines(shop.session, shop.actor, order.number, at=later)
    [line] = await list_lines(shop.session, order.id)
    facts = {row.id: row.facts for row in await list_decisions(shop.session, order.id)}
    assert line.decision_id is not None
    assert facts[line.decision_id]["days_waiting_for_parts"] == 61


async def test_a_removed_line_counts_no_more_and_its_decision_stays(shop: Shop) -> None:
    order = await shop.diagnosed(part("B-1"), part("D-1"))
    battery = (await list_lines(shop.session, order.id))[0]
    await remove_line(shop.session, shop.actor, order.number, battery.id, at=NOON)

    assert [line.code for line in await list_lines(shop.session, order.id)] == ["D-1"]
    assert (order.coverage, order.customer_minor) == (Coverage.IN_WARRANTY, 0)
    decided = {row.line_id for row in await list_decisions(shop.session, order.id)}
    assert battery.id in decided


async def test_a_share_that_grows_after_the_approval_needs_another(shop: Shop) -> None:
    order = await shop.diagnosed(part("B-1"))
    await take_step(shop.session, shop.actor, order, Step.SEND_QUOTE, at=NOON)
    await approve_repair(shop.session, shop.actor, order, at=NOON)
    order.released_at = NOON
    order.paid_minor = order.customer_minor
    await start_repair(shop.session, shop.actor, order.number, at=NOON)

    await propose_line(shop.session, shop.actor, order.number, part("D-1"), at=NOON)
    assert order.approved_at == order.released_at == NOON  # the brand pays the display
    grown = await propose_line(shop.session, shop.actor, order.number, part("B-1"), at=NOON)
    assert (grown.approved_at, grown.released_at) == (None, None)


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        (part("Z-9"), UnknownLine),
        (labour(4), UnknownLine),
        (LineGiven(line=LineKind.LABOUR), UnknownLine),
        (part("D-1", quantity=0), InvalidInput),
        (part("D-1", price_minor=1), InvalidInput),
        (part("D-1", name="屏"), InvalidInput),
    ],
)
async def test_only_what_the_policy_lists_can_be_proposed(
    shop: Shop, given: LineGiven, refusal: type[Refusal]
) -> None:
    order = await shop.inspected()
    with pytest.raises(refusal):
        await propose_line(shop.session, shop.actor, order.number, given, at=NOON)


async def test_a_branch_repairs_up_to_its_level(make: Factory) -> None:
    shop = await open_shop(make, repair_level=2)
    order = await shop.inspected()
    await propose_line(shop.session, shop.actor, order.number, labour(2), at=NOON)
    with pytest.raises(LevelNotAuthorised):
        await propose_line(shop.session, shop.actor, order.number, labour(3), at=NOON)


async def test_without_a_policy_staff_name_the_price(shop: Shop) -> None:
    device = shop.device(brand=None, brand_printed="Orion")
    order = await shop.received(device=device)
    await take_step(shop.session, shop.actor, order, Step.START_INSPECTION, at=NOON)
    await conclude_inspection(shop.session, shop.actor, order.number, at=NOON)
    own = LineGiven(line=LineKind.PART, name="通用屏幕", price_minor=20_000, quantity=2)

    await propose_line(shop.session, shop.actor, order.number, own, at=NOON)

    assert (order.customer_minor, order.coverage) == (40_000, Coverage.PAID)
    with pytest.raises(InvalidInput):
        await propose_line(shop.session, shop.actor, order.number, part("D-1"), at=NOON)


@pytest.mark.parametrize(("quantity", "price_minor"), [(1, 2**63 - 1), (1000, 1), (-1, 1), (1, -1)])
async def test_no_line_grows_beyond_what_can_be_summed(
    shop: Shop, quantity: int, price_minor: int
) -> None:
    received = await shop.received(device=shop.device(brand=None, brand_printed="Orion"))
    order = await start_inspection(shop.session, shop.actor, received.number, at=NOON)
    line = LineGiven(line=LineKind.PART, name="x", price_minor=price_minor, quantity=quantity)
    with pytest.raises(InvalidInput):
        await propose_line(shop.session, shop.actor, order.number, line, at=NOON)


async def test_an_order_has_no_more_lines_than_are_shown(shop: Shop) -> None:
    order = await shop.diagnosed()
    order.line_count = MOST_LINES
    with pytest.raises(InvalidInput):
        await propose_line(shop.session, shop.actor, order.number, part("D-1"), at=NOON)


async def test_travel_is_priced_by_the_contract(shop: Shop) -> None:
    order = await shop.diagnosed(TRAVEL, bought=LONG_AGO)
    assert order.customer_minor == 5_000


async def test_lines_rest_before_the_inspection_and_after_the_work(shop: Shop) -> None:
    received = await shop.received()
    with pytest.raises(WrongRepairStatus):
        await propose_line(shop.session, shop.actor, received.number, part("D-1"), at=NOON)
    done = await shop.completed(device=shop.device(serial=None))
    line = (await list_lines(shop.session, done.id))[0]
    with pytest.raises(WrongRepairStatus):
        await remove_line(shop.session, shop.actor, done.number, line.id, at=NOON)
    with pytest.raises(WrongRepairStatus):
        await decide_lines(shop.session, shop.actor, done.number, at=NOON)
    with pytest.raises(WrongRepairStatus):
        await add_proof(shop.session, shop.actor, done.number, invoice(LONG_AGO), at=NOON)


async def test_a_line_of_another_order_is_unknown(shop: Shop) -> None:
    order = await shop.diagnosed()
    with pytest.raises(UnknownLine):
        await remove_line(shop.session, shop.actor, order.number, new_id(), at=NOON)
