"""Everything about a person, as a company hands it to them."""

import json
from datetime import timedelta

import pytest

from serviceco.core.actor import Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import NotPermitted
from serviceco.privacy.erasure import erase_person
from serviceco.privacy.holdings import linked_tables, personal_columns
from serviceco.privacy.persons import export_person, read_export
from serviceco.privacy.queries import find_persons
from serviceco.privacy.words import AlreadyErased, ExportExpired, Ground
from tests.privacy.people import NAME, PHONE, WORDS, settle, told_of
from tests.repairs.shop import NOON, Shop


async def exported(shop: Shop, customer_id, *, at=NOON):
    entered = await export_person(shop.session, shop.actor, customer_id, at=NOON)
    return await read_export(shop.session, shop.actor, entered.id, at=at)


async def test_an_export_holds_every_personal_column_of_every_table(shop: Shop):
    told = await told_of(shop)
    everything = await exported(shop, told.customer_id)

    missing = {
        (name, column.name)
        for name, columns in personal_columns().items()
        for column in columns
        for row in everything.get(name, [])
        if column.name not in row
    }
    assert missing == set()
    assert {"customer", "customer_words", "device", "handover", "payment", "quote"} <= set(
        everything
    )
    assert everything["customer"][0]["name"] == NAME
    assert everything["customer_words"][0]["words"] == WORDS
    assert everything["handover"][0]["collector"] == "陈太太"
    assert everything["order_line"][0]["price_minor"] == 45_000
    assert everything["event"][0]["act"] == "repair.received"


async def test_what_names_the_person_without_a_key_is_told_too(shop: Shop):
    told = await told_of(shop)
    everything = await exported(shop, told.customer_id)
    assert NAME in json.dumps(everything["idempotency_key"], ensure_ascii=False)
    assert PHONE in everything["outbox_entry"][0]["failed"]


async def test_an_export_tells_of_nobody_else(shop: Shop):
    told = await told_of(shop)
    other = shop.intake().customer
    await shop.received(
        customer=type(other)(phone="139 1234 5678", name="王芳"),
        device=shop.device(serial="356938035643817"),
        words="别人的话",
    )
    text = json.dumps(await exported(shop, told.customer_id), ensure_ascii=False)
    assert not [mark for mark in ("13912345678", "别人的话", "李工") if mark in text]


async def test_an_export_is_fetched_within_minutes_and_by_its_maker(shop: Shop):
    told = await told_of(shop)
    entered = await export_person(shop.session, shop.actor, told.customer_id, at=NOON)
    with pytest.raises(ExportExpired):
        await read_export(shop.session, shop.actor, entered.id, at=NOON + timedelta(minutes=15))
    with pytest.raises(ExportExpired):
        await read_export(shop.session, await shop.colleague(), entered.id, at=NOON)


async def test_nothing_is_told_of_who_was_erased(shop: Shop):
    told = await told_of(shop, paid=False)
    await settle(shop.session)
    customer_id = told.customer_id
    await erase_person(
        shop.session, shop.actor, customer_id, ground=Ground.REQUEST, at=NOON + timedelta(days=2)
    )
    with pytest.raises(AlreadyErased):
        await export_person(shop.session, shop.actor, customer_id, at=NOON)


async def test_a_person_is_found_by_their_telephone(shop: Shop):
    order = await shop.received()
    [found] = await find_persons(shop.session, shop.actor, "138-1234-5678", country="CN")
    assert (found.id, found.name) == (order.customer_id, NAME)
    assert await find_persons(shop.session, shop.actor, "138", country="CN") == []


async def test_only_who_answers_for_privacy_exports(shop: Shop):
    stranger = shop.without(Permission.MANAGE_PRIVACY)
    with pytest.raises(NotPermitted):
        await export_person(shop.session, stranger, new_id(), at=NOON)
    with pytest.raises(NotPermitted):
        await find_persons(shop.session, stranger, "13812345678", country="CN")


def test_staff_tables_are_not_the_persons():
    assert "staff" not in linked_tables()
