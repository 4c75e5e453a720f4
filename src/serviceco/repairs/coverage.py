"""Deciding who pays: the facts of an order, its pinned policy, and the decisions that are kept."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.catalogue.tables import Category, ProductModel
from serviceco.core.actor import Actor
from serviceco.core.ids import new_id
from serviceco.core.periods import local_day
from serviceco.customers.tables import Device
from serviceco.evidence.operations import record
from serviceco.policy.queries import PolicyInForce, pinned_policy
from serviceco.policy.rules import sum_coverage
from serviceco.policy.words import (
    Decision,
    Facts,
    InspectionStep,
    Payer,
    decision_of,
    document_of,
    facts_of,
)
from serviceco.repairs.desk import read_history
from serviceco.repairs.queries import (
    list_acts,
    list_decisions,
    list_lines,
    list_photos,
    list_results,
)
from serviceco.repairs.rules import (
    days_waiting_for_parts,
    find_offer,
    findings_of,
    price_list,
    price_to,
    sums_by_payer,
    unit_facts,
)
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import LineGiven, LineStatus, Offer, Place, PriceList
from serviceco.repairs.work_tables import CoverageDecision, OrderLine
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.tables import Branch, Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What the decisions of one order rest on; `facts` are those of the unit as a whole."""

    policy: PolicyInForce
    facts: Facts

    def find_offer(self, line: LineGiven) -> Offer | None:
        """Return the pinned policy's offer for a line of this unit."""
        return find_offer(self.policy.policy, self.facts.category, self.facts.model, line)

    def facts_of(self, line: OrderLine) -> Facts:
        """Return the facts of one line."""
        return replace(
            self.facts,
            line_kind=line.line,
            component=line.component or "",
            repair_level=line.repair_level,
        )


async def read_case(session: AsyncSession, order: RepairOrder, *, at: datetime) -> Case | None:
    """Gather all that the coverage of an order depends on at `at`; None where it has no policy.

    The policy is the version that intake pinned, the law the one in force on that day.
    """
    if order.policy_version_id is None:
        return None
    place = await _read_place(session, order)
    policy = await pinned_policy(session, order.policy_version_id, place.received_on)
    history = await read_history(session, order.device_id)
    results = await list_results(session, order.id)
    photos = await list_photos(session, order.id)
    visits = [visit for visit in history.visits if visit.order_id != order.id]
    steps = policy.policy.inspection.get(place.category, ())
    return Case(
        policy=policy,
        facts=replace(
            unit_facts(place, visits, history.proofs),
            findings=findings_of(steps, results, photos),
            days_waiting_for_parts=days_waiting_for_parts(
                await list_acts(session, order.id), until=at
            ),
        ),
    )


async def read_prices(session: AsyncSession, order: RepairOrder) -> PriceList:
    """Return the pinned policy's lists for the order's device; empty ones without a policy."""
    if order.policy_version_id is None:
        return PriceList()
    place = await _read_place(session, order)
    policy = await pinned_policy(session, order.policy_version_id, place.received_on)
    return price_list(policy.policy, place.category, place.model)


async def read_standard(session: AsyncSession, order: RepairOrder) -> tuple[InspectionStep, ...]:
    """Return the steps of the pinned policy's standard for the device; none without a policy."""
    if order.policy_version_id is None:
        return ()
    place = await _read_place(session, order)
    policy = await pinned_policy(session, order.policy_version_id, place.received_on)
    return tuple(policy.policy.inspection.get(place.category, ()))


async def decide_anew(
    session: AsyncSession, actor: Actor, order: RepairOrder, *, at: datetime
) -> None:
    """Decide a locked order and its lines anew, and record the decision if anything changed."""
    before = sums_of(order)
    case = await read_case(session, order, at=at)
    await decide_all(session, actor, order, case, await list_lines(session, order.id), at=at)
    if sums_of(order) != before:
        await record(session, actor, "repair.decided", order, at=at, **sums_of(order))


async def decide_all(
    session: AsyncSession,
    actor: Actor,
    order: RepairOrder,
    case: Case | None,
    lines: Sequence[OrderLine],
    *,
    at: datetime,
) -> None:
    """Decide the visit and every line that is not declined, and sum them up.

    Only decisions that differ from the latest are kept. Without a policy the customer pays.
    """
    visit = Payer.CUSTOMER
    if case is not None:
        kept = await list_decisions(session, order.id)
        of_visit = [row for row in kept if row.line_id is None]
        by_id = {row.id: row for row in kept}
        new = decision_row(actor, order, case, case.facts, at=at)
        visit = _keep(session, of_visit[-1] if of_visit else None, new).payer
        for line in lines:
            if line.status is not LineStatus.DECLINED:
                facts = case.facts_of(line)
                new = decision_row(actor, order, case, facts, line_id=line.id, at=at)
                before = by_id.get(line.decision_id) if line.decision_id else None
                _settle(case, line, _keep(session, before, new))
    sum_lines(order, lines, visit)


def sum_lines(order: RepairOrder, lines: Sequence[OrderLine], visit: Payer) -> None:
    """Keep the sums and the coverage of an order's lines; `visit` decides where there is none.

    What the customer is to pay beyond what they approved needs a new approval, and beyond what
    they have paid a new release.
    """
    before = order.customer_minor
    live = [line for line in lines if line.status is not LineStatus.DECLINED]
    sums = sums_by_payer((line.payer, line.amount_minor) for line in live)
    order.line_count = len(lines)
    order.brand_minor = sums[Payer.BRAND]
    order.customer_minor = sums[Payer.CUSTOMER]
    order.tenant_minor = sums[Payer.TENANT]
    order.other_minor = sums[Payer.OTHER]
    order.coverage = sum_coverage([line.payer for line in live] or [visit])
    order.version += 1
    if order.customer_minor > before:
        order.approved_at = None
    if order.customer_minor > order.paid_minor:
        order.released_at = None


def sums_of(order: RepairOrder) -> dict[str, object]:
    """Return the coverage and the sums by payer, as events keep them."""
    return {
        "coverage": order.coverage,
        "brand_minor": order.brand_minor,
        "customer_minor": order.customer_minor,
        "tenant_minor": order.tenant_minor,
        "other_minor": order.other_minor,
    }


def decision_row(
    actor: Actor,
    order: RepairOrder,
    case: Case,
    facts: Facts,
    *,
    line_id: UUID | None = None,
    at: datetime,
) -> CoverageDecision:
    """Decide by these facts and return the decision as it is kept, not yet written."""
    decision = case.policy.decide(facts)
    return CoverageDecision(
        tenant_id=order.tenant_id,
        id=new_id(),
        order_id=order.id,
        line_id=line_id,
        payer=decision.payer,
        policy_version_id=case.policy.version_id,
        law_codes=[decision.law.code] if decision.law else [],
        facts=document_of(facts),
        decision=document_of(decision),
        decided_at=at,
        decided_by=actor.account_id,
    )


def _keep(
    session: AsyncSession, before: CoverageDecision | None, new: CoverageDecision
) -> CoverageDecision:
    """Return the earlier decision where the new one says the same, else keep the new one."""
    if before and _spoken(before) == _spoken(new):
        return before
    session.add(new)
    return new


def _spoken(row: CoverageDecision) -> tuple[Facts, Decision]:
    return facts_of(row.facts), decision_of(row.decision)


def _settle(case: Case, line: OrderLine, decision: CoverageDecision) -> None:
    """Write the decision's payer, and the policy's price to that payer, on the line."""
    line.decision_id = decision.id
    line.payer = decision.payer
    given = LineGiven(line=line.line, code=line.code, repair_level=line.repair_level)
    if offer := case.find_offer(given):
        line.price_minor = price_to(offer, decision.payer)
        line.amount_minor = line.price_minor * line.quantity


async def _read_place(session: AsyncSession, order: RepairOrder) -> Place:
    tenant_id = tenant_of(session)
    row = (
        await session.execute(
            select(Category.code, ProductModel.code, Branch.zone, Tenant.country)
            .select_from(Device)
            .join(Category, Category.id == Device.category_id)
            .outerjoin(ProductModel, ProductModel.id == Device.model_id)
            .join(Branch, Branch.id == order.branch_id)
            .join(Tenant, Tenant.id == tenant_id)
            .where(
                Device.tenant_id == tenant_id,
                Device.id == order.device_id,
                Branch.tenant_id == tenant_id,
            )
        )
    ).one()
    category, model, zone, country = row
    return Place(
        category=category,
        model=model or "",
        region=country,
        zone=zone,
        received_on=local_day(order.received_at, zone),
    )
