"""Erasing a person leaves the counts, the books and the chain, and no mark of the person."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from serviceco.claims.words import ClaimStatus
from serviceco.core.actor import Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import NotFound, NotPermitted
from serviceco.customers.tables import Customer
from serviceco.evidence.tables import Event
from serviceco.ledger.queries import list_balances
from serviceco.oversight.operations import project_cases
from serviceco.oversight.tables import BrandCase
from serviceco.privacy.erasure import erase_person
from serviceco.privacy.holdings import linked_tables, loose_tables, personal_columns
from serviceco.privacy.words import ClaimUnsettled, Ground, OrderStillOpen
from serviceco.repairs.tables import CustomerWords
from serviceco.storage.outbox import OutboxEntry
from serviceco.storage.unit_of_work import tenant_of
from tests.privacy.people import (
    NAME,
    PHONE,
    broken_chains,
    counts,
    found,
    settle,
    told_of,
)
from tests.repairs.shop import NOON, Shop

LATER = NOON + timedelta(days=200)
KEPT = ("repair_order", "order_line", "payment", "claim", "quote", "entry", "posting", "handover")


async def erase(shop: Shop, customer_id, *, at=LATER, actor=None):
    return await erase_person(
        shop.session, actor or shop.actor, customer_id, ground=Ground.REQUEST, at=at
    )


async def test_no_mark_of_the_person_is_left_in_any_table(shop: Shop):
    told = await told_of(shop)
    await settle(shop.session)
    assert {mark for _, mark in await found(shop.session)} >= {NAME, PHONE, "陈太太", "POS-881"}

    await erase(shop, told.order.customer_id)

    assert await found(shop.session) == set()


async def test_what_the_brand_is_shown_names_the_device_no_more(shop: Shop):
    told = await told_of(shop, paid=False)
    await settle(shop.session)
    await project_cases(shop.session, [told.order.id], at=NOON)
    seen = sa.select(BrandCase.serial).where(
        BrandCase.brand_id == shop.brand.id, BrandCase.id == told.order.id
    )
    assert await shop.session.scalar(seen) == "356938035643809"

    await erase(shop, told.order.customer_id)

    assert (await shop.session.execute(seen)).one() == (None,)


async def test_counts_books_and_chains_stay(shop: Shop):
    told = await told_of(shop)
    await settle(shop.session)
    before = await counts(shop.session, *KEPT), list(await list_balances(shop.session))

    await erase(shop, told.order.customer_id)

    assert (await counts(shop.session, *KEPT), list(await list_balances(shop.session))) == before
    assert await broken_chains(shop.session) == []
    said = await shop.session.scalar(
        sa.select(Event.detail["words"].astext).where(
            Event.tenant_id == tenant_of(shop.session), Event.act == "repair.received"
        )
    )
    assert len(said or "") == 64
    words = await shop.session.get_one(
        CustomerWords, (told.order.tenant_id, told.order.id), populate_existing=True
    )
    assert (words.words, words.salt) == ("", b"")


async def test_the_act_is_recorded_on_the_persons_chain_and_shown_to_the_company(shop: Shop):
    told = await told_of(shop, paid=False)
    await settle(shop.session)

    entered = await erase(shop, told.order.customer_id)

    [event] = await shop.session.scalars(
        sa.select(Event).where(
            Event.tenant_id == tenant_of(shop.session), Event.subject_id == told.order.customer_id
        )
    )
    assert (event.act, event.detail["ground"]) == ("customer.erased", "request")
    assert entered.detail["repair_order"] == 1
    assert entered.actor_name == shop.actor.name


async def test_a_second_time_changes_nothing(shop: Shop):
    told = await told_of(shop)
    await settle(shop.session)
    first = await erase(shop, told.order.customer_id)

    second = await erase(shop, told.order.customer_id, at=LATER + timedelta(days=1))

    assert second.id == first.id
    customer = await shop.session.get_one(Customer, (first.tenant_id, told.order.customer_id))
    assert (customer.erased_at, customer.event_seq) == (LATER, 1)


async def test_an_open_order_keeps_its_customer(shop: Shop):
    order = await shop.received()
    with pytest.raises(OrderStillOpen) as refused:
        await erase(shop, order.customer_id)
    assert refused.value.facts == {"number": order.number}


async def test_a_claim_that_may_still_be_filed_keeps_its_customer(shop: Shop):
    told = await told_of(shop, paid=False)
    assert told.claim is not None
    with pytest.raises(ClaimUnsettled):
        await erase(shop, told.order.customer_id, at=NOON)


async def test_a_filed_claim_keeps_its_customer_until_its_window_is_over(shop: Shop):
    told = await told_of(shop, paid=False)
    assert told.claim is not None
    told.claim.status, told.claim.submitted_at = ClaimStatus.SUBMITTED, NOON
    await shop.session.flush()
    with pytest.raises(ClaimUnsettled):
        await erase(shop, told.order.customer_id, at=NOON + timedelta(days=89))
    await erase(shop, told.order.customer_id, at=NOON + timedelta(days=90))


async def test_photos_go_and_their_files_are_left_to_the_worker(shop: Shop):
    told = await told_of(shop)
    await settle(shop.session)
    await erase(shop, told.order.customer_id)
    assert await counts(shop.session, "photo") == {"photo": 0}
    payload = await shop.session.scalar(
        sa.select(OutboxEntry.payload).where(
            OutboxEntry.tenant_id == tenant_of(shop.session), OutboxEntry.topic == "files.dropped"
        )
    )
    assert payload == {"sha256": ["a" * 64]}


async def test_the_device_of_another_customer_keeps_its_serial(shop: Shop):
    told = await told_of(shop)
    await settle(shop.session)
    given = replace_customer(shop)
    again = await shop.received(customer=given, bought=None, at=LATER)
    assert again.device_id == told.order.device_id

    await erase(shop, told.order.customer_id)

    serials = await found(shop.session, ("356938035643809",))
    assert {table for table, _ in serials} == {"device", "search_key"}


def replace_customer(shop: Shop):
    given = shop.intake().customer
    return type(given)(phone="139 1234 5678", name="王芳")


async def test_only_who_answers_for_privacy_erases(shop: Shop):
    order = await shop.received()
    with pytest.raises(NotPermitted):
        await erase(shop, order.customer_id, actor=shop.without(Permission.MANAGE_PRIVACY))


async def test_an_unknown_customer_is_not_found(shop: Shop):
    with pytest.raises(NotFound):
        await erase(shop, new_id())


def test_every_personal_column_is_reached_by_a_key_or_by_search():
    reached = linked_tables().keys() | set(loose_tables()) | {"brand_case", "search_key"}
    assert personal_columns().keys() <= reached
    # What must never fall back to a search for names.
    assert {"customer", "customer_words", "handover", "quote", "payment", "photo"} <= set(
        linked_tables()
    )


async def test_an_erased_customer_is_not_found_at_the_counter_again(shop: Shop):
    told = await told_of(shop)
    await settle(shop.session)
    await erase(shop, told.order.customer_id)
    back = await shop.received(bought=None, at=LATER)
    assert back.customer_id != told.order.customer_id
