"""What a brand is to be shown of a company's orders and claims, read as they are now.

Sessions are of the company's unit of work: the worker reads here what it writes for the brand.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, and_, any_, literal, select
from sqlalchemy import Uuid as UuidType
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.catalogue.tables import Category, ProductModel
from serviceco.claims.queries import gather_evidence, list_claimable
from serviceco.claims.rules import evidence_in
from serviceco.claims.tables import Claim, ClaimLine
from serviceco.customers.tables import Device
from serviceco.oversight.tables import BrandCase, BrandClaim
from serviceco.oversight.words import SHOWN_CLAIMS
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.work_tables import InspectionResult
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.tables import Branch, Brand, Contract, Tenant

Values = dict[str, Any]


async def read_cases(
    session: AsyncSession, order_ids: Collection[UUID], *, at: datetime
) -> list[Values]:
    """Return the projections of those of the orders that were taken in under a contract.

    That contract was in force then (`repairs.intake` pins it), and the order is of its very brand;
    imported history has none. Locks the orders, so that none moves on before it is written.
    """
    tenant_id = tenant_of(session)
    found = await session.execute(
        _cases(tenant_id)
        .where(_among(RepairOrder.id, order_ids), RepairOrder.brand_id == Contract.brand_id)
        .order_by(RepairOrder.id)
        .with_for_update(read=True, of=RepairOrder)
    )
    cases = [dict(row) for row in found.mappings()]
    findings = await _findings(session, [case["id"] for case in cases])
    return [
        {
            **case,
            "tenant_id": tenant_id,
            "is_repeat": case["repeat_days"] is not None,
            "findings": findings.get(case["id"], []),
            "read_at": at,
        }
        for case in cases
    ]


async def read_claims(
    session: AsyncSession, claim_ids: Collection[UUID], *, at: datetime
) -> list[Values]:
    """Return the projections of those of the claims that were filed. Locks them."""
    tenant_id = tenant_of(session)
    found = await session.execute(
        _claims(tenant_id)
        .where(_among(Claim.id, claim_ids), Claim.status.in_(SHOWN_CLAIMS))
        .order_by(Claim.id)
        .with_for_update(read=True, of=Claim)
    )
    claims = [dict(row) for row in found.mappings()]
    return [
        {
            **claim,
            "tenant_id": tenant_id,
            "problems": [problem["code"] for problem in claim["problems"]],
            "evidence": await _evidence(session, claim["case_id"]),
            "read_at": at,
        }
        for claim in claims
    ]


async def read_claim_lines(session: AsyncSession, claims: Sequence[Values]) -> list[Values]:
    """Return the projections of the lines of these claims."""
    brands = {claim["id"]: claim["brand_id"] for claim in claims}
    rows = await session.scalars(
        select(ClaimLine)
        .where(ClaimLine.tenant_id == tenant_of(session), _among(ClaimLine.claim_id, brands))
        .order_by(ClaimLine.claim_id, ClaimLine.position)
    )
    return [_line(row, brands[row.claim_id]) for row in rows]


async def find_shown(
    session: AsyncSession, *, cases: Collection[UUID], claims: Collection[UUID]
) -> Mapping[UUID, Values]:
    """Return how brands are shown these cases and claims, by id: what names them, and the brand.

    What no brand is shown is missing.
    """
    brands = await list_brand_ids(session)
    found: dict[UUID, Values] = {}
    for table, ids, named in (
        (
            BrandCase,
            cases,
            (BrandCase.id.label("case_id"), BrandCase.contract_number),
        ),
        (
            BrandClaim,
            claims,
            (BrandClaim.case_id, BrandClaim.id.label("claim_id")),
        ),
    ):
        rows = await session.execute(
            select(
                table.id,
                table.brand_id,
                Brand.code.label("brand"),
                table.company_slug.label("company"),
                table.branch_code,
                table.number,
                *named,
            )
            .join(Brand, Brand.id == table.brand_id)
            .where(
                table.tenant_id == tenant_of(session),
                table.brand_id.in_(brands),
                _among(table.id, ids),
            )
        )
        found |= {row["id"]: dict(row) for row in rows.mappings()}
    return found


async def list_order_ids(session: AsyncSession) -> Sequence[UUID]:
    """Return the ids of all orders of the company that were taken in under a contract."""
    rows = await session.scalars(
        select(RepairOrder.id).where(
            RepairOrder.tenant_id == tenant_of(session), RepairOrder.contract_id.is_not(None)
        )
    )
    return rows.all()


async def list_brand_ids(session: AsyncSession) -> Sequence[UUID]:
    """Return the brands with which the company has, or had, a contract."""
    rows = await session.scalars(
        select(Contract.brand_id).where(Contract.tenant_id == tenant_of(session)).distinct()
    )
    return rows.all()


async def list_claim_ids(session: AsyncSession) -> Sequence[UUID]:
    """Return the ids of all claims of the company."""
    rows = await session.scalars(select(Claim.id).where(Claim.tenant_id == tenant_of(session)))
    return rows.all()


def _cases(tenant_id: UUID) -> Select[*tuple[Any, ...]]:
    order = RepairOrder
    return (
        select(
            order.brand_id,
            order.id,
            order.number,
            *_place(),
            Contract.number.label("contract_number"),
            Category.code.label("category_code"),
            Category.names.label("category_names"),
            ProductModel.code.label("model_code"),
            ProductModel.name.label("model_name"),
            Device.serial,
            order.status,
            order.coverage,
            order.outcome,
            order.symptom_codes,
            order.repeat_days,
            order.received_at,
            order.diagnosed_at,
            order.repaired_at,
            order.ready_at,
            order.closed_at,
            order.event_seq.label("seq"),
        )
        .select_from(order)
        .join(Tenant, Tenant.id == tenant_id)
        .join(Branch, and_(Branch.tenant_id == tenant_id, Branch.id == order.branch_id))
        .join(Contract, and_(Contract.tenant_id == tenant_id, Contract.id == order.contract_id))
        .join(Device, and_(Device.tenant_id == tenant_id, Device.id == order.device_id))
        .join(Category, Category.id == order.category_id)
        .outerjoin(ProductModel, ProductModel.id == Device.model_id)
        .where(order.tenant_id == tenant_id)
    )


def _claims(tenant_id: UUID) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Claim.brand_id,
            Claim.id,
            Claim.order_id.label("case_id"),
            RepairOrder.number,
            *_place(),
            Claim.status,
            Claim.amount_minor,
            Claim.currency,
            Claim.problems,
            Claim.due_on,
            Claim.submitted_at,
            Claim.event_seq.label("seq"),
        )
        .select_from(Claim)
        .join(Tenant, Tenant.id == tenant_id)
        .join(
            RepairOrder,
            and_(RepairOrder.tenant_id == tenant_id, RepairOrder.id == Claim.order_id),
        )
        .join(Branch, and_(Branch.tenant_id == tenant_id, Branch.id == Claim.branch_id))
        .where(Claim.tenant_id == tenant_id)
    )


def _place() -> tuple[ColumnElement[str], ...]:
    return (
        Tenant.slug.label("company_slug"),
        Tenant.name.label("company_name"),
        Branch.code.label("branch_code"),
        Branch.name.label("branch_name"),
    )


async def _findings(
    session: AsyncSession, order_ids: Sequence[UUID]
) -> Mapping[UUID, list[dict[str, str | None]]]:
    """Return the coded answers by order; readings and notes stay with the company."""
    rows = await session.scalars(
        select(InspectionResult)
        .where(
            InspectionResult.tenant_id == tenant_of(session),
            _among(InspectionResult.order_id, order_ids),
        )
        .order_by(InspectionResult.order_id, InspectionResult.position)
    )
    found: dict[UUID, list[dict[str, str | None]]] = defaultdict(list)
    for row in rows:
        answer = {"step": row.step_code, "outcome": row.outcome, "finding": row.finding_code}
        found[row.order_id].append(answer)
    return found


async def _evidence(session: AsyncSession, order_id: UUID) -> list[str]:
    order = await session.get_one(RepairOrder, (tenant_of(session), order_id))
    lines = await list_claimable(session, order_id)
    return sorted(evidence_in(await gather_evidence(session, order, lines)))


def _line(row: ClaimLine, brand_id: UUID) -> Values:
    carried = row.evidence
    policy = carried.get("policy") or {}
    return {
        "brand_id": brand_id,
        "id": row.id,
        "tenant_id": row.tenant_id,
        "claim_id": row.claim_id,
        "position": row.position,
        "line": row.line,
        "code": row.code,
        "names": row.names,
        "quantity": row.quantity,
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "policy_code": policy.get("code"),
        "policy_version": policy.get("version"),
        "clauses": [reason["clause"] for reason in carried.get("reasons", [])],
    }


def _among(column: Any, ids: Collection[UUID]) -> ColumnElement[bool]:
    return column == any_(literal(list(ids), ARRAY(UuidType())))  # type: ignore[no-any-return]  # a comparison of an untyped column
