import importlib

import pytest
from sqlalchemy import delete, select

from serviceco.repairs.rules import SearchFacts, search_words, typed_spans
from serviceco.repairs.searching import renew_search_keys
from serviceco.repairs.tables import SearchKey
from tests.tenant_constant import unwatched

FACTS = SearchFacts(
    number="261122000157",
    serials=["SN-123 45A", "356938035643809"],
    products=["Apple", "苹果", "iPhone 15 Pro", "SM-G991B", "Café"],
    customer="欧阳小芳 O'Neill",
    phone="+8613812345678",
)


def finds(typed: str, *, facts: SearchFacts = FACTS) -> bool:
    """Tell whether a typed text finds an order, as the database would compare words."""
    spans, words = typed_spans(typed), search_words(facts)
    return bool(spans) and all(
        since in words
        if until is None
        else any(since.encode() <= word.encode() < until.encode() for word in words)
        for since, until in spans
    )


@pytest.mark.parametrize(
    "typed",
    [
        "261122000157", "2611 2200 0157", "261122", "２６１１２２０００１５７", "sn12345a", "SN-123",
        "356938035643809", "35693803 5643809", "13812345678", "+86 138 1234 5678", "138-1234",
        "5678", "欧阳小芳", "欧阳", "小芳", "芳", "欧", "oneill", "o'neill", "O’Neill", "neill",
        "apple", "APP", "苹果", "iphone 15", "15 iPhone", "sm-g991b", "SM G991B", "g991", "café",
        "cafe\u0301", "iphone苹果", "小芳 iPhone 138 1234 5678",
    ],
)  # fmt: skip
def test_a_text_finds_the_order_that_it_means(typed: str) -> None:
    assert finds(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "", "  ", "!!!", "261122000158", "112200", "芳小", "欧小", "王芳", "iphone 16", "pple",
        "138 1234 5679", "12345678", "小芳 samsung", "1", "13", "138", "阳",
    ],
)  # fmt: skip
def test_a_text_finds_no_other_order(typed: str) -> None:
    assert not finds(typed)


def test_a_number_of_a_model_means_no_telephone_that_begins_alike() -> None:
    facts = SearchFacts(number="261122000157", products=["iPhone"], phone="+8615012345678")
    assert not finds("iPhone 15", facts=facts)


def test_only_what_the_customer_alone_is_known_by_is_personal() -> None:
    facts = SearchFacts(
        number="1", products=["Apple"], customer="Apple 王芳", phone="+8613812345678"
    )
    words = search_words(facts)
    personal = {word for word, is_personal in words.items() if is_personal}
    assert personal == {"王芳", "王", "芳", "13812345678", "5678"}


def test_the_longest_word_is_looked_up_first() -> None:
    assert [span.since for span in typed_spans("15 iphone 苹果")] == ["iphone", "15", "苹果"]


def test_no_text_asks_for_a_word_that_is_longer_than_the_stored_ones() -> None:
    assert len(typed_spans("x" * 5_000)[0].since) == 60


async def stored(session, order) -> dict[str, bool]:
    found = await session.execute(
        select(SearchKey.word, SearchKey.is_personal).where(
            SearchKey.tenant_id == order.tenant_id, SearchKey.order_id == order.id
        )
    )
    return {row.word: row.is_personal for row in found}


async def test_intake_keeps_the_words_that_are_made_anew_from_the_rows(session, shop) -> None:
    order = await shop.received()
    kept = await stored(session, order)
    assert kept[order.number] is False
    assert any(kept.values())
    await renew_search_keys(session, [order.id])
    assert await stored(session, order) == kept


async def test_the_migration_finds_orders_by_the_same_words(session, shop) -> None:
    migration = importlib.import_module("migrations.versions.0014_words_by_which_orders_are_found")
    order = await shop.received()
    kept = await stored(session, order)
    connection = await session.connection()
    where = f"WHERE o.tenant_id = '{order.tenant_id}' AND o.id = '{order.id}'"
    with unwatched():
        found = await connection.exec_driver_sql(f"{migration._FOUND_BY} {where}")
    assert migration._words_of(found.one()) == kept


async def test_renewed_words_are_of_these_orders_alone(session, shop) -> None:
    first, second = (
        await shop.received(),
        await shop.received(device=shop.device(serial="490154203237518")),
    )
    kept = await stored(session, second)
    await session.execute(delete(SearchKey).where(SearchKey.tenant_id == first.tenant_id))
    await renew_search_keys(session, [second.id])
    assert (await stored(session, first), await stored(session, second)) == ({}, kept)
