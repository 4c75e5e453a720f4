"""What a brand sees in GraphQL: its contractors' cases and the claims filed with it."""

from datetime import date, datetime
from uuid import UUID

import strawberry
from sqlalchemy import func
from strawberry.scalars import JSON

from serviceco.api.plan.access import of_brand
from serviceco.api.plan.fields import column, many, money, one, pages, to_many, to_one
from serviceco.api.plan.filters import at_least, equals, less_than, one_of, starts_with, when
from serviceco.api.plan.pages import Connection
from serviceco.api.plan.scalars import Money
from serviceco.api.plan.types import extends, planned
from serviceco.catalogue.rules import normalise_serial
from serviceco.claims.words import ClaimStatus
from serviceco.core.actor import Permission
from serviceco.oversight.tables import BrandCase, BrandClaim, BrandClaimLine
from serviceco.policy.words import Coverage, LineKind
from serviceco.repairs.words import Outcome, RepairStatus
from serviceco.tenancy.tables import Brand

CLAIMS = of_brand(Permission.READ_CLAIMS)


@planned(Brand, description="The brand for which somebody acts.", needs=of_brand(), brand=Brand.id)
class BrandProfile:
    """GraphQL face of one's own brand."""

    code: str = column(Brand.code, "Short name, as addresses have it.")
    name: str = column(Brand.name, "Name.")
    names: JSON = column(Brand.names, "Name per language.")


@planned(BrandClaimLine, description="One line of a claim filed with the brand.", needs=CLAIMS)
class BrandClaimLineType:
    """GraphQL face of a line of a filed claim."""

    id: UUID = column(BrandClaimLine.id, "Its id.")
    position: int = column(BrandClaimLine.position, "Its place, from 1.")
    line: LineKind = column(BrandClaimLine.line, "What it is for.")
    code: str = column(BrandClaimLine.code, "Part number, or labour code.")
    names: JSON = column(BrandClaimLine.names, "Description per language.")
    quantity: int = column(BrandClaimLine.quantity, "How many.")
    amount: Money = money(BrandClaimLine.amount_minor, BrandClaimLine.currency, "What is claimed.")
    policy_code: str | None = column(BrandClaimLine.policy_code, "Policy that decided the line.")
    policy_version: str | None = column(BrandClaimLine.policy_version, "Its version.")
    clauses: list[str] = column(BrandClaimLine.clauses, "Clauses that carry the line.")


@planned(BrandClaim, description="A claim that a company filed with the brand.", needs=CLAIMS)
class BrandClaimType:
    """GraphQL face of a filed claim."""

    id: UUID = column(BrandClaim.id, "Its id.")
    number: str = column(BrandClaim.number, "Number of the repair order, unique in its company.")
    company: str = column(BrandClaim.company_slug, "Short name of the company.")
    company_name: str = column(BrandClaim.company_name, "Name of the company.")
    branch_code: str = column(BrandClaim.branch_code, "Code of the branch.")
    branch_name: str = column(BrandClaim.branch_name, "Name of the branch.")
    status: ClaimStatus = column(BrandClaim.status, "Where it stands.")
    amount: Money = money(BrandClaim.amount_minor, BrandClaim.currency, "What is claimed.")
    problems: list[str] = column(BrandClaim.problems, "Codes of what speaks against it.")
    evidence: list[str] = column(BrandClaim.evidence, "Kinds of evidence that lie with it.")
    due_on: date | None = column(BrandClaim.due_on, "Last day to file it, by the contract.")
    submitted_at: datetime = column(BrandClaim.submitted_at, "When it was filed.")
    lines: list[BrandClaimLineType] = to_many(
        BrandClaimLine.claim_id, "Its lines.", order_by=(BrandClaimLine.position,), at_most=50
    )


@planned(
    BrandCase,
    description="A repair in the brand's name, as far as the brand bears it or may come to.",
    needs=CLAIMS,
)
class BrandCaseType:
    """GraphQL face of a case."""

    id: UUID = column(BrandCase.id, "Its id.")
    number: str = column(BrandCase.number, "Number of the repair order, unique in its company.")
    company: str = column(BrandCase.company_slug, "Short name of the company.")
    company_name: str = column(BrandCase.company_name, "Name of the company.")
    branch_code: str = column(BrandCase.branch_code, "Code of the branch.")
    branch_name: str = column(BrandCase.branch_name, "Name of the branch.")
    contract_number: str = column(BrandCase.contract_number, "Contract in force at its intake.")
    category_names: JSON = column(BrandCase.category_names, "Kind of product per language.")
    model_code: str | None = column(BrandCase.model_code, "Code of the model, where known.")
    model_name: str | None = column(BrandCase.model_name, "Name of the model, where known.")
    serial: str | None = column(BrandCase.serial, "Serial number or IMEI.")
    status: RepairStatus = column(BrandCase.status, "Where it stands.")
    coverage: Coverage = column(BrandCase.coverage, "What its lines come to.")
    outcome: Outcome | None = column(BrandCase.outcome, "What came of it.")
    symptom_codes: list[str] = column(BrandCase.symptom_codes, "Coded symptoms.")
    findings: JSON = column(BrandCase.findings, "Answers to the steps of the brand's standard.")
    is_repeat: bool = column(BrandCase.is_repeat, "Whether the device came back within 90 days.")
    repeat_days: int | None = column(BrandCase.repeat_days, "After how many days.")
    received_at: datetime = column(BrandCase.received_at, "When it was taken in.")
    diagnosed_at: datetime | None = column(BrandCase.diagnosed_at, "When it was inspected.")
    repaired_at: datetime | None = column(BrandCase.repaired_at, "When it was repaired.")
    ready_at: datetime | None = column(BrandCase.ready_at, "When it could be collected.")
    closed_at: datetime | None = column(BrandCase.closed_at, "When it was handed over.")
    claim: BrandClaimType | None = to_one(BrandClaim.case_id, "Its claim, once filed.")


@extends(BrandClaimType)
class BrandClaimCase:
    """The case of a claim."""

    case: BrandCaseType | None = to_one(BrandClaim.case_id, "The repair that it is for.")


@planned(
    BrandCase,
    description="How many cases have a status.",
    needs=CLAIMS,
    group_by=(BrandCase.status,),
)
class BrandCaseCount:
    """A group of cases."""

    status: RepairStatus = column(BrandCase.status, "The status.")
    cases: int = column(func.count(), "How many cases have it.")


@planned(
    BrandCase,
    description="A company that repairs in the brand's name.",
    needs=CLAIMS,
    group_by=(BrandCase.company_slug, BrandCase.company_name),
)
class BrandContractor:
    """A group of cases of one company."""

    company: str = column(BrandCase.company_slug, "Short name.")
    company_name: str = column(BrandCase.company_name, "Name.")
    cases: int = column(func.count(), "How many cases it has.")
    repeats: int = column(
        func.count().filter(BrandCase.is_repeat), "How many of them came back within 90 days."
    )


@planned(
    BrandClaim,
    description="What companies claim, by status.",
    needs=CLAIMS,
    group_by=(
        BrandClaim.company_slug,
        BrandClaim.company_name,
        BrandClaim.status,
        BrandClaim.currency,
    ),
)
class BrandClaimTotal:
    """A group of claims of one company."""

    company: str = column(BrandClaim.company_slug, "Short name of the company.")
    company_name: str = column(BrandClaim.company_name, "Name of the company.")
    status: ClaimStatus = column(BrandClaim.status, "The status.")
    claims: int = column(func.count(), "How many claims have it.")
    amount: Money = money(
        func.sum(BrandClaim.amount_minor), BrandClaim.currency, "What they come to."
    )


_CASE_FILTERS = {
    "company": equals(BrandCase.company_slug, "Only cases of this company."),
    "status": one_of(BrandCase.status, "Only cases of these statuses."),
    "coverage": one_of(BrandCase.coverage, "Only cases of these coverages."),
    "number": starts_with(BrandCase.number, "Only numbers that begin so."),
    "serial": equals(BrandCase.serial, "Only this serial number.", convert=normalise_serial),
    "is_repeat": when(BrandCase.is_repeat.is_(True), "Only repeat repairs, or only others."),
    "received_since": at_least(BrandCase.received_at, "Taken in at this instant or later."),
    "received_until": less_than(BrandCase.received_at, "Taken in before this instant."),
}


@strawberry.type
class OversightQueries:
    """Root fields of brands; a company's people have none of them."""

    brand_profile: BrandProfile | None = one("The brand for which you act.", by={})
    brand_cases: Connection[BrandCaseType] = pages(
        "Cases, the latest intake first.",
        order_by=(BrandCase.received_at.desc(), BrandCase.id.desc()),
        filters=_CASE_FILTERS,
        counted=True,
    )
    brand_case: BrandCaseType | None = one(
        "One case; numbers are those of its company.",
        by={
            "company": equals(BrandCase.company_slug, "Short name of the company."),
            "number": equals(BrandCase.number, "Number of the order."),
        },
    )
    brand_claims: Connection[BrandClaimType] = pages(
        "Filed claims, the latest first.",
        order_by=(BrandClaim.submitted_at.desc(), BrandClaim.id.desc()),
        filters={
            "company": equals(BrandClaim.company_slug, "Only claims of this company."),
            "status": one_of(BrandClaim.status, "Only claims of these statuses."),
            "number": starts_with(BrandClaim.number, "Only numbers that begin so."),
            "filed_since": at_least(BrandClaim.submitted_at, "Filed at this instant or later."),
            "filed_until": less_than(BrandClaim.submitted_at, "Filed before this instant."),
        },
        counted=True,
    )
    brand_claim: BrandClaimType | None = one(
        "One filed claim by its id.", by={"id": equals(BrandClaim.id, "Its id.")}
    )
    brand_case_counts: list[BrandCaseCount] = many(
        "Cases per status.",
        order_by=(BrandCase.status,),
        at_most=20,
        filters={"company": equals(BrandCase.company_slug, "Only cases of this company.")},
    )
    brand_contractors: list[BrandContractor] = many(
        "The companies, by short name.", order_by=(BrandCase.company_slug,), at_most=500
    )
    brand_claim_totals: list[BrandClaimTotal] = many(
        "What is claimed, per company and status.",
        order_by=(BrandClaim.company_slug, BrandClaim.status, BrandClaim.currency),
        at_most=500,
        filters={"company": equals(BrandClaim.company_slug, "Only claims of this company.")},
    )


QUERIES = (OversightQueries,)
