"""Opening the books, posting, reversing, and the proof that the books are in order."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import NotFound, NotPermitted
from serviceco.ledger.operations import open_chart, post_entry, reverse_entry
from serviceco.ledger.queries import list_balances, verify_ledger
from serviceco.ledger.rules import transfer
from serviceco.ledger.tables import Entry, LedgerAccount, Posting
from serviceco.ledger.words import AccountCode, EntryReversed, Side, Unbalanced
from serviceco.storage.unit_of_work import tenant_of, unit_of_work
from serviceco.tenancy.rules import system_actor
from tests.tenant_constant import unwatched

AT = datetime(2026, 11, 2, 8, tzinfo=UTC)
DAY = date(2026, 11, 2)
BRANCH = new_id()


def side(code: AccountCode, amount_minor: int) -> Side:
    return Side(account_code=code, amount_minor=amount_minor, currency="CNY", branch_id=BRANCH)


def sale(amount_minor: int = 18_000) -> list[Side]:
    return transfer(
        side(AccountCode.CASH, amount_minor), side(AccountCode.CUSTOMER_DEPOSITS, amount_minor)
    )


async def post(books: AsyncSession, actor: Actor, sides: list[Side], day: date = DAY) -> Entry:
    return await post_entry(books, actor, "payment.taken", new_id(), sides, booked_on=day, at=AT)


async def balances(books: AsyncSession) -> dict[str, int]:
    return {each.account_code: each.amount_minor for each in await list_balances(books)}


async def test_a_posted_entry_shows_in_the_balances(books: AsyncSession, bookkeeper: Actor):
    await post(books, bookkeeper, sale(18_000))
    await post(books, bookkeeper, sale(2_000))

    assert await balances(books) == {"cash": 20_000, "customer_deposits": -20_000}


async def test_balances_end_before_a_day_and_keep_to_a_branch(
    books: AsyncSession, bookkeeper: Actor
):
    await post(books, bookkeeper, sale(100))

    assert await list_balances(books, until=DAY) == []
    assert await list_balances(books, branch_id=new_id()) == []
    assert len(await list_balances(books, branch_id=BRANCH, until=date(2026, 11, 3))) == 2


async def test_a_crooked_entry_is_not_written(books: AsyncSession, bookkeeper: Actor):
    with pytest.raises(Unbalanced):
        await post(books, bookkeeper, [side(AccountCode.CASH, 1)])

    assert (await verify_ledger(books)).entries == 0


async def test_a_reversal_names_its_entry_and_brings_the_balances_back(
    books: AsyncSession, bookkeeper: Actor
):
    wrong = await post(books, bookkeeper, sale())
    right = await reverse_entry(books, bookkeeper, wrong.id, booked_on=DAY, at=AT)

    assert right.reverses_id == wrong.id
    assert right.subject_id == wrong.subject_id
    assert set((await balances(books)).values()) == {0}
    assert (await verify_ledger(books)).flaws == []


async def test_an_entry_is_reversed_once_and_a_reversal_never(
    books: AsyncSession, bookkeeper: Actor
):
    wrong = await post(books, bookkeeper, sale())
    right = await reverse_entry(books, bookkeeper, wrong.id, booked_on=DAY, at=AT)

    for entry in (wrong, right):
        with pytest.raises(EntryReversed):
            await reverse_entry(books, bookkeeper, entry.id, booked_on=DAY, at=AT)


async def test_an_unknown_entry_cannot_be_reversed(books: AsyncSession, bookkeeper: Actor):
    with pytest.raises(NotFound):
        await reverse_entry(books, bookkeeper, new_id(), booked_on=DAY, at=AT)


async def test_an_entry_of_another_branch_is_not_found(books: AsyncSession, bookkeeper: Actor):
    entry = await post(books, bookkeeper, sale())
    elsewhere = replace(bookkeeper, branch_ids=frozenset({new_id()}))

    with pytest.raises(NotFound):
        await reverse_entry(books, elsewhere, entry.id, booked_on=DAY, at=AT)


async def test_the_counter_may_neither_reverse_nor_open_the_books(
    books: AsyncSession, bookkeeper: Actor
):
    counter = replace(bookkeeper, permissions=frozenset({Permission.TAKE_PAYMENT}))
    wrong = await post(books, bookkeeper, sale())

    with pytest.raises(NotPermitted):
        await reverse_entry(books, counter, wrong.id, booked_on=DAY, at=AT)
    with pytest.raises(NotPermitted):
        await open_chart(books, counter)


async def test_opening_the_books_again_changes_nothing(books: AsyncSession, bookkeeper: Actor):
    await open_chart(books, bookkeeper)

    accounts = await books.scalar(
        select(func.count()).where(LedgerAccount.tenant_id == tenant_of(books))
    )
    assert accounts == len(AccountCode)


async def test_another_company_sees_neither_the_entry_nor_its_postings(
    engine: AsyncEngine, books: AsyncSession, bookkeeper: Actor
):
    entry = await post(books, bookkeeper, sale())

    async with unit_of_work(engine, new_id()) as elsewhere:
        stranger = system_actor(tenant_of(elsewhere))
        assert await list_balances(elsewhere) == []
        with pytest.raises(NotFound):
            await reverse_entry(elsewhere, stranger, entry.id, booked_on=DAY, at=AT)


@pytest.mark.parametrize("verb", ["UPDATE posting SET amount_minor = 1", "DELETE FROM entry"])
async def test_what_was_posted_cannot_be_changed(books: AsyncSession, verb: str):
    with unwatched(), pytest.raises(DBAPIError, match="permission denied"):
        await books.execute(text(verb))


def posting(books: AsyncSession, entry_id: UUID, amount_minor: int) -> dict[str, object]:
    return {
        "tenant_id": tenant_of(books),
        "entry_id": entry_id,
        "position": 9,
        "account_code": "cash",
        "amount_minor": amount_minor,
        "currency": "CNY",
    }


async def test_the_proof_finds_a_crooked_entry_and_the_crooked_total(
    books: AsyncSession, bookkeeper: Actor
):
    entry = await post(books, bookkeeper, sale())
    await books.execute(insert(Posting).values(posting(books, entry.id, 7)))

    proof = await verify_ledger(books)
    assert proof.flaws == [
        f"entry {entry.id} leaves 7 minor units of CNY",
        "all postings leave 7 minor units of CNY",
    ]


async def test_the_proof_finds_an_empty_entry(books: AsyncSession, bookkeeper: Actor):
    empty = Entry(
        tenant_id=tenant_of(books),
        id=new_id(),
        act="nothing",
        subject_id=new_id(),
        booked_on=DAY,
        booked_at=AT,
        booked_by=bookkeeper.account_id,
    )
    books.add(empty)
    await books.flush()

    assert (await verify_ledger(books)).flaws == [f"entry {empty.id} has no postings"]


async def test_the_proof_finds_a_posting_from_before_the_account_existed(
    books: AsyncSession, bookkeeper: Actor
):
    entry = await post(books, bookkeeper, sale(), day=date(2019, 12, 31))

    proof = await verify_ledger(books)
    assert f"entry {entry.id} posts to cash on a day when it was not in use" in proof.flaws
    assert (proof.entries, proof.postings) == (1, 2)
