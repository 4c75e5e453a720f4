"""Replays: the past decided anew, order by order as at the counter, and nothing changed by it."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from serviceco.billing.handover import hand_over
from serviceco.billing.payments import take_payment
from serviceco.billing.words import PaymentMethod
from serviceco.core.actor import Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import InvalidInput, NotFound, NotPermitted
from serviceco.ledger.operations import open_chart
from serviceco.policy import drafting
from serviceco.policy.operations import publish_policy
from serviceco.policy.packs import pack_text
from serviceco.policy.tables import PolicyVersion
from serviceco.policy.words import Coverage, DraftBroken, Payer, policy_of
from serviceco.repairs.bench import decline_repair
from serviceco.repairs.words import RepairStatus
from serviceco.reports import replays
from serviceco.reports.replay_tables import PolicyReplay, ReplayCell, ReplayedOrder
from serviceco.reports.words import ReplayEnded, ReplayStatus, TooManyReplays
from serviceco.storage.outbox import OutboxEntry
from tests.policy.factories import cover, term
from tests.repairs.shop import LONG_AGO, NOON, open_shop

SERIALS = ("356938035643809", "356938035643817", "356938035643825", "356938035643833")
CASE = """
tests:
  - name: new
    facts: {category: phone, line_kind: labour, received_on: 2026-11-22}
    expect: {payer: customer, reasons: [r_no_proof]}
"""
# The display and its labour of level 2, to the brand and to a customer.
TO_BRAND, TO_CUSTOMER, DIAGNOSIS = 38_000, 57_000, 3_000


@pytest.fixture
async def shop(make, actor):
    await open_chart(make.session, actor)
    return await open_shop(make)


@pytest.fixture
async def version(session, shop):
    return (
        await session.scalars(
            select(PolicyVersion).where(PolicyVersion.tenant_id == shop.make.tenant_id)
        )
    ).one()


@pytest.fixture
async def closed(session, shop, actor):
    """Two phones in warranty that were repaired, the younger one last."""
    orders = []
    for serial, bought in zip(SERIALS, (date(2025, 12, 1), date(2026, 10, 1)), strict=False):
        order = await shop.ready(device=shop.device(serial=serial), bought=bought)
        orders.append(await leave(session, actor, order))
    return orders


def shorter(version, **changes):
    """The policy with six months instead of twelve, as a further version."""
    return replace(
        policy_of(version.document),
        version="shorter",
        coverage={"phone": cover(whole=term(6, 6))},
        **changes,
    )


async def leave(session, actor, order):
    """Give the device back, what its customer owes paid."""
    if order.customer_minor:
        await take_payment(
            session,
            actor,
            order.number,
            amount_minor=order.customer_minor,
            method=PaymentMethod.CASH,
            at=NOON,
        )
    return await hand_over(session, actor, order.number, accessories=[], at=NOON)


async def run(session, replay):
    while await replays.advance(session, replay, at=NOON):
        pass
    return replay


async def begun(session, actor, policy, most_orders=100, against_id=None):
    return await replays.replay_policy(
        session, actor, policy, most_orders=most_orders, against_id=against_id, at=NOON
    )


async def cells(session, replay):
    rows = await session.scalars(
        select(ReplayCell).where(
            ReplayCell.tenant_id == replay.tenant_id, ReplayCell.replay_id == replay.id
        )
    )
    return {(row.before, row.after): row for row in rows}


async def changed(session, replay):
    rows = await session.scalars(
        select(ReplayedOrder)
        .where(ReplayedOrder.tenant_id == replay.tenant_id, ReplayedOrder.replay_id == replay.id)
        .order_by(ReplayedOrder.order_id.desc())
    )
    return rows.all()


async def test_the_policy_that_decided_changes_nothing(session, actor, version, closed):
    replay = await run(session, await begun(session, actor, policy_of(version.document)))
    assert replay.status is ReplayStatus.DONE
    assert (replay.orders, replay.done, replay.changed) == (2, 2, 0)
    [(key, cell)] = (await cells(session, replay)).items()
    assert key == (Coverage.IN_WARRANTY, Coverage.IN_WARRANTY)
    assert cell.orders == 2
    assert cell.brand_before_minor == cell.brand_after_minor == 2 * TO_BRAND
    assert sum(order.brand_minor for order in closed) == 2 * TO_BRAND
    assert await changed(session, replay) == []


async def test_a_shorter_term_moves_the_older_phone_to_its_customer(
    session, actor, version, closed
):
    replay = await run(session, await begun(session, actor, shorter(version)))
    assert replay.changed == 1
    found = await cells(session, replay)
    assert found[Coverage.IN_WARRANTY, Coverage.IN_WARRANTY].orders == 1
    moved = found[Coverage.IN_WARRANTY, Coverage.PAID]
    assert (moved.brand_before_minor, moved.brand_after_minor) == (TO_BRAND, 0)
    assert (moved.customer_before_minor, moved.customer_after_minor) == (0, TO_CUSTOMER)
    [row] = await changed(session, replay)
    assert row.order_id == closed[0].id
    assert closed[0].coverage is Coverage.IN_WARRANTY


async def test_both_decisions_on_an_order_are_explained(session, actor, version, closed):
    replay = await run(session, await begun(session, actor, shorter(version)))
    currency, lines = await replays.explain_order(session, actor, replay.id, closed[0].number)
    assert currency == "CNY"
    assert [(line.before["payer"], line.after["payer"]) for line in lines] == [
        (Payer.BRAND, Payer.CUSTOMER)
    ] * 2
    assert sum(line.before_minor for line in lines) == TO_BRAND
    assert sum(line.after_minor for line in lines) == TO_CUSTOMER
    assert {line.after["reasons"][0]["code"] for line in lines} == {"r_expired"}
    assert {line.after["policy"]["version"] for line in lines} == {"shorter"}


async def test_step_by_step_is_the_same_as_at_once(session, actor, version, closed, monkeypatch):
    whole = await run(session, await begun(session, actor, shorter(version)))
    monkeypatch.setattr(replays, "STEP", 1)
    parts = await begun(session, actor, shorter(version))
    assert await replays.advance(session, parts, at=NOON)
    assert parts.done == 1
    # Word that comes again finds more done than it knows of.
    await replays.take_step(session, parts.id, 0, at=NOON)
    assert parts.done == 1
    await replays.take_step(session, parts.id, 1, at=NOON)
    assert parts.status is ReplayStatus.DONE
    assert parts.changed == whole.changed == 1
    sums = [
        {key: (cell.orders, cell.brand_after_minor, cell.customer_after_minor)}
        for replay in (whole, parts)
        for key, cell in (await cells(session, replay)).items()
    ]
    assert sums[: len(sums) // 2] == sums[len(sums) // 2 :]


async def test_only_the_latest_orders_that_were_asked_for(session, actor, version, closed):
    replay = await run(session, await begun(session, actor, shorter(version), most_orders=1))
    assert (replay.orders, replay.done, replay.changed) == (1, 1, 0)


async def test_what_was_counted_before_somebody_cancelled_stays(
    session, actor, version, closed, monkeypatch
):
    monkeypatch.setattr(replays, "STEP", 1)
    replay = await begun(session, actor, shorter(version))
    await replays.advance(session, replay, at=NOON)
    await replays.cancel_replay(session, actor, replay.id, at=NOON)
    await replays.take_step(session, replay.id, 1, at=NOON)
    assert (replay.status, replay.done) == (ReplayStatus.CANCELLED, 1)
    assert len(await cells(session, replay)) == 1
    with pytest.raises(ReplayEnded):
        await replays.cancel_replay(session, actor, replay.id, at=NOON)


async def test_two_versions_are_compared(session, actor, version, closed):
    second = await publish_policy(session, actor, shorter(version), at=NOON)
    replay = await replays.replay_version(
        session, actor, version.id, most_orders=100, against_id=second.id, at=NOON
    )
    await run(session, replay)
    moved = (await cells(session, replay))[Coverage.PAID, Coverage.IN_WARRANTY]
    assert (moved.customer_before_minor, moved.brand_after_minor) == (TO_CUSTOMER, TO_BRAND)
    _, lines = await replays.explain_order(session, actor, replay.id, closed[0].number)
    assert {line.before["policy"]["version"] for line in lines} == {"shorter"}


async def test_what_the_customer_declined_would_have_been_repaired_in_warranty(
    session, actor, shop, version
):
    order = await shop.diagnosed(bought=LONG_AGO)
    await decline_repair(session, actor, order.number, at=NOON)
    await leave(session, actor, order)
    assert (order.coverage, order.customer_minor) == (Coverage.PAID, DIAGNOSIS)
    longer = replace(
        policy_of(version.document),
        version="longer",
        coverage={"phone": cover(whole=term(60, 60))},
    )
    replay = await run(session, await begun(session, actor, longer))
    moved = (await cells(session, replay))[Coverage.PAID, Coverage.IN_WARRANTY]
    assert (moved.customer_before_minor, moved.customer_after_minor) == (DIAGNOSIS, 0)
    assert moved.brand_after_minor == TO_BRAND
    same = await run(session, await begun(session, actor, policy_of(version.document)))
    assert set(await cells(session, same)) == {(Coverage.PAID, Coverage.PAID)}


async def test_an_order_without_lines_counts_by_its_visit(session, actor, shop, version):
    bare = await shop.inspected(bought=date(2025, 12, 1))
    bare.status, bare.closed_at = RepairStatus.CLOSED, NOON
    await session.flush()
    replay = await run(session, await begun(session, actor, shorter(version)))
    assert (await cells(session, replay))[Coverage.IN_WARRANTY, Coverage.PAID].orders == 1
    _, [visit] = await replays.explain_order(session, actor, replay.id, bare.number)
    assert visit.kind is None
    assert (visit.before_minor, visit.after_minor) == (0, 0)


async def test_a_draft_is_tried_as_it_is_written_now(session, actor, version, closed):
    draft = await drafting.open_draft(session, actor, version.id, at=NOON)
    text = pack_text(shorter(version, exclusions=())) + CASE
    await drafting.save_draft(session, actor, draft.id, text, version=draft.version, at=NOON)
    replay = await replays.replay_draft(session, actor, draft.id, most_orders=100, at=NOON)
    assert replay.draft_id == draft.id
    await drafting.withdraw_draft(session, actor, draft.id, at=NOON)
    [word] = await session.scalars(
        select(OutboxEntry).where(
            OutboxEntry.tenant_id == replay.tenant_id, OutboxEntry.topic == replays.STEP_DUE
        )
    )
    assert word.payload == {"replay_id": str(replay.id), "done": 0}
    await replays.take_step(session, replay.id, 0, at=NOON)
    assert (replay.status, replay.changed) == (ReplayStatus.DONE, 1)


async def test_a_draft_that_cannot_be_read_is_not_tried(session, actor, version):
    draft = await drafting.open_draft(session, actor, version.id, at=NOON)
    await drafting.save_draft(session, actor, draft.id, "format: [", version=1, at=NOON)
    with pytest.raises(DraftBroken) as refused:
        await replays.replay_draft(session, actor, draft.id, most_orders=10, at=NOON)
    assert refused.value.facts["line"] == 1


@pytest.mark.parametrize("most", [0, replays.MOST_ORDERS + 1])
async def test_a_number_of_orders_is_needed(session, actor, version, most):
    with pytest.raises(InvalidInput, match="orders"):
        await begun(session, actor, policy_of(version.document), most_orders=most)


async def test_a_policy_in_another_currency_is_not_tried(session, actor, version):
    with pytest.raises(InvalidInput, match="counts in CNY"):
        await begun(session, actor, shorter(version, currency="EUR"))


async def test_what_is_not_there_is_not_tried(session, actor, version):
    policy = policy_of(version.document)
    with pytest.raises(NotFound):
        await begun(session, actor, policy, against_id=new_id())
    with pytest.raises(NotFound):
        await begun(session, actor, replace(policy, brand="nobody"))
    for begin in (replays.replay_version, replays.replay_draft):
        with pytest.raises(NotFound):
            await begin(session, actor, new_id(), most_orders=1, at=NOON)
    with pytest.raises(NotFound):
        await replays.explain_order(session, actor, new_id(), "1")
    with pytest.raises(NotFound):
        await replays.cancel_replay(session, actor, new_id(), at=NOON)


async def test_an_order_of_another_brand_is_not_explained(session, actor, shop, version, closed):
    replay = await run(session, await begun(session, actor, policy_of(version.document)))
    replay.brand_id = (await shop.make.brand()).id
    await session.flush()
    with pytest.raises(NotFound):
        await replays.explain_order(session, actor, replay.id, closed[0].number)


async def test_few_run_at_a_time(session, actor, version, closed):
    policy = policy_of(version.document)
    for _ in range(replays.MOST_RUNNING):
        replay = await begun(session, actor, policy)
    with pytest.raises(TooManyReplays):
        await begun(session, actor, policy)
    await replays.cancel_replay(session, actor, replay.id, at=NOON)
    await begun(session, actor, policy)


async def test_who_does_not_write_policy_tries_none(session, shop, version):
    actor = shop.without(Permission.WRITE_POLICY)
    policy = policy_of(version.document)
    with pytest.raises(NotPermitted):
        await begun(session, actor, policy)
    for begin in (replays.replay_version, replays.replay_draft):
        with pytest.raises(NotPermitted):
            await begin(session, actor, version.id, most_orders=1, at=NOON)
    with pytest.raises(NotPermitted):
        await replays.cancel_replay(session, actor, new_id(), at=NOON)
    with pytest.raises(NotPermitted):
        await replays.explain_order(session, actor, new_id(), "1")
    assert (
        await session.scalars(
            select(PolicyReplay).where(PolicyReplay.tenant_id == shop.make.tenant_id)
        )
    ).all() == []
