from datetime import timedelta

import pytest

from serviceco.core.refusals import InvalidInput, NotFound, Refusal
from serviceco.policy.words import Coverage
from serviceco.repairs.coverage import read_standard
from serviceco.repairs.inspection import answer_steps, conclude_inspection, start_inspection
from serviceco.repairs.lines import propose_line
from serviceco.repairs.photos import add_photo
from serviceco.repairs.queries import list_decisions, list_lines, list_results
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import (
    Answer,
    InspectionIncomplete,
    RepairStatus,
    StepOutcome,
    UnknownStep,
    WrongRepairStatus,
)
from serviceco.storage.files import Files
from tests.repairs.pictures import picture
from tests.repairs.shop import NOON, PASSED, Shop, part

LATER = NOON + timedelta(minutes=9)
CRACKED = Answer(step_code="screen", outcome=StepOutcome.FAIL, finding_code="cracked")


@pytest.fixture
async def order(shop: Shop) -> RepairOrder:
    """A device on the bench."""
    received = await shop.received()
    return await start_inspection(shop.session, shop.actor, received.number, at=NOON)


async def answer(shop: Shop, order: RepairOrder, *answers: Answer) -> RepairOrder:
    return await answer_steps(shop.session, shop.actor, order.number, answers, at=LATER)


async def test_the_inspector_becomes_the_owner(shop: Shop) -> None:
    received = await shop.received()
    inspector = await shop.colleague()
    order = await start_inspection(shop.session, inspector, received.number, at=NOON)
    assert (order.status, order.owner_staff_id) == (RepairStatus.INSPECTING, inspector.staff_id)


async def test_a_reading_is_held_against_the_limits_of_the_pinned_standard(
    shop: Shop, order: RepairOrder
) -> None:
    readings = {"0.5": "pass", "80": "pass", "80.01": "fail", "0.49": "fail"}
    for reading, outcome in readings.items():
        await answer(shop, order, Answer(step_code="current", reading=reading))
        [result] = await list_results(shop.session, order.id)
        assert (result.reading, result.unit, result.outcome) == (reading, "mA", outcome)
        assert result.finding_code == ("leak" if outcome == "fail" else None)


async def test_answering_twice_changes_nothing(shop: Shop, order: RepairOrder) -> None:
    await answer(shop, order, *PASSED)
    before = [(row.id, row.outcome) for row in await list_results(shop.session, order.id)]
    decisions = len(await list_decisions(shop.session, order.id))
    await answer(shop, order, *PASSED)
    assert [(row.id, row.outcome) for row in await list_results(shop.session, order.id)] == before
    assert len(await list_decisions(shop.session, order.id)) == decisions


async def test_of_two_answers_to_a_step_in_one_call_the_later_one_stands(
    shop: Shop, order: RepairOrder
) -> None:
    first, second = (Answer(step_code="current", reading=reading) for reading in ("1", "2"))
    await answer(shop, order, first, second)
    [result] = await list_results(shop.session, order.id)
    assert result.reading == "2"


@pytest.mark.parametrize("typed", ["1E+999999999", "0E-999999999", "Infinity", "٣", "1" * 13, "."])
async def test_a_reading_is_plain_digits(shop: Shop, order: RepairOrder, typed: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await answer(shop, order, Answer(step_code="current", reading=typed))
    assert refused.value.field == "current"


async def test_results_stand_in_the_order_of_the_standard(shop: Shop, order: RepairOrder) -> None:
    await answer(shop, order, *reversed(PASSED))
    codes = [row.step_code for row in await list_results(shop.session, order.id)]
    assert codes == [
        step.code for step in await read_standard(shop.session, order) if step.required
    ]


async def test_damage_without_a_photo_does_not_count_against_the_customer(
    shop: Shop, order: RepairOrder
) -> None:
    await propose_line(shop.session, shop.actor, order.number, part("D-1"), at=NOON)
    await answer(shop, order, CRACKED)
    assert order.coverage is Coverage.IN_WARRANTY
    [line] = await list_lines(shop.session, order.id)
    decided = {row.id: row.decision for row in await list_decisions(shop.session, order.id)}
    assert line.decision_id is not None
    assert [missing["what"] for missing in decided[line.decision_id]["missing"]] == ["photo"]


async def test_no_conclusion_while_a_required_step_is_open(shop: Shop, order: RepairOrder) -> None:
    await answer(shop, order, PASSED[0])
    with pytest.raises(InspectionIncomplete) as refusal:
        await conclude_inspection(shop.session, shop.actor, order.number, at=NOON)
    assert refusal.value.facts["missing"] == ["screen", "current"]

    await answer(shop, order, *PASSED[1:])
    concluded = await conclude_inspection(shop.session, shop.actor, order.number, at=NOON)
    assert (concluded.status, concluded.diagnosed_at) == (RepairStatus.INSPECTING, NOON)


async def test_answering_after_the_conclusion_opens_the_inspection_again(shop: Shop) -> None:
    order = await shop.inspected()
    await answer(shop, order, CRACKED)
    assert order.diagnosed_at is None


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        (Answer(step_code="smell", outcome=StepOutcome.PASS), UnknownStep),
        (Answer(step_code="power"), InvalidInput),
        (Answer(step_code="power", outcome=StepOutcome.NOT_APPLICABLE), UnknownStep),
        (Answer(step_code="screen", outcome=StepOutcome.FAIL), InvalidInput),
        (
            Answer(step_code="screen", outcome=StepOutcome.FAIL, finding_code="leak"),
            InvalidInput,
        ),
        (Answer(step_code="current", reading="much"), InvalidInput),
        (Answer(step_code="current", reading="NaN"), InvalidInput),
        (Answer(step_code="current", outcome=StepOutcome.PASS), InvalidInput),
    ],
)
async def test_an_answer_must_fit_its_step(
    shop: Shop, order: RepairOrder, given: Answer, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal) as raised:
        await answer(shop, order, given)
    assert raised.value.field == given.step_code


async def test_a_photo_of_another_order_proves_nothing(shop: Shop, order: RepairOrder) -> None:
    with pytest.raises(NotFound):
        await answer(
            shop,
            order,
            Answer(step_code="power", outcome=StepOutcome.PASS, photo_id=order.id),
        )


async def test_a_photo_step_is_answered_by_its_photo(
    shop: Shop, order: RepairOrder, files: Files
) -> None:
    seen = Answer(step_code="serial_photo")
    with pytest.raises(InvalidInput):
        await answer(shop, order, seen)
    skipped = Answer(step_code="serial_photo", outcome=StepOutcome.NOT_APPLICABLE)
    await answer(shop, order, skipped)

    photo = await add_photo(
        shop.session,
        shop.actor,
        order.number,
        files=files,
        slot="serial_photo",
        content=picture(),
        at=NOON,
    )
    await answer(shop, order, seen)
    [result] = await list_results(shop.session, order.id)
    assert (result.outcome, result.photo_id) == (StepOutcome.PASS, None)
    await answer(shop, order, Answer(step_code="serial_photo", photo_id=photo.id))
    [result] = await list_results(shop.session, order.id)
    assert result.photo_id == photo.id


async def test_only_a_device_on_the_bench_is_inspected(shop: Shop) -> None:
    received = await shop.received()
    with pytest.raises(WrongRepairStatus):
        await answer(shop, received, *PASSED)
    with pytest.raises(WrongRepairStatus):
        await conclude_inspection(shop.session, shop.actor, received.number, at=NOON)
    await start_inspection(shop.session, shop.actor, received.number, at=NOON)
    with pytest.raises(WrongRepairStatus):
        await start_inspection(shop.session, shop.actor, received.number, at=NOON)


async def test_without_a_policy_there_is_no_standard_to_wait_for(shop: Shop) -> None:
    device = shop.device(brand=None, brand_printed="Orion")
    received = await shop.received(device=device)
    order = await start_inspection(shop.session, shop.actor, received.number, at=NOON)
    assert await read_standard(shop.session, order) == ()
    await conclude_inspection(shop.session, shop.actor, order.number, at=NOON)
    assert order.diagnosed_at == NOON
