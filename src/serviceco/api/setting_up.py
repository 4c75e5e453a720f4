"""Setting a company up in GraphQL: branches, contracts, and what is still missing to begin work."""

from datetime import date
from uuid import UUID

import strawberry

from serviceco.api.mutations import Call, computed, mutation
from serviceco.api.rights import Permission
from serviceco.api.tenancy import BranchType, ContractType
from serviceco.catalogue import contracts as product_lines
from serviceco.core.periods import local_day
from serviceco.identity.queries import list_admissions
from serviceco.policy.readiness import list_readiness
from serviceco.repairs import branches as closing
from serviceco.storage.engines import Role as DatabaseRole
from serviceco.tenancy import contracts, operations
from serviceco.tenancy.colleagues import known_roles
from serviceco.tenancy.queries import get_tenant, list_branches, list_staff
from serviceco.tenancy.rules import missing_work
from serviceco.tenancy.words import Place


@strawberry.input(description="What a branch is to those who look for it.")
class BranchPlace:
    """GraphQL face of a place."""

    name: str = strawberry.field(description="Name as customers know it.")
    address: str = strawberry.field(default="", description="Where it is.")
    phone: str = strawberry.field(default="", description="Its telephone.")


@strawberry.input(description="The repair level of a branch in one category of products.")
class CategoryLevel:
    """GraphQL face of a level of its own."""

    category: str = strawberry.field(description="Code of the category.")
    repair_level: int = strawberry.field(description="1, 2 or 3.")


@strawberry.type(description="An open branch under a contract.")
class AuthorisedBranch:
    """GraphQL face of a branch with its level."""

    branch_id: UUID = strawberry.field(description="The branch.")
    repair_level: int = strawberry.field(description="The highest repair level that it may do.")


@strawberry.type(description="How far the work for a brand is prepared.")
class BrandReadiness:
    """GraphQL face of what is prepared for a brand."""

    brand_id: UUID = strawberry.field(description="The brand.")
    brand_code: str = strawberry.field(description="Its code.")
    contract_id: UUID = strawberry.field(description="The contract in force, else the latest.")
    contract_number: str = strawberry.field(description="Its number.")
    is_in_force: bool = strawberry.field(description="Whether the contract is in force today.")
    has_policy: bool = strawberry.field(description="Whether a policy of the brand is in force.")
    authorised: list[AuthorisedBranch] = strawberry.field(
        description="Open branches under the contract."
    )
    missing: list[UUID] = strawberry.field(description="Open branches not under the contract.")


@strawberry.type(description="What nobody at an open branch may do.")
class BranchStaffing:
    """GraphQL face of who is missing at a branch."""

    branch_id: UUID = strawberry.field(description="The branch.")
    code: str = strawberry.field(description="Its code.")
    missing: list[Permission] = strawberry.field(
        description="Work of a repair that no active person of the branch may do."
    )


@computed(
    "What is prepared for each brand under contract, by code.", needs=Permission.MANAGE_TENANT
)
async def brand_readiness(call: Call) -> list[BrandReadiness]:
    """List what is prepared and what is missing."""
    today = local_day(call.at, (await get_tenant(call.session)).zone)
    return [
        BrandReadiness(
            brand_id=one.brand.id,
            brand_code=one.brand.code,
            contract_id=one.contract.id,
            contract_number=one.contract.number,
            is_in_force=one.is_in_force,
            has_policy=one.has_policy,
            authorised=[
                AuthorisedBranch(branch_id=branch_id, repair_level=level)
                for branch_id, level in one.authorised
            ],
            missing=list(one.missing),
        )
        for one in await list_readiness(call.session, today)
    ]


@computed(
    "The work that nobody may do at each open branch, by code; invited people do not count.",
    needs=Permission.MANAGE_TENANT,
    runs_as=DatabaseRole.AUTH,
)
async def branch_staffing(call: Call) -> list[BranchStaffing]:
    """List who is missing where."""
    working = {person.id for person in await list_staff(call.session) if person.is_active}
    joined = [
        (known_roles(one.roles), one.branch_ids)
        for one in await list_admissions(call.session, call.actor.tenant)
        if one.account_id is not None and one.staff_id in working
    ]
    return [
        BranchStaffing(
            branch_id=branch.id, code=branch.code, missing=missing_work(joined, branch.id)
        )
        for branch in await list_branches(call.session)
        if branch.closed_at is None
    ]


@mutation(BranchType, needs=Permission.MANAGE_TENANT, description="Open a branch.")
async def open_branch(call: Call, code: str, zone: str, place: BranchPlace) -> UUID:
    """Open a branch."""
    branch = await operations.add_branch(
        call.session, call.actor, code.strip(), _place(place, zone.strip()), at=call.at
    )
    return branch.id


@mutation(
    BranchType,
    needs=Permission.MANAGE_TENANT,
    description="Write a branch's name, address and telephone anew; code and zone stay.",
)
async def change_branch(call: Call, branch_id: UUID, place: BranchPlace) -> UUID:
    """Change a branch."""
    branch = await operations.change_branch(
        call.session, call.actor, branch_id, _place(place, ""), at=call.at
    )
    return branch.id


@mutation(
    BranchType,
    needs=Permission.MANAGE_TENANT,
    description="Let a branch take nothing in any more; refused while orders are open there.",
)
async def close_branch(call: Call, branch_id: UUID) -> UUID:
    """Close a branch."""
    branch = await closing.close_branch(call.session, call.actor, branch_id, at=call.at)
    return branch.id


@mutation(
    BranchType, needs=Permission.MANAGE_TENANT, description="Let a closed branch take devices in."
)
async def reopen_branch(call: Call, branch_id: UUID) -> UUID:
    """Reopen a branch."""
    branch = await operations.reopen_branch(call.session, call.actor, branch_id, at=call.at)
    return branch.id


@mutation(
    ContractType,
    needs=Permission.MANAGE_BRANDS,
    description="Record a brand's authorisation of the company, from `since` (in) to `until` (out).",
)
async def sign_contract(
    call: Call, number: str, brand_id: UUID, since: date, until: date | None = None
) -> UUID:
    """Sign a contract."""
    contract = await contracts.sign_contract(
        call.session,
        call.actor,
        number.strip(),
        brand_id=brand_id,
        since=since,
        until=until,
        at=call.at,
    )
    return contract.id


@mutation(
    ContractType,
    needs=Permission.MANAGE_BRANDS,
    description="Let a contract end on a day (out), or on none where it is null.",
)
async def end_contract(call: Call, contract_id: UUID, until: date | None = None) -> UUID:
    """End a contract."""
    contract = await contracts.end_contract(
        call.session, call.actor, contract_id, until=until, at=call.at
    )
    return contract.id


@mutation(
    ContractType,
    needs=Permission.MANAGE_BRANDS,
    description="Let a contract cover these categories of products alone; null is all of them.",
)
async def cover_categories(
    call: Call, contract_id: UUID, category_codes: list[str] | None = None
) -> UUID:
    """Change the product lines of a contract."""
    contract = await product_lines.cover_categories(
        call.session, call.actor, contract_id, category_codes, at=call.at
    )
    return contract.id


@mutation(
    ContractType,
    needs=Permission.MANAGE_BRANDS,
    description="Let a branch work under a contract up to a repair level of 1, 2 or 3.",
)
async def authorise_branch(
    call: Call, contract_id: UUID, branch_id: UUID, repair_level: int
) -> UUID:
    """Authorise a branch."""
    contract = await contracts.authorise_branch(
        call.session,
        call.actor,
        contract_id,
        branch_id,
        repair_level=repair_level,
        at=call.at,
    )
    return contract.id


@mutation(
    ContractType,
    needs=Permission.MANAGE_BRANDS,
    description="Let a branch repair some categories up to a level of their own; an empty list, none.",
)
async def set_category_levels(
    call: Call, contract_id: UUID, branch_id: UUID, levels: list[CategoryLevel]
) -> UUID:
    """Set the levels of categories."""
    contract = await product_lines.set_category_levels(
        call.session,
        call.actor,
        contract_id,
        branch_id,
        {level.category: level.repair_level for level in levels},
        at=call.at,
    )
    return contract.id


@mutation(
    ContractType,
    needs=Permission.MANAGE_BRANDS,
    description="Take a branch out of a contract; `authoriseBranch` undoes it.",
)
async def withdraw_branch(call: Call, contract_id: UUID, branch_id: UUID) -> UUID:
    """Withdraw a branch."""
    contract = await contracts.withdraw_branch(
        call.session, call.actor, contract_id, branch_id, at=call.at
    )
    return contract.id


def _place(place: BranchPlace, zone: str) -> Place:
    return Place(
        name=place.name.strip(),
        zone=zone,
        address=place.address.strip(),
        phone=place.phone.strip(),
    )


COMPUTED = (brand_readiness, branch_staffing)
MUTATIONS = (
    open_branch,
    change_branch,
    close_branch,
    reopen_branch,
    sign_contract,
    end_contract,
    cover_categories,
    authorise_branch,
    set_category_levels,
    withdraw_branch,
)
