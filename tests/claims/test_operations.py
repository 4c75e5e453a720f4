"""Opening, rechecking and submitting claims."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from serviceco.claims.operations import open_claim, recheck_claim, submit_claim
from serviceco.claims.queries import get_claim, list_claim_lines, list_claims
from serviceco.claims.words import ClaimIncomplete, ClaimStatus, WrongClaimStatus
from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import Conflict, NotFound, NotPermitted
from serviceco.evidence.tables import Event
from serviceco.repairs.words import WrongRepairStatus
from serviceco.storage.unit_of_work import unit_of_work
from tests.billing.counter import AT, BATTERY, COVERED, LABOUR, Counter
from tests.claims.desk import Desk

LATER = AT + timedelta(minutes=5)


async def opened(session, actor, desk: Desk, *lines, **columns):
    order = await desk.handed_over(*(lines or (COVERED, BATTERY, LABOUR)), **columns)
    claim = await open_claim(session, actor, order.id, at=AT)
    assert claim is not None
    return order, claim


async def complete(desk: Desk, order) -> None:
    await desk.prove_purchase(order)
    await desk.add_photo(order, "serial")


async def test_a_claim_holds_the_brands_lines_with_the_clauses_that_carry_them(
    session, actor, desk: Desk
):
    order, claim = await opened(session, actor, desk)

    lines = await list_claim_lines(session, claim.id)
    assert [(line.position, line.line, line.amount_minor) for line in lines] == [
        (1, "labour", 6_000),
        (2, "part", 31_000),
    ]
    assert (claim.amount_minor, claim.currency) == (37_000, "CNY") == (order.brand_minor, "CNY")
    assert lines[0].evidence["policy"]["code"] == "north-phones"
    assert [reason["code"] for reason in lines[0].evidence["reasons"]] == ["r_in_period"]


async def test_the_deadline_counts_from_the_hand_over(session, actor, desk: Desk):
    _, claim = await opened(session, actor, desk)

    assert claim.due_on == date(2026, 12, 2)


async def test_missing_evidence_is_said_at_once_and_mended_in_three_languages(
    session, actor, desk: Desk
):
    _, claim = await opened(session, actor, desk)

    assert claim.status is ClaimStatus.INCOMPLETE
    assert [problem["evidence"] for problem in claim.problems] == [
        "proof_of_purchase",
        "serial_photo",
    ]
    assert set(claim.problems[0]["mend"]) == {"zh_hans", "zh_hant", "en"}


async def test_an_order_is_claimed_once(session, actor, desk: Desk):
    order, claim = await opened(session, actor, desk)

    again = await open_claim(session, actor, order.id, at=LATER)

    assert again is claim
    assert len(await list_claims(session, actor)) == 1


async def test_an_order_that_the_customer_paid_alone_is_not_claimed(session, actor, desk: Desk):
    order = await desk.handed_over(LABOUR)

    assert await open_claim(session, actor, order.id, at=AT) is None


async def test_nothing_is_claimed_before_the_hand_over(session, actor, desk: Desk):
    order = await desk.counter.finished(COVERED, policy_version_id=desk.version.id)

    with pytest.raises(WrongRepairStatus):
        await open_claim(session, actor, order.id, at=AT)


async def test_a_recheck_sees_what_was_added(session, actor, desk: Desk):
    order, claim = await opened(session, actor, desk)
    await complete(desk, order)

    await recheck_claim(session, actor, claim.id, at=LATER)

    assert (claim.status, claim.problems, claim.version) == (ClaimStatus.OPEN, [], 2)
    assert await acts(session, claim) == ["claim.opened", "claim.rechecked"]


async def test_a_recheck_without_news_leaves_no_trace(session, actor, desk: Desk):
    _, claim = await opened(session, actor, desk)

    await recheck_claim(session, actor, claim.id, at=LATER)

    assert (claim.version, await acts(session, claim)) == (1, ["claim.opened"])


async def acts(session, claim) -> list[str]:
    rows = await session.scalars(
        select(Event.act)
        .where(Event.tenant_id == claim.tenant_id, Event.subject_id == claim.id)
        .order_by(Event.seq)
    )
    return list(rows)


async def test_a_complete_claim_goes_to_the_brand(session, actor, desk: Desk):
    order, claim = await opened(session, actor, desk)
    await complete(desk, order)

    await submit_claim(session, actor, claim.id, version=1, at=LATER)

    assert (claim.status, claim.submitted_at) == (ClaimStatus.SUBMITTED, LATER)
    assert claim.submitted_by == actor.account_id
    assert (await acts(session, claim))[-1] == "claim.submitted"
    [sent] = await desk.counter.sent("claim.submitted")
    assert (sent["claim_id"], sent["amount_minor"]) == (str(claim.id), 37_000)


async def test_an_incomplete_claim_stays_and_says_how_to_mend_it(session, actor, desk: Desk):
    order, claim = await opened(session, actor, desk)
    await desk.prove_purchase(order)

    with pytest.raises(ClaimIncomplete, match="Add a photo of the serial number") as refusal:
        await submit_claim(session, actor, claim.id, at=LATER)

    problems: Any = refusal.value.facts["problems"]
    assert [problem["evidence"] for problem in problems] == ["serial_photo"]


async def test_a_late_claim_may_be_submitted_and_says_that_it_is_late(session, actor, desk: Desk):
    order, claim = await opened(session, actor, desk)
    await complete(desk, order)

    await submit_claim(session, actor, claim.id, at=AT + timedelta(days=31))

    assert [problem["code"] for problem in claim.problems] == ["r_late_claim"]
    assert claim.status is ClaimStatus.SUBMITTED


async def test_a_submitted_claim_moves_no_more(session, actor, desk: Desk):
    order, claim = await opened(session, actor, desk)
    await complete(desk, order)
    await submit_claim(session, actor, claim.id, at=LATER)

    with pytest.raises(WrongClaimStatus):
        await submit_claim(session, actor, claim.id, at=LATER)
    with pytest.raises(WrongClaimStatus):
        await recheck_claim(session, actor, claim.id, at=LATER)


async def test_a_claim_that_moved_on_is_not_submitted_unread(session, actor, desk: Desk):
    order, claim = await opened(session, actor, desk)
    await complete(desk, order)
    await recheck_claim(session, actor, claim.id, at=LATER)

    with pytest.raises(Conflict):
        await submit_claim(session, actor, claim.id, version=1, at=LATER)


async def test_a_second_repair_of_the_same_part_within_the_brands_window_is_said_so(
    session, actor, desk: Desk
):
    first = await desk.handed_over(BATTERY)
    await _fit(session, desk.counter, first, "battery")
    second = await desk.counter.finished(
        BATTERY, policy_version_id=desk.version.id, repeat_of_id=first.id, closed_at=None
    )
    await _fit(session, desk.counter, second, "battery")
    second.status, second.closed_at = first.status, LATER
    await session.flush()

    claim = await open_claim(session, actor, second.id, at=LATER)

    assert claim is not None
    assert "r_duplicate" in [problem["code"] for problem in claim.problems]


async def _fit(session, counter: Counter, order, component: str) -> None:
    for line in await counter.lines(order):
        line.component = component
    await session.flush()


@pytest.fixture
async def claim_id(session, actor, desk: Desk):
    order, claim = await opened(session, actor, desk)
    await complete(desk, order)
    return claim.id


@pytest.mark.parametrize("verb", [submit_claim, recheck_claim])
async def test_a_role_that_files_no_claims_is_refused(session, actor: Actor, claim_id, verb):
    reader = replace(actor, permissions=frozenset({Permission.READ_CLAIMS}))

    with pytest.raises(NotPermitted):
        await verb(session, reader, claim_id, at=LATER)


@pytest.mark.parametrize("verb", [submit_claim, recheck_claim])
async def test_a_claim_of_another_branch_is_not_found(session, actor: Actor, claim_id, verb):
    with pytest.raises(NotFound):
        await verb(session, replace(actor, branch_ids=frozenset({new_id()})), claim_id, at=LATER)


@pytest.mark.parametrize("verb", [submit_claim, recheck_claim])
async def test_a_claim_of_another_company_is_not_found(engine, actor: Actor, claim_id, verb):
    elsewhere = new_id()

    async with unit_of_work(engine, elsewhere) as other:
        with pytest.raises(NotFound):
            await verb(other, replace(actor, tenant_id=elsewhere), claim_id, at=LATER)


async def test_who_files_no_claims_opens_none(session, actor: Actor, desk: Desk):
    order = await desk.handed_over(COVERED)
    nobody = replace(actor, permissions=frozenset({Permission.HAND_OVER}))

    with pytest.raises(NotPermitted):
        await open_claim(session, nobody, order.id, at=AT)
    with pytest.raises(NotFound):
        await open_claim(session, replace(actor, branch_ids=frozenset()), order.id, at=AT)


async def test_claims_are_listed_by_status_within_the_actors_branches(
    session, actor: Actor, desk: Desk
):
    _, claim = await opened(session, actor, desk)

    assert await list_claims(session, actor, status=ClaimStatus.INCOMPLETE) == [claim]
    assert await list_claims(session, actor, status=ClaimStatus.SUBMITTED) == []
    assert await list_claims(session, replace(actor, branch_ids=frozenset({new_id()}))) == []
    with pytest.raises(NotPermitted):
        await list_claims(session, replace(actor, permissions=frozenset()))
    with pytest.raises(NotPermitted):
        await get_claim(session, replace(actor, permissions=frozenset()), claim.id)
