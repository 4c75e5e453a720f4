"""Payments: what may be taken and given back, and what they open."""

from dataclasses import replace

import pytest

from serviceco.billing.payments import refund_payment, take_payment
from serviceco.billing.queries import list_payments
from serviceco.billing.words import AmountNotDue, PaymentMethod, QuoteUndecided
from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import NotFound, NotPermitted
from serviceco.ledger.queries import verify_ledger
from serviceco.repairs.words import RepairStatus, WrongRepairStatus
from serviceco.storage.unit_of_work import unit_of_work
from tests.billing.counter import AT, BEFORE, COVERED, LABOUR, SCREEN, Counter

CASH = PaymentMethod.CASH


async def pay(session, actor, order, amount_minor: int, method: PaymentMethod = CASH):
    return await take_payment(
        session, actor, order.number, amount_minor=amount_minor, method=method, at=AT
    )


async def give_back(session, actor, order, amount_minor: int):
    return await refund_payment(
        session, actor, order.number, amount_minor=amount_minor, method=CASH, at=AT
    )


async def approved(counter: Counter, *lines, **columns):
    waiting = {"status": RepairStatus.QUOTING, "approved_at": BEFORE}
    return await counter.order(*lines, **waiting | columns)


async def test_a_payment_is_a_deposit_until_the_hand_over(session, actor, counter: Counter):
    order = await approved(counter, COVERED, LABOUR)

    payment = await pay(session, actor, order, 8_000, PaymentMethod.WECHAT)

    assert await counter.balances() == {"wechat": 8_000, "customer_deposits": -8_000}
    assert (payment.amount_minor, payment.currency, order.paid_minor) == (8_000, "CNY", 8_000)
    act, detail = (await counter.events(order))[-1]
    assert (act, detail["method"], detail["amount_minor"]) == ("payment.taken", "wechat", 8_000)
    assert (await verify_ledger(session)).flaws == []


async def test_the_gate_opens_when_the_whole_share_is_paid(session, actor, counter: Counter):
    order = await approved(counter, LABOUR, SCREEN)

    await pay(session, actor, order, 20_000)
    assert order.released_at is None
    await pay(session, actor, order, 7_900, PaymentMethod.CARD)
    assert order.released_at == AT
    assert [row.amount_minor for row in await list_payments(session, order.id)] == [20_000, 7_900]


async def test_a_customer_on_account_owes_instead_of_paying(session, actor, counter: Counter):
    order = await approved(counter, LABOUR)

    await pay(session, actor, order, 8_000, PaymentMethod.ACCOUNT)

    assert await counter.balances() == {"customer_receivable": 8_000, "customer_deposits": -8_000}


@pytest.mark.parametrize("amount_minor", [-1, 0, 8_001])
async def test_only_what_is_due_is_taken(session, actor, counter: Counter, amount_minor: int):
    order = await approved(counter, LABOUR)

    with pytest.raises(AmountNotDue) as refusal:
        await pay(session, actor, order, amount_minor)

    assert (refusal.value.field, refusal.value.facts) == ("amount_minor", {"due_minor": 8_000})


async def test_paying_twice_is_refused(session, actor, counter: Counter):
    order = await approved(counter, LABOUR)
    await pay(session, actor, order, 8_000)

    with pytest.raises(AmountNotDue):
        await pay(session, actor, order, 8_000)
    assert await counter.balances() == {"cash": 8_000, "customer_deposits": -8_000}


async def test_nothing_is_due_before_the_customer_agreed(session, actor, counter: Counter):
    order = await counter.order(LABOUR)

    with pytest.raises(QuoteUndecided):
        await pay(session, actor, order, 8_000)


@pytest.mark.parametrize("status", [RepairStatus.CLOSED, RepairStatus.CANCELLED])
async def test_an_ended_order_takes_no_money(session, actor, counter: Counter, status):
    order = await approved(counter, LABOUR, status=status, closed_at=AT)

    with pytest.raises(WrongRepairStatus):
        await pay(session, actor, order, 8_000)
    with pytest.raises(WrongRepairStatus):
        await give_back(session, actor, order, 1)


async def test_what_was_overpaid_is_given_back_and_no_more(session, actor, counter: Counter):
    order = await approved(counter, LABOUR)
    await pay(session, actor, order, 8_000)
    order.customer_minor = 5_000

    with pytest.raises(AmountNotDue):
        await give_back(session, actor, order, 3_001)
    refund = await give_back(session, actor, order, 3_000)

    assert refund.amount_minor == -3_000
    assert order.paid_minor == 5_000
    assert await counter.balances() == {"cash": 5_000, "customer_deposits": -5_000}
    assert (await counter.events(order))[-1][0] == "payment.refunded"


async def test_nothing_is_given_back_while_the_customer_owes(session, actor, counter: Counter):
    order = await approved(counter, LABOUR)
    await pay(session, actor, order, 2_000)

    with pytest.raises(AmountNotDue):
        await give_back(session, actor, order, 2_000)


@pytest.mark.parametrize("verb", [pay, give_back])
async def test_a_role_or_branch_without_the_till_moves_no_money(
    session, actor: Actor, counter: Counter, verb
):
    order = await approved(counter, LABOUR)
    reader = replace(actor, permissions=frozenset({Permission.READ_ORDERS}))

    with pytest.raises(NotPermitted):
        await verb(session, reader, order, 8_000)
    with pytest.raises(NotFound):
        await verb(session, replace(actor, branch_ids=frozenset()), order, 8_000)


@pytest.mark.parametrize("verb", [pay, give_back])
async def test_another_companys_order_is_not_found(engine, actor, counter: Counter, verb):
    order = await approved(counter, LABOUR)
    elsewhere = new_id()

    async with unit_of_work(engine, elsewhere) as other:
        with pytest.raises(NotFound):
            await verb(other, replace(actor, tenant_id=elsewhere), order, 8_000)
