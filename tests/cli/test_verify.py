import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.cli import main
from serviceco.core.ids import new_id
from serviceco.ledger.operations import open_chart, post_entry
from serviceco.ledger.tables import Entry, Posting
from serviceco.ledger.words import Side
from serviceco.storage.outbox import send
from serviceco.storage.relay import MOST_ATTEMPTS, Delivery, list_parked, postpone
from serviceco.storage.unit_of_work import unit_of_work
from serviceco.tenancy.rules import system_actor
from tests.factories import Factory
from tests.reports.history import open_history

AT = datetime(2026, 11, 2, 8, tzinfo=UTC)
Verify = Callable[..., Awaitable[Result]]


@pytest.fixture
def verify(owner_url: str, tenant_id: UUID) -> Verify:
    """Runs `serviceco verify …` for the test's company."""

    async def run(*arguments: str, tenant: str = f"t-{tenant_id.hex}") -> Result:
        # In a thread of its own: the command starts an event loop.
        return await asyncio.to_thread(
            CliRunner().invoke,
            main,
            ["verify", *arguments, "--tenant", tenant],
            env={"DATABASE_URL": owner_url},
        )

    return run


@pytest.fixture
async def entry(engine: AsyncEngine, tenant_id: UUID) -> Entry:
    """An entry in the committed books of the company."""
    async with unit_of_work(engine, tenant_id) as session:
        actor = system_actor(tenant_id)
        await open_chart(session, actor)
        sides = [
            Side(account_code="cash", amount_minor=500, currency="CNY"),
            Side(account_code="customer_deposits", amount_minor=-500, currency="CNY"),
        ]
        return await post_entry(
            session, actor, "test", new_id(), sides, booked_on=date(2026, 11, 2), at=AT
        )


@pytest.fixture
async def parked_id(engine: AsyncEngine, tenant_id: UUID) -> UUID:
    """An outbox entry that the worker gave up on."""
    async with unit_of_work(engine, tenant_id) as session:
        entry_id = await send(session, "test.lost", {}, at=AT)
        delivery = Delivery(
            id=entry_id, topic="test.lost", payload={}, sent_at=AT, attempt=MOST_ATTEMPTS
        )
        await postpone(session, delivery, why="torn page", is_final=False, at=AT)
    return entry_id


async def test_books_in_order_are_right(verify: Verify, entry: Entry):
    answer = await verify("ledger")

    assert answer.exit_code == 0, answer.output
    assert "right (1 entries, 2 postings)" in answer.output


async def test_a_crooked_entry_is_named_and_ends_with_1(
    verify: Verify, engine: AsyncEngine, tenant_id: UUID, entry: Entry
):
    async with unit_of_work(engine, tenant_id) as session:
        crooked = {"tenant_id": tenant_id, "entry_id": entry.id, "position": 3, "currency": "CNY"}
        await session.execute(
            insert(Posting).values(**crooked, account_code="cash", amount_minor=1)
        )

    answer = await verify("ledger")

    assert answer.exit_code == 1
    assert f"entry {entry.id} leaves 1 minor units of CNY" in answer.output


async def test_an_unknown_company_is_a_sentence(verify: Verify):
    answer = await verify("ledger", tenant="nowhere")

    assert answer.exit_code == 1
    assert "There is no company 'nowhere'." in answer.output


async def test_an_outbox_without_parked_entries_is_right(verify: Verify):
    answer = await verify("outbox")

    assert answer.exit_code == 0, answer.output


async def test_what_was_parked_is_listed_with_its_reason(verify: Verify, parked_id: UUID):
    answer = await verify("outbox")

    assert answer.exit_code == 1
    assert f"test.lost {parked_id}, 0 attempts: torn page" in answer.output


async def test_what_was_parked_can_be_tried_again(
    verify: Verify, engine: AsyncEngine, tenant_id: UUID, parked_id: UUID
):
    await verify("outbox", "--resume")

    async with unit_of_work(engine, tenant_id) as session:
        assert await list_parked(session) == []
    assert (await verify("outbox")).exit_code == 0


@pytest.fixture
async def uncounted(engine: AsyncEngine, tenant_id: UUID, admin_engine: AsyncEngine) -> None:
    """A closed order of which no worker heard."""
    async with unit_of_work(engine, tenant_id) as session:
        make = Factory(session, tenant_id, admin_engine)
        await (await open_history(make)).order(await make.branch(), closed_at=AT, hours=1)


@pytest.mark.usefixtures("uncounted")
async def test_a_day_that_differs_from_its_orders_is_named_and_a_rebuild_mends_it(verify: Verify):
    found = await verify("reports")
    assert (
        found.exit_code,
        "1 days differ from the orders, the first is 2026-11-02" in found.output,
    ) == (1, True)
    mended = await verify("reports", "--rebuild")
    assert (mended.exit_code, "0 days differ" in mended.output) == (0, True), mended.output
    assert (await verify("reports")).exit_code == 0


async def test_what_brands_are_shown_is_proved_and_made_anew(verify: Verify):
    made = await verify("projections", "--rebuild")
    assert made.exit_code == 0, made.output
    assert "right (0 differ)" in made.output
