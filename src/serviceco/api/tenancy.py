"""Branches, brands, contracts and staff in GraphQL."""

from datetime import date, datetime
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from serviceco.api.mutations import Call, mutation
from serviceco.api.plan.access import SIGNED_IN
from serviceco.api.plan.fields import column, count_of, many, one, pages, to_many, to_one
from serviceco.api.plan.filters import equals, starts_with, when
from serviceco.api.plan.nodes import Node
from serviceco.api.plan.pages import Connection
from serviceco.api.plan.types import planned
from serviceco.core.actor import Permission
from serviceco.tenancy import operations
from serviceco.tenancy.rules import fold_spelling
from serviceco.tenancy.tables import Branch, Brand, BrandAlias, Contract, ContractBranch, Staff


@planned(Branch, description="A service point of the company.", needs=SIGNED_IN, branch=Branch.id)
class BranchType(Node):
    """GraphQL face of a branch."""

    id: UUID = column(Branch.id, "Its id.")
    code: str = column(Branch.code, "Short code, part of addresses of pages.")
    name: str = column(Branch.name, "Name as customers know it.")
    address: str = column(Branch.address, "Where it is; empty where unknown.")
    phone: str = column(Branch.phone, "Its telephone; empty where unknown.")
    zone: str = column(Branch.zone, "IANA time zone of its days.")
    closed_at: datetime | None = column(Branch.closed_at, "Since when it takes nothing in.")
    imported_as: str | None = column(
        Branch.imported_as, "The group under which its history was imported, if it was."
    )


@planned(Brand, description="A brand manufacturer.", needs=SIGNED_IN)
class BrandType(Node):
    """GraphQL face of a brand."""

    id: UUID = column(Brand.id, "Its id.")
    code: str = column(Brand.code, "Short code.")
    name: str = column(Brand.name, "Name in Latin letters.")
    names: JSON = column(Brand.names, "Name per language: `zh_hans`, `zh_hant`, `en`.")


@planned(ContractBranch, description="A branch that a contract authorises.", needs=SIGNED_IN)
class ContractBranchType:
    """GraphQL face of a branch under contract."""

    repair_level: int = column(
        ContractBranch.repair_level, "The highest repair level (1, 2 or 3) that it may do."
    )
    category_levels: JSON = column(
        ContractBranch.category_levels, "Levels of categories that have one of their own, by code."
    )
    branch: BranchType | None = to_one(ContractBranch.branch_id, "The branch.")


@planned(Contract, description="A brand's authorisation of the company.", needs=SIGNED_IN)
class ContractType(Node):
    """GraphQL face of a contract."""

    id: UUID = column(Contract.id, "Its id.")
    number: str = column(Contract.number, "Number on paper.")
    since: date = column(Contract.since, "First day in force.")
    until: date | None = column(Contract.until, "First day no longer in force; null while open.")
    category_codes: list[str] | None = column(
        Contract.category_codes, "Categories of products under contract; null is all."
    )
    brand: BrandType = to_one(Contract.brand_id, "The brand.")
    branch_count: int = count_of(ContractBranch.contract_id, "How many branches it authorises.")
    branches: list[ContractBranchType] = to_many(
        ContractBranch.contract_id,
        "The branches that it authorises.",
        order_by=(ContractBranch.branch_id,),
        at_most=300,
    )


@planned(Staff, description="A person who works for the company.", needs=SIGNED_IN)
class StaffType(Node):
    """GraphQL face of a member of staff."""

    id: UUID = column(Staff.id, "Its id.")
    code: str = column(Staff.code, "Staff number.")
    name: str = column(Staff.name, "Name.")
    is_active: bool = column(Staff.is_active, "Whether they work here now.")


@planned(
    BrandAlias,
    description="A brand as somebody printed it, and which brand the company says it is.",
    needs=Permission.MANAGE_BRANDS,
)
class BrandAliasType(Node):
    """GraphQL face of a brand alias."""

    id: UUID = column(BrandAlias.id, "Its id.")
    printed: str = column(BrandAlias.printed, "As first printed.")
    spelling: str = column(BrandAlias.spelling, "Folded, as spellings are compared.")
    decided_at: datetime | None = column(BrandAlias.decided_at, "When staff last decided.")
    version: int = column(BrandAlias.version, "Rises with each decision; send it back to decide.")
    brand: BrandType | None = to_one(BrandAlias.brand_id, "The brand, once decided.")


@strawberry.type
class TenancyQueries:
    """Root fields of tenancy."""

    branches: list[BranchType] = many(
        "The branches that you may see, by code.",
        order_by=(Branch.code,),
        at_most=500,
        filters={"code": equals(Branch.code, "Only the branch of this code.")},
    )
    branch: BranchType | None = one(
        "One branch by its code.", by={"code": equals(Branch.code, "Its short code.")}
    )
    contract: ContractType | None = one(
        "One contract by its id.", by={"id": equals(Contract.id, "Its id.")}
    )
    contracts: list[ContractType] = many(
        "The company's contracts, by number.",
        order_by=(Contract.number,),
        at_most=200,
        filters={"brand_id": equals(Contract.brand_id, "Only contracts with this brand.")},
    )
    brands: list[BrandType] = many("All brands, by code.", order_by=(Brand.code,), at_most=500)
    staff: list[StaffType] = many(
        "The people of the company, by code.",
        order_by=(Staff.code,),
        at_most=1_000,
        where=Staff.is_active.is_(True),
        needs=Permission.READ_ORDERS,
    )
    brand_aliases: Connection[BrandAliasType] = pages(
        "Printed brand names, by spelling.",
        order_by=(BrandAlias.spelling, BrandAlias.id),
        filters={
            "undecided": when(BrandAlias.decided_at.is_(None), "Only those not decided yet."),
            "spelling": equals(BrandAlias.spelling, "Only this folded spelling."),
            "begins": starts_with(
                BrandAlias.spelling,
                "Only names that begin so, however it is spelled.",
                convert=fold_spelling,
            ),
        },
        counted=True,
        needs=Permission.MANAGE_BRANDS,
    )


QUERIES = (TenancyQueries,)


@mutation(
    BrandAliasType,
    needs=Permission.MANAGE_BRANDS,
    description="Say which brand a printed name means, or that it means none.",
)
async def decide_brand_alias(
    call: Call, alias_id: UUID, brand_id: UUID | None = None, version: int | None = None
) -> UUID:
    """Say which brand a printed name means."""
    alias = await operations.decide_alias(
        call.session, call.actor, alias_id, brand_id=brand_id, version=version, at=call.at
    )
    return alias.id


@strawberry.input(description="A printed name as somebody read it.")
class AliasRead:
    """GraphQL face of a name with its version."""

    alias_id: UUID = strawberry.field(description="The printed name.")
    version: int = strawberry.field(description="Its version when it was read.")


@mutation(
    BrandAliasType,
    needs=Permission.MANAGE_BRANDS,
    description="Decide several printed names alike, all or none; the answer is the first of them.",
)
async def decide_brand_aliases(
    call: Call, names: list[AliasRead], brand_id: UUID | None = None
) -> UUID:
    """Decide several printed names alike."""
    decided = await operations.decide_aliases(
        call.session,
        call.actor,
        {name.alias_id: name.version for name in names},
        brand_id=brand_id,
        at=call.at,
    )
    return decided[0].id


MUTATIONS = (decide_brand_alias, decide_brand_aliases)
