import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from random import Random

import pytest

from serviceco.core.ids import new_id
from serviceco.core.periods import Period
from serviceco.policy.words import Coverage
from serviceco.repairs.words import Origin, Outcome, ServiceMode
from serviceco.reports.queries import branch_performance, recompute
from serviceco.reports.rollups import apply_entries, list_stale_days, rebuild
from serviceco.reports.rules import TURNAROUND_ERROR
from serviceco.storage.outbox import send
from serviceco.storage.unit_of_work import unit_of_work
from tests.factories import Factory
from tests.reports.history import Delivery, handed_over, open_history

NOON = datetime(2026, 3, 31, 4, tzinfo=UTC)
LATER = NOON + timedelta(days=1)
YEAR = Period(date(2026, 1, 1), date(2027, 1, 1))


async def figures(session, actor, period=YEAR, **filters):
    return (await branch_performance(session, actor, period, at=LATER, **filters)).total


def counts_of(performance):
    """A report without its quantiles and its date, to compare two ways of making it."""
    return [
        (
            row.branch_id,
            row.brand_id,
            replace(row.figures, turnaround_p50_seconds=None, turnaround_p90_seconds=None),
        )
        for row in performance.rows
    ]


async def mixed_year(history, make):
    """Two branches in two zones, two brands and none, every coverage and outcome, repeats."""
    chance = Random(7)  # noqa: S311 - the same year in every run
    branches = [await make.branch(zone=zone) for zone in ("Asia/Shanghai", "America/New_York")]
    brands = [await make.brand(), await make.brand(name="海川"), None]
    orders = []
    for coverage, outcome in product(Coverage, (*Outcome, None)):
        closed_at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(525_600))
        order = await history.order(
            chance.choice(branches),
            brand=chance.choice(brands),
            coverage=coverage,
            outcome=outcome,
            closed_at=closed_at,
            hours=chance.choice([None, 0, 0.5, 3, 26, 75, 400]),
            mode=chance.choice(list(ServiceMode)),
            origin=chance.choice(list(Origin)),
            promised_at=chance.choice([None, closed_at]),
            brand_minor=chance.randrange(20_000),
            customer_minor=chance.randrange(20_000),
            tenant_minor=chance.randrange(500),
            other_minor=chance.randrange(500),
        )
        orders.append(order)
        if chance.random() < 0.4:
            back_at = closed_at + timedelta(days=chance.choice([2, 89, 91]))
            orders.append(
                await history.order(
                    chance.choice(branches), closed_at=back_at, repeats=order, hours=1
                )
            )
    return orders


async def test_a_roll_up_equals_the_recomputation(session, make, actor, history):
    orders = await mixed_year(history, make)
    await apply_entries(session, handed_over(*orders), at=LATER)

    assert await list_stale_days(session) == []
    for period in (
        YEAR,
        Period(date(2026, 2, 10), date(2026, 7, 20)),
        Period(date(2026, 5, 3), date(2026, 5, 9)),
    ):
        rolled = await branch_performance(session, actor, period, at=LATER)
        exact = await recompute(session, actor, period, at=LATER)
        assert counts_of(rolled) == counts_of(exact)
        for one, other in zip((*rolled.rows,), (*exact.rows,), strict=True):
            for name in ("turnaround_p50_seconds", "turnaround_p90_seconds"):
                read, true = getattr(one.figures, name), getattr(other.figures, name)
                assert (read is None) == (true is None)
                assert read is None or abs(read - true) <= TURNAROUND_ERROR * true + 30


async def test_a_rebuild_equals_what_the_worker_kept(session, make, actor, history):
    orders = await mixed_year(history, make)
    await apply_entries(session, handed_over(*orders), at=LATER)
    kept = await branch_performance(session, actor, YEAR, at=LATER)

    # Orders of 2027 are in the roll-ups too, though not in the year's report.
    assert await rebuild(session) == len(orders)

    rebuilt = await branch_performance(session, actor, YEAR, at=LATER)
    assert counts_of(rebuilt) == counts_of(kept)


async def test_a_second_delivery_adds_nothing(session, make, actor, history):
    entries = handed_over(await history.order(await make.branch(), closed_at=NOON))
    assert await apply_entries(session, entries, at=NOON) == 1
    assert await apply_entries(session, entries, at=LATER) == 0
    # The same news under another id is no second order either.
    again = [replace(entries[0], id=new_id())]
    assert await apply_entries(session, again, at=LATER) == 1
    assert (await figures(session, actor)).orders == 1


async def test_two_workers_on_one_day_take_turns(engine, tenant_id, admin_engine):
    async with unit_of_work(engine, tenant_id) as session:
        make = Factory(session, tenant_id, admin_engine)
        branch, history = await make.branch(), await open_history(make)
        orders = [await history.order(branch, closed_at=NOON) for _ in range(2)]
        actor = make.actor()

    async def work(order):
        async with unit_of_work(engine, tenant_id) as session:
            await apply_entries(session, handed_over(order), at=NOON)

    await asyncio.gather(*(work(order) for order in orders))
    async with unit_of_work(engine, tenant_id) as session:
        assert (await figures(session, actor)).orders == 2


async def test_entries_of_other_topics_are_passed_over(session, make, actor):
    other = [Delivery(new_id(), "claim.submitted", {"claim_id": "x"})]
    assert await apply_entries(session, other, at=NOON) == 0


async def test_an_order_counts_on_the_day_of_its_branch(session, make, actor, history):
    shanghai = await make.branch(zone="Asia/Shanghai")
    # 31 March, 16:30 UTC, is 1 April in Shanghai.
    order = await history.order(shanghai, closed_at=datetime(2026, 3, 31, 16, 30, tzinfo=UTC))
    await apply_entries(session, handed_over(order), at=LATER)

    march = await figures(session, actor, Period(date(2026, 3, 1), date(2026, 4, 1)))
    april = await figures(session, actor, Period(date(2026, 4, 1), date(2026, 5, 1)))
    first = await figures(session, actor, Period(date(2026, 4, 1), date(2026, 4, 2)))
    assert (march.orders, april.orders, first.orders) == (0, 1, 1)


async def test_a_repeat_within_90_days_is_charged_to_the_first_repair(
    session, make, actor, history
):
    first_branch, second_branch = await make.branch(), await make.branch()
    first = await history.order(first_branch, closed_at=NOON)
    other = await history.order(first_branch, closed_at=NOON)
    await apply_entries(session, handed_over(first, other), at=NOON)

    back = await history.order(
        second_branch, closed_at=None, received_at=NOON + timedelta(days=90), repeats=first
    )
    late = await history.order(
        second_branch, closed_at=None, received_at=NOON + timedelta(days=91), repeats=other
    )
    came = [
        Delivery(
            new_id(),
            "repair.received",
            {"order_id": str(order.id), "repeat_of_id": str(order.repeat_of_id)},
        )
        for order in (back, late)
    ]
    await apply_entries(session, came, at=LATER)

    charged = await figures(session, actor, branch_ids=[first_branch.id])
    assert (charged.cohort, charged.repeated, charged.repeat_rate) == (2, 1, 0.5)
    assert charged.is_provisional
    taking_in = await figures(session, actor, branch_ids=[second_branch.id])
    assert (taking_in.received, taking_in.orders, taking_in.repeat_rate) == (2, 0, None)


async def test_imported_history_has_no_turnaround_and_no_cohort(session, make, actor, history):
    order = await history.order(
        await make.branch(), closed_at=NOON, hours=None, origin=Origin.IMPORT
    )
    await apply_entries(session, handed_over(order), at=NOON)
    total = await figures(session, actor)
    assert (total.orders, total.timed, total.cohort) == (1, 0, 0)
    assert total.turnaround_p50_seconds is None


async def test_a_changed_order_leaves_the_day_it_counted_on(session, make, actor, history):
    here, there = await make.branch(), await make.branch()
    order = await history.order(here, closed_at=NOON, hours=1)
    await apply_entries(session, handed_over(order), at=NOON)

    order.branch_id = there.id
    await session.flush()
    day = NOON.date()
    assert await list_stale_days(session) == sorted([(here.code, day), (there.code, day)])
    moved = Delivery(
        new_id(),
        "repair.import_changed",
        {"order_ids": [str(order.id)], "was": [[str(here.id), "2026-03-31"]]},
    )
    await apply_entries(session, [moved], at=LATER)

    assert await list_stale_days(session) == []
    assert (await figures(session, actor, branch_ids=[here.id])).orders == 0
    assert (await figures(session, actor, branch_ids=[there.id])).orders == 1


@pytest.mark.parametrize("done", [False, True])
async def test_a_report_says_up_to_when_it_is_complete(session, make, actor, history, done):
    order = await history.order(await make.branch(), closed_at=NOON)
    entry_id = await send(session, "repair.handed_over", {"order_id": order.id}, at=NOON)
    if done:
        entry = Delivery(entry_id, "repair.handed_over", {"order_id": str(order.id)})
        await apply_entries(session, [entry], at=LATER)
    report = await branch_performance(session, actor, YEAR, at=LATER)
    assert (report.as_of, report.total.orders) == ((LATER, 1) if done else (NOON, 0))
