"""The reconciliation finds whatever does not add up."""

import pytest
from sqlalchemy import update

from serviceco.billing.payments import take_payment
from serviceco.billing.words import PaymentMethod
from serviceco.claims.operations import open_claim
from serviceco.claims.reconciliation import list_unexplained
from serviceco.claims.tables import Claim, ClaimLine
from serviceco.ledger.operations import post_entry
from serviceco.ledger.words import Side
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import Origin
from serviceco.repairs.work_tables import OrderLine
from tests.billing.counter import AT, BATTERY, COVERED, KINDNESS, LABOUR
from tests.claims.desk import Desk


@pytest.fixture
async def order(session, actor, desk: Desk) -> RepairOrder:
    """A mixed order, handed over and claimed for."""
    order = await desk.handed_over(COVERED, BATTERY, LABOUR, KINDNESS)
    await open_claim(session, actor, order.id, at=AT)
    return order


async def found(session) -> set[str]:
    return {each.what for each in await list_unexplained(session)}


async def test_a_claimed_order_explains_itself(session, order: RepairOrder):
    assert await list_unexplained(session) == []


@pytest.mark.parametrize(
    ("table", "kept", "what"),
    [
        (OrderLine, {"price_minor": 1, "amount_minor": 1}, "brand lines"),
        (RepairOrder, {"brand_minor": 1}, "brand receivable"),
        (RepairOrder, {"tenant_minor": 1}, "goodwill cost"),
        (RepairOrder, {"paid_minor": 1}, "payments"),
        (RepairOrder, {"customer_minor": 1}, "customer paid"),
        (Claim, {"amount_minor": 1}, "claim"),
        (ClaimLine, {"amount_minor": 1}, "claim lines"),
    ],
)
async def test_a_changed_amount_is_found(session, order: RepairOrder, table, kept, what):
    await session.execute(update(table).where(table.tenant_id == order.tenant_id).values(**kept))

    assert what in await found(session)


async def test_an_entry_that_belongs_to_no_line_is_found(session, actor, order: RepairOrder):
    sides = [
        Side(account_code="brand_receivable", amount_minor=7, currency="CNY"),
        Side(account_code="warranty_income", amount_minor=-7, currency="CNY"),
    ]
    await post_entry(session, actor, "odd", order.id, sides, booked_on=AT.date(), at=AT)

    [difference] = await list_unexplained(session)
    assert (difference.number, difference.what) == (order.number, "brand receivable")
    assert difference.found_minor - difference.wanted_minor == 7


async def test_a_deposit_is_explained_while_the_order_is_open(session, actor, desk: Desk):
    order = await desk.counter.finished(LABOUR)
    await take_payment(
        session, actor, order.number, amount_minor=1, method=PaymentMethod.CASH, at=AT
    )

    assert await list_unexplained(session) == []


async def test_imported_history_has_no_money_to_explain(session, desk: Desk):
    await desk.counter.order(COVERED, origin=Origin.IMPORT, closed_at=AT)

    assert await list_unexplained(session) == []
