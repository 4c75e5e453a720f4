"""The worker keeps nothing longer than the company decided."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from serviceco.core.actor import Permission
from serviceco.core.refusals import InvalidInput, NotPermitted
from serviceco.customers.tables import Customer
from serviceco.privacy.retention import carry_out, preview_retention, set_retention
from serviceco.privacy.rules import months_before
from serviceco.privacy.words import Kept
from serviceco.storage.outbox import OutboxEntry
from serviceco.storage.unit_of_work import tenant_of
from tests.privacy.people import (
    NAME,
    WORDS,
    add_photo,
    broken_chains,
    counts,
    found,
    settle,
    told_of,
)
from tests.repairs.shop import NOON, Shop

LATER = NOON + timedelta(days=200)


async def rounds(shop: Shop) -> list[tuple[dict[str, Any], object]]:
    rows = await shop.session.execute(
        sa.select(OutboxEntry.payload, OutboxEntry.due_at)
        .where(
            OutboxEntry.tenant_id == tenant_of(shop.session), OutboxEntry.topic == "retention.due"
        )
        .order_by(OutboxEntry.id)
    )
    return [(payload, due_at) for payload, due_at in rows]


async def limited(shop: Shop, kept: Kept, months: int = 6):
    await set_retention(shop.session, shop.actor, kept, months=months, at=LATER)
    [*_, (payload, _)] = await rounds(shop)
    return payload


async def test_customers_without_an_order_for_that_long_are_erased(shop: Shop):
    await told_of(shop)
    await settle(shop.session)
    payload = await limited(shop, Kept.CUSTOMERS)
    assert await carry_out(shop.session, shop.actor, payload, at=LATER) == 1
    assert NAME not in {mark for _, mark in await found(shop.session)}
    assert await broken_chains(shop.session) == []


async def test_who_came_again_meanwhile_is_kept(shop: Shop):
    await told_of(shop)
    await settle(shop.session)
    await shop.received(bought=None, at=LATER - timedelta(days=3))
    payload = await limited(shop, Kept.CUSTOMERS)
    assert await carry_out(shop.session, shop.actor, payload, at=LATER) == 0


async def test_who_has_a_claim_to_be_settled_is_kept(shop: Shop):
    told = await told_of(shop, paid=False)
    assert told.claim is not None
    told.claim.due_on = None
    payload = await limited(shop, Kept.CUSTOMERS)
    assert await carry_out(shop.session, shop.actor, payload, at=LATER) == 0


async def test_words_go_and_their_orders_say_so(shop: Shop):
    told = await told_of(shop)
    await settle(shop.session)
    payload = await limited(shop, Kept.WORDS)
    assert await carry_out(shop.session, shop.actor, payload, at=LATER) == 1
    assert WORDS not in {mark for _, mark in await found(shop.session)}
    assert await broken_chains(shop.session) == []
    customer = await shop.session.get_one(Customer, (told.order.tenant_id, told.order.customer_id))
    assert customer.name == NAME


async def test_photos_of_old_orders_go_and_new_ones_stay(shop: Shop):
    await told_of(shop)
    await settle(shop.session)
    await add_photo(shop, await shop.received(bought=None, at=LATER))
    payload = await limited(shop, Kept.PHOTOS)
    assert await carry_out(shop.session, shop.actor, payload, at=LATER) == 1
    assert await counts(shop.session, "photo") == {"photo": 1}


async def test_a_preview_says_what_would_go_and_changes_nothing(shop: Shop):
    await told_of(shop)
    await settle(shop.session)
    asked = {Kept.CUSTOMERS: 6, Kept.PHOTOS: 6, Kept.WORDS: 12, Kept.SIGN_INS: 6}
    assert await preview_retention(shop.session, shop.actor, asked, at=LATER) == {
        Kept.CUSTOMERS: 1,
        Kept.PHOTOS: 1,
        Kept.WORDS: 0,
        Kept.SIGN_INS: None,
    }
    assert await counts(shop.session, "photo") == {"photo": 1}


async def test_a_round_that_comes_twice_is_done_once_and_sends_one_next(shop: Shop):
    payload = await limited(shop, Kept.WORDS)
    await carry_out(shop.session, shop.actor, payload, at=LATER)
    await carry_out(shop.session, shop.actor, payload, at=LATER)
    due = [due_at for _, due_at in await rounds(shop)]
    assert due == [LATER, LATER + timedelta(days=1)]


async def test_a_changed_rule_stops_the_rounds_of_the_old_one(shop: Shop):
    await told_of(shop)
    await settle(shop.session)
    payload = await limited(shop, Kept.WORDS)
    await set_retention(shop.session, shop.actor, Kept.WORDS, months=None, at=LATER)
    assert await carry_out(shop.session, shop.actor, payload, at=LATER) == 0
    assert len(await rounds(shop)) == 1


@pytest.mark.parametrize("months", [0, 241])
async def test_a_period_has_bounds(shop: Shop, months: int):
    with pytest.raises(InvalidInput):
        await set_retention(shop.session, shop.actor, Kept.WORDS, months=months, at=NOON)


async def test_only_who_answers_for_privacy_decides(shop: Shop):
    stranger = shop.without(Permission.MANAGE_PRIVACY)
    with pytest.raises(NotPermitted):
        await set_retention(shop.session, stranger, Kept.WORDS, months=6, at=NOON)
    with pytest.raises(NotPermitted):
        await preview_retention(shop.session, stranger, {}, at=NOON)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [("2026-03-31", 1, "2026-02-28"), ("2026-01-15", 13, "2024-12-15"), ("2028-02-29", 12, "2027-02-28")],
)  # fmt: skip
def test_months_are_those_of_the_calendar(day: str, months: int, then: str):
    at = NOON.fromisoformat(f"{day}T00:00:00+00:00")
    assert months_before(at, months).date().isoformat() == then


@pytest.mark.parametrize("months", [0, -1, 241, 2**31 - 1])
async def test_a_period_that_nobody_could_decide_is_no_preview(shop: Shop, months):
    with pytest.raises(InvalidInput) as refused:
        await preview_retention(shop.session, shop.actor, {Kept.PHOTOS: months}, at=LATER)
    assert refused.value.field == "photos"
