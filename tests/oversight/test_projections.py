"""What a brand is shown of a company's orders and claims, and that it is kept current."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.claims.operations import open_claim, submit_claim
from serviceco.core.actor import Actor
from serviceco.core.ids import new_id
from serviceco.ledger.operations import open_chart
from serviceco.oversight.operations import hear_news, list_stale, rebuild, write_newer
from serviceco.oversight.queries import read_cases
from serviceco.oversight.tables import BrandCase, BrandClaim, BrandClaimLine
from serviceco.oversight.words import TOPICS
from serviceco.policy.words import ClaimEvidence, Coverage
from serviceco.repairs.bench import assign_order
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import RepairStatus, StepOutcome
from serviceco.repairs.work_tables import InspectionResult
from serviceco.storage.outbox import OutboxEntry
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.tables import Contract
from tests.billing.counter import AT, BATTERY, COVERED, LABOUR, Counter, publish
from tests.claims.desk import Desk
from tests.factories import Factory
from tests.policy.factories import policy
from tests.reports.history import open_history


@pytest.fixture
async def desk(make: Factory, actor: Actor) -> Desk:
    await open_chart(make.session, actor)
    counter = Counter(await open_history(make), await make.branch(), await make.brand())
    terms = policy()
    asked = replace(terms.claims, evidence=(ClaimEvidence.SERIAL_PHOTO,))
    return Desk(counter, actor, await publish(counter, actor, replace(terms, claims=asked)))


@pytest.fixture
async def contract(make: Factory, desk: Desk) -> Contract:
    return await make.contract(brand=desk.counter.brand, branches=[desk.counter.branch])


async def news(session: AsyncSession) -> Sequence[OutboxEntry]:
    rows = await session.scalars(
        sa.select(OutboxEntry).where(
            OutboxEntry.tenant_id == tenant_of(session), OutboxEntry.topic.in_(TOPICS)
        )
    )
    return rows.all()


async def cases(session: AsyncSession) -> list[BrandCase]:
    mine = sa.select(BrandCase).where(BrandCase.tenant_id == tenant_of(session))
    rows = await session.scalars(mine.execution_options(populate_existing=True))
    return list(rows)


async def claims(session: AsyncSession) -> list[BrandClaim]:
    mine = sa.select(BrandClaim).where(BrandClaim.tenant_id == tenant_of(session))
    return list(await session.scalars(mine.execution_options(populate_existing=True)))


async def lines(session: AsyncSession) -> list[BrandClaimLine]:
    rows = await session.scalars(
        sa.select(BrandClaimLine)
        .where(BrandClaimLine.tenant_id == tenant_of(session))
        .order_by(BrandClaimLine.position)
    )
    return list(rows)


async def filed(session: AsyncSession, actor: Actor, desk: Desk, contract: Contract) -> RepairOrder:
    """A handed-over order with a line of each side, whose claim was filed."""
    order = await desk.handed_over(COVERED, LABOUR, BATTERY, contract_id=contract.id)
    await desk.add_photo(order, "serial")
    claim = await open_claim(session, actor, order.id, at=AT)
    assert claim is not None
    await submit_claim(session, actor, claim.id, at=AT)
    return order


async def test_a_case_tells_what_the_brand_must_know(session, desk, contract, make):
    order = await desk.handed_over(COVERED, LABOUR, contract_id=contract.id)
    await make.save(
        InspectionResult(
            tenant_id=order.tenant_id,
            id=new_id(),
            order_id=order.id,
            step_code="display",
            position=1,
            outcome=StepOutcome.FAIL,
            finding_code="no_image",
            note="张先生 says it fell",
            answered_at=AT,
        )
    )
    await hear_news(session, await news(session), at=AT)

    (case,) = await cases(session)
    assert (case.brand_id, case.id) == (order.brand_id, order.id)
    assert case.number == order.number
    assert (case.company_name, case.contract_number) == ("Test company", contract.number)
    assert case.branch_code == desk.counter.branch.code
    assert (case.status, case.coverage) == (RepairStatus.CLOSED, Coverage.MIXED)
    assert case.symptom_codes == ["no_display"]
    assert case.findings == [{"step": "display", "outcome": "fail", "finding": "no_image"}]
    assert case.closed_at == AT
    assert case.seq == order.event_seq


async def test_a_filed_claim_tells_the_brands_share_alone(session, actor, desk, contract):
    order = await filed(session, actor, desk, contract)
    await hear_news(session, await news(session), at=AT)

    (claim,) = await claims(session)
    assert (claim.case_id, claim.number) == (order.id, order.number)
    assert claim.amount_minor == COVERED[2] + BATTERY[2]
    assert claim.evidence == ["repair_codes", "serial_photo"]
    shown = await lines(session)
    assert [line.amount_minor for line in shown] == [COVERED[2], BATTERY[2]]
    assert all(line.policy_code and line.policy_version and line.clauses for line in shown)


async def test_nothing_of_the_customer_and_no_paid_price_is_in_any_column(
    session, actor, desk, contract
):
    order = await filed(session, actor, desk, contract)
    order.fault_note, order.condition_note = "张先生 dropped it", "scratched, 13900120034"
    await session.flush()
    await rebuild(session, at=AT)

    shown: list[Any] = [*await cases(session), *await claims(session), *await lines(session)]
    values = str([[getattr(row, c.key) for c in row.__table__.columns] for row in shown])
    assert len(shown) == 4
    for hidden in ("张先生", "13900120034", "display replaced", str(LABOUR[2]), "labour-2"):
        assert hidden not in values


@pytest.mark.parametrize("hidden", [Coverage.PAID, Coverage.GOODWILL, Coverage.DECLINED])
async def test_what_the_brand_does_not_bear_is_none_of_its_business(
    session, desk, contract, hidden
):
    order = await desk.counter.order(COVERED, contract_id=contract.id)
    case = {"order_id": str(order.id)}
    told = [OutboxEntry(topic="repair.changed", payload=case)]
    await hear_news(session, told, at=AT)
    assert len(await cases(session)) == 1

    order.coverage, order.event_seq = hidden, order.event_seq + 1
    await session.flush()
    await hear_news(session, told, at=AT)
    assert await cases(session) == []


async def test_without_a_contract_of_its_time_there_is_no_case(session, desk, contract):
    order = await desk.handed_over(COVERED)
    told = [OutboxEntry(topic="repair.changed", payload={"order_id": str(order.id)})]
    await hear_news(session, [*told, *await news(session)], at=AT)
    assert await cases(session) == []
    assert await news(session) == []


async def test_a_contract_of_another_brand_shows_nothing(session, desk, make):
    other = await make.contract(branches=[desk.counter.branch])
    await desk.handed_over(COVERED, contract_id=other.id)
    await hear_news(session, await news(session), at=AT)
    assert await cases(session) == []


async def test_the_same_news_twice_changes_nothing(session, actor, desk, contract):
    await filed(session, actor, desk, contract)
    told = await news(session)
    await hear_news(session, told, at=AT)
    before = [(case.seq, case.read_at) for case in await cases(session)]
    await hear_news(session, told, at=AT + timedelta(hours=1))
    assert [(case.seq, case.read_at) for case in await cases(session)] == before
    assert len(await lines(session)) == 2


async def test_an_older_reading_never_replaces_a_newer_one(session, desk, contract):
    order = await desk.counter.order(COVERED, contract_id=contract.id)
    (older,) = await read_cases(session, [order.id], at=AT)
    newer = older | {"seq": older["seq"] + 1, "status": RepairStatus.REPAIRING}
    assert await write_newer(session, BrandCase, [newer]) == {order.brand_id: [order.id]}
    assert await write_newer(session, BrandCase, [older]) == {}
    (case,) = await cases(session)
    assert case.status is RepairStatus.REPAIRING


async def test_every_step_under_a_contract_is_told(session, actor, desk, contract, make):
    await desk.handed_over(COVERED, contract_id=contract.id)
    assert [one.topic for one in await news(session)] == ["repair.changed"]
    order = await desk.counter.order(COVERED, contract_id=contract.id)
    await assign_order(
        session, actor, order.number, staff_id=(await make.staff()).id, at=AT
    )  # whose order it is within the company is none of the brand's
    assert len(await news(session)) == 1


async def test_what_is_rebuilt_equals_what_was_heard(session, actor, desk, contract):
    await filed(session, actor, desk, contract)
    await hear_news(session, await news(session), at=AT)

    async def everything() -> list[tuple[Any, ...]]:
        found: list[Any] = [*await cases(session), *await claims(session), *await lines(session)]
        return [tuple(getattr(r, c.key) for c in r.__table__.columns) for r in found]

    heard = await everything()
    session.expunge_all()
    assert await list_stale(session) == []
    assert await rebuild(session, at=AT) == (1, 1)
    assert await everything() == heard


async def test_what_differs_from_the_orders_is_found(session, actor, desk, contract):
    order = await filed(session, actor, desk, contract)
    assert await list_stale(session) == [f"case {order.number}", f"claim {order.number}"]
    await rebuild(session, at=AT)
    assert await list_stale(session) == []

    for table, wrong in ((BrandCase, {"serial": "X"}), (BrandClaim, {"amount_minor": 1})):
        mine = table.tenant_id == order.tenant_id
        await session.execute(sa.update(table).where(mine).values(wrong))
    assert await list_stale(session) == [f"case {order.number}", f"claim {order.number}"]

    await rebuild(session, at=AT)
    order.coverage = Coverage.PAID
    await session.flush()
    assert await list_stale(session) == [f"case {order.number}"]
