"""Claims to brands in GraphQL."""

from datetime import date, datetime
from uuid import UUID

import strawberry
from sqlalchemy import func
from strawberry.scalars import JSON

from serviceco.api.mutations import Call, computed, mutation
from serviceco.api.plan.fields import column, many, money, one, pages, to_many, to_one
from serviceco.api.plan.filters import equals, one_of
from serviceco.api.plan.nodes import Node
from serviceco.api.plan.pages import Connection
from serviceco.api.plan.scalars import Money
from serviceco.api.plan.types import extends, planned
from serviceco.api.repair_work import CoverageDecisionType
from serviceco.api.repairs import RepairOrderType
from serviceco.api.tenancy import BranchType, BrandType
from serviceco.claims import operations
from serviceco.claims.queries import list_evidence
from serviceco.claims.rules import MEND, SLOTS
from serviceco.claims.tables import Claim, ClaimLine
from serviceco.claims.words import ClaimStatus
from serviceco.core.actor import Permission
from serviceco.policy.words import ClaimEvidence, LineKind
from serviceco.repairs.queries import get_order

strawberry.enum(ClaimEvidence, description="What must be with a claim.")
strawberry.enum(ClaimStatus, description="Where a claim stands.")


@planned(
    ClaimLine,
    description="One claimed line.",
    needs=Permission.READ_CLAIMS,
    within=(ClaimLine.claim_id, Claim),
)
class ClaimLineType(Node):
    """GraphQL face of a claim line."""

    id: UUID = column(ClaimLine.id, "Its id.")
    position: int = column(ClaimLine.position, "Its place, from 1.")
    line: LineKind = column(ClaimLine.line, "What it is for.")
    code: str = column(ClaimLine.code, "Part number, or labour code.")
    names: JSON = column(ClaimLine.names, "Description per language.")
    quantity: int = column(ClaimLine.quantity, "How many.")
    amount: Money = money(ClaimLine.amount_minor, ClaimLine.currency, "What is claimed.")
    evidence: JSON = column(ClaimLine.evidence, "Clauses and evidence that carry it.")
    decision: CoverageDecisionType | None = to_one(
        ClaimLine.decision_id, "The decision on which it rests.", needs=Permission.READ_ORDERS
    )


@planned(
    Claim,
    description="What the company asks a brand to pay for one order.",
    needs=Permission.READ_CLAIMS,
    branch=Claim.branch_id,
)
class ClaimType(Node):
    """GraphQL face of a claim."""

    id: UUID = column(Claim.id, "Its id.")
    status: ClaimStatus = column(Claim.status, "Where it stands.")
    amount: Money = money(Claim.amount_minor, Claim.currency, "What is claimed.")
    problems: JSON = column(Claim.problems, "Codes of missing evidence.")
    opened_at: datetime = column(Claim.opened_at, "When it was opened.")
    due_on: date | None = column(Claim.due_on, "Last day to file it, by the contract.")
    submitted_at: datetime | None = column(Claim.submitted_at, "When it was filed.")
    version: int = column(Claim.version, "Rises with each change.")
    brand: BrandType = to_one(Claim.brand_id, "The brand that is asked.")
    branch: BranchType = to_one(Claim.branch_id, "The branch that did the work.")
    order: RepairOrderType | None = to_one(
        Claim.order_id, "The order it is for.", needs=Permission.READ_ORDERS
    )
    lines: list[ClaimLineType] = to_many(
        ClaimLine.claim_id, "Its lines.", order_by=(ClaimLine.position,), at_most=50
    )


@extends(RepairOrderType)
class RepairOrderClaim:
    """The claim of an order."""

    claim: ClaimType | None = to_one(
        Claim.order_id, "Its claim, once opened.", needs=Permission.READ_CLAIMS
    )


@planned(
    Claim,
    description="How many claims have a status.",
    needs=Permission.READ_CLAIMS,
    branch=Claim.branch_id,
    group_by=(Claim.status,),
)
class ClaimCount:
    """A group of claims."""

    status: ClaimStatus = column(Claim.status, "The status.")
    claims: int = column(func.count(), "How many claims have it.")


@planned(
    Claim,
    description="What is claimed of a brand in one status.",
    needs=Permission.READ_CLAIMS,
    branch=Claim.branch_id,
    group_by=(Claim.brand_id, Claim.status, Claim.currency),
)
class ClaimTotal:
    """A group of claims to one brand."""

    brand_id: UUID = column(Claim.brand_id, "The brand that is asked.")
    status: ClaimStatus = column(Claim.status, "The status.")
    claims: int = column(func.count(), "How many claims have it.")
    amount: Money = money(func.sum(Claim.amount_minor), Claim.currency, "What they come to.")


@strawberry.type
class ClaimQueries:
    """Root fields of claims."""

    claims: Connection[ClaimType] = pages(
        "Claims, newest first.",
        order_by=(Claim.opened_at.desc(), Claim.id.desc()),
        filters={
            "ids": one_of(Claim.id, "Only these claims."),
            "status": one_of(Claim.status, "Only claims of these statuses."),
            "brand_id": equals(Claim.brand_id, "Only claims to this brand."),
            "branch_id": equals(Claim.branch_id, "Only claims of this branch."),
        },
    )
    claim: ClaimType | None = one("One claim by its id.", by={"id": equals(Claim.id, "Its id.")})
    claim_counts: list[ClaimCount] = many(
        "Claims per status.",
        order_by=(Claim.status,),
        at_most=10,
        filters={"brand_id": equals(Claim.brand_id, "Only claims to this brand.")},
    )
    claim_totals: list[ClaimTotal] = many(
        "What is claimed, per brand and status.",
        order_by=(Claim.brand_id, Claim.status, Claim.currency),
        at_most=500,
        filters={"branch_id": equals(Claim.branch_id, "Only claims of this branch.")},
    )


QUERIES = (ClaimQueries,)


@strawberry.type(description="One kind of evidence that the brand wants with a claim.")
class WantedEvidence:
    """GraphQL face of a kind of evidence."""

    evidence: ClaimEvidence = strawberry.field(description="What is wanted.")
    is_there: bool = strawberry.field(description="Whether the order holds it.")
    slot: str | None = strawberry.field(
        description="The slot for a photo that would do; null where no photo does."
    )
    mend: JSON = strawberry.field(description="What to do where it is missing, per language.")


@computed(
    "What the brand wants with a claim on an order; empty where the brand pays nothing.",
    needs=Permission.READ_ORDERS,
)
async def claim_evidence(call: Call, number: str) -> list[WantedEvidence]:
    """List wanted evidence."""
    order = await get_order(call.session, call.actor, number)
    return [
        WantedEvidence(
            evidence=each, is_there=held, slot=SLOTS.get(each), mend=JSON(dict(MEND[each]))
        )
        for each, held in await list_evidence(call.session, order)
    ]


@mutation(
    ClaimType,
    needs=Permission.SUBMIT_CLAIM,
    description="Look again for missing evidence.",
)
async def recheck_claim(call: Call, claim_id: UUID) -> UUID:
    """Look again for missing evidence."""
    claim = await operations.recheck_claim(call.session, call.actor, claim_id, at=call.at)
    return claim.id


@mutation(
    ClaimType,
    needs=Permission.SUBMIT_CLAIM,
    description="File a claim with the brand; it must be complete.",
)
async def submit_claim(call: Call, claim_id: UUID, version: int | None = None) -> UUID:
    """File a claim."""
    claim = await operations.submit_claim(
        call.session, call.actor, claim_id, version=version, at=call.at
    )
    return claim.id


MUTATIONS = (recheck_claim, submit_claim)
COMPUTED = (claim_evidence,)
