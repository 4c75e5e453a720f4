"""Quotes: what the customer is asked, and what they answered."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from serviceco.billing.queries import list_quotes
from serviceco.billing.quotes import decide_quote, send_quote
from serviceco.billing.words import (
    ApprovalChannel,
    NothingToQuote,
    QuoteDecided,
    QuoteExpired,
    QuoteOutdated,
    QuoteStatus,
)
from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import InvalidInput, NotFound, NotPermitted
from serviceco.policy.words import PayModel, PayTerms
from serviceco.repairs.words import (
    LineStatus,
    Outcome,
    RecordMissing,
    RepairStatus,
    WrongRepairStatus,
)
from serviceco.storage.unit_of_work import unit_of_work
from tests.billing.counter import AT, BATTERY, COVERED, LABOUR, SCREEN, Counter, publish
from tests.policy.factories import policy

PHONE = ApprovalChannel.PHONE


async def answer(session, actor, order, *, approved: bool = True, at=AT, note: str = "by phone"):
    return await decide_quote(
        session, actor, order.number, approved=approved, channel=PHONE, note=note, at=at
    )


async def test_a_quote_freezes_the_customers_lines_and_no_others(session, actor, counter: Counter):
    order = await counter.order(COVERED, LABOUR, SCREEN)

    quote = await send_quote(session, actor, order.number, at=AT)

    assert [(line["line"], line["amount_minor"]) for line in quote.lines] == [
        ("labour", 8_000),
        ("part", 19_900),
    ]
    assert (quote.amount_minor, quote.currency, quote.revision) == (27_900, "CNY", 1)
    assert quote.valid_until == date(2026, 11, 9)
    assert order.status is RepairStatus.QUOTING
    [(act, detail)] = await counter.events(order)
    assert (act, detail["amount_minor"], len(detail["lines_sha256"])) == (
        "repair.quoted",
        27_900,
        64,
    )


async def test_the_last_valid_day_is_one_of_the_branchs_zone(session, actor, counter: Counter):
    order = await counter.order(LABOUR)
    after_midnight_in_shanghai = AT.replace(hour=17)

    quote = await send_quote(
        session, actor, order.number, valid_days=1, at=after_midnight_in_shanghai
    )

    assert quote.valid_until == date(2026, 11, 4)


@pytest.mark.parametrize("valid_days", [-1, 91, 2**31])
async def test_a_quote_is_valid_for_a_sensible_time(
    session, actor, counter: Counter, valid_days: int
):
    order = await counter.order(LABOUR)
    with pytest.raises(InvalidInput):
        await send_quote(session, actor, order.number, valid_days=valid_days, at=AT)


@pytest.mark.parametrize("lines", [(), (COVERED, BATTERY)])
async def test_an_order_that_costs_the_customer_nothing_is_not_quoted(
    session, actor, counter: Counter, lines
):
    order = await counter.order(*lines)

    with pytest.raises(NothingToQuote):
        await send_quote(session, actor, order.number, at=AT)


async def test_a_device_is_quoted_only_once_it_is_inspected(session, actor, counter: Counter):
    order = await counter.order(LABOUR, status=RepairStatus.RECEIVED, diagnosed_at=None)

    with pytest.raises(WrongRepairStatus):
        await send_quote(session, actor, order.number, at=AT)


async def test_a_new_revision_takes_the_place_of_the_former_and_of_its_approval(
    session, actor, counter: Counter
):
    order = await counter.order(LABOUR)
    await send_quote(session, actor, order.number, at=AT)
    await answer(session, actor, order)
    await counter.add_lines(order, [SCREEN], first=2)

    await send_quote(session, actor, order.number, at=AT)

    newest, former = await list_quotes(session, order.id)
    assert (newest.revision, newest.status) == (2, QuoteStatus.SENT)
    assert (former.revision, former.status) == (1, QuoteStatus.SUPERSEDED)
    assert order.approved_at is None


async def test_an_approved_quote_lets_the_order_go_on(session, actor, counter: Counter):
    order = await counter.order(COVERED, LABOUR)
    await send_quote(session, actor, order.number, at=AT)

    quote = await answer(session, actor, order, note="spoke with Ms Wang")

    assert (quote.status, quote.decided_at, quote.channel) == (QuoteStatus.APPROVED, AT, PHONE)
    assert order.approved_at == AT
    assert order.released_at is None, "it is not paid yet"
    act, detail = (await counter.events(order))[-1]
    assert (act, detail["channel"], detail["revision"]) == ("repair.approved", "phone", 1)


async def test_a_declined_quote_sends_the_device_back_unrepaired(session, actor, counter: Counter):
    order = await counter.order(COVERED, LABOUR)
    await send_quote(session, actor, order.number, at=AT)

    quote = await answer(session, actor, order, approved=False, note="too dear")

    assert (quote.status, quote.note) == (QuoteStatus.DECLINED, "too dear")
    assert (order.status, order.outcome) == (RepairStatus.READY, Outcome.DECLINED)
    assert order.customer_minor == 0
    assert (await counter.lines(order))[1].status is LineStatus.DECLINED


async def test_a_diagnosis_is_paid_although_the_repair_was_declined(
    session, actor, counter: Counter
):
    pay = PayTerms(model=PayModel.PER_REPAIR, reimburses_parts=True, diagnosis_price_minor=5_000)
    version = await publish(counter, actor, policy(pay=pay))
    order = await counter.order(COVERED, LABOUR, policy_version_id=version.id)
    await send_quote(session, actor, order.number, at=AT)

    await answer(session, actor, order, approved=False)

    fee = (await counter.lines(order))[-1]
    assert (fee.line, fee.amount_minor, fee.status) == ("diagnosis", 5_000, LineStatus.DONE)
    assert (order.customer_minor, order.brand_minor) == (5_000, 0)


async def test_a_refusal_to_repair_says_why(session, actor, counter: Counter):
    order = await counter.order(LABOUR)
    await send_quote(session, actor, order.number, at=AT)

    with pytest.raises(RecordMissing) as refusal:
        await answer(session, actor, order, approved=False, note="  ")
    assert refusal.value.field == "note"


@pytest.mark.parametrize("approved", [True, False])
async def test_a_quote_is_answered_once(session, actor, counter: Counter, *, approved: bool):
    order = await counter.order(LABOUR)
    await send_quote(session, actor, order.number, at=AT)
    await answer(session, actor, order, approved=approved)

    with pytest.raises(QuoteDecided):
        await answer(session, actor, order)


async def test_the_last_valid_day_is_in_and_the_next_is_out(session, actor, counter: Counter):
    order = await counter.order(LABOUR)
    quote = await send_quote(session, actor, order.number, valid_days=3, at=AT)

    with pytest.raises(QuoteExpired):
        await answer(session, actor, order, at=AT + timedelta(days=4))
    await answer(session, actor, order, at=AT + timedelta(days=3))
    assert quote.status is QuoteStatus.APPROVED


async def test_an_old_quote_can_still_be_declined(session, actor, counter: Counter):
    order = await counter.order(LABOUR)
    await send_quote(session, actor, order.number, at=AT)

    quote = await answer(session, actor, order, approved=False, at=AT + timedelta(days=60))

    assert quote.status is QuoteStatus.DECLINED


async def test_nobody_approves_lines_that_were_never_shown(session, actor, counter: Counter):
    order = await counter.order(LABOUR)
    await send_quote(session, actor, order.number, at=AT)
    await counter.add_lines(order, [SCREEN], first=2)

    with pytest.raises(QuoteOutdated):
        await answer(session, actor, order)


async def test_without_a_quote_there_is_nothing_to_answer(session, actor, counter: Counter):
    order = await counter.order(LABOUR)

    with pytest.raises(NotFound):
        await answer(session, actor, order)


@pytest.fixture(params=["role", "branch", "company"])
async def stranger(request, session, actor: Actor, engine):
    """Somebody whose role, branch or company is the wrong one, with the refusal they get."""
    if request.param == "role":
        yield session, replace(actor, permissions=frozenset({Permission.READ_ORDERS})), NotPermitted
    elif request.param == "branch":
        yield session, replace(actor, branch_ids=frozenset({new_id()})), NotFound
    else:
        elsewhere = new_id()
        async with unit_of_work(engine, elsewhere) as other:
            yield other, replace(actor, tenant_id=elsewhere), NotFound


async def test_a_stranger_neither_sends_nor_answers_a_quote(
    session, actor, counter: Counter, stranger
):
    their_session, them, refusal = stranger
    order = await counter.order(LABOUR)
    await send_quote(session, actor, order.number, at=AT)

    with pytest.raises(refusal):
        await send_quote(their_session, them, order.number, at=AT)
    with pytest.raises(refusal):
        await answer(their_session, them, order)
