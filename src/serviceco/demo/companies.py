"""A company from its packs: branches, contracts, staff who can sign in, books and policies."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, ActorKind, Permission
from serviceco.core.ids import new_id
from serviceco.demo.engines import Engines
from serviceco.identity.operations import register_account
from serviceco.identity.queries import find_account, list_memberships
from serviceco.ledger.operations import open_chart
from serviceco.policy.operations import publish_policy
from serviceco.policy.packs import Folder, read_policy, read_tenant
from serviceco.policy.words import ContractPack, Policy, StaffPack, TenantPack
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.contracts import authorise_branch, sign_contract
from serviceco.tenancy.operations import add_branch, add_staff
from serviceco.tenancy.queries import (
    find_branch,
    find_brand,
    find_contract,
    find_staff,
    find_tenant,
)
from serviceco.tenancy.registration import grant_roles, register_tenant
from serviceco.tenancy.rules import permissions_of, system_actor
from serviceco.tenancy.words import Company, Place

# Printed at every start and written in the README: it guards nothing but the demo world.
PASSWORD = "demo-demo-demo"  # noqa: S105 - no secret


@dataclass(frozen=True, slots=True)
class Cast:
    """A company that stands: who may act in it, where, and under which policies."""

    pack: TenantPack
    tenant_id: UUID
    branches: dict[str, UUID]
    staff: dict[str, Actor]
    policies: dict[str, Policy]

    def somebody(self, permission: Permission, branch: str, *, but: Actor | None = None) -> Actor:
        """Return who does this at the branch: its own people first, and those who do little else."""
        fitting = [
            person
            for person in self.staff.values()
            if person.may(permission)
            and person.sees_branch(self.branches[branch])
            and (but is None or person.staff_id != but.staff_id)
        ]
        return min(
            fitting,
            key=lambda person: (person.branch_ids is None, len(person.permissions), person.name),
        )


async def found_company(engines: Engines, path: Path, folder: Folder, *, at: datetime) -> Cast:
    """Set a company up from `tenants/<slug>/`; what stands already is kept."""
    pack = read_tenant(path)
    operator = system_actor(await _register(engines, pack, at=at))
    policies = {policy.brand: policy for policy in map(read_policy, folder.policies(path))}
    accounts = await _open_accounts(engines, operator, pack, at=at)
    async with unit_of_work(engines.app, operator.tenant) as session:
        await open_chart(session, operator)
        branches = await _open_branches(session, operator, pack, at=at)
        for contract in pack.contracts:
            await _sign(session, operator, contract, branches, at=at)
        for policy in policies.values():
            await publish_policy(session, operator, policy, at=at)
        staff = await _employ(session, operator, pack, branches, accounts)
    await _grant(engines, operator, pack, staff, at=at)
    return Cast(pack, operator.tenant, branches, staff, policies)


async def _register(engines: Engines, pack: TenantPack, *, at: datetime) -> UUID:
    company = Company(
        name=pack.name,
        currency=pack.currency,
        zone=pack.zone,
        language=pack.language,
        country=pack.country,
    )
    async with global_work(engines.admin) as session:
        tenant = await find_tenant(session, pack.slug)
        if tenant is None:
            operator = system_actor(new_id())
            tenant = await register_tenant(session, operator, pack.slug, company, at=at)
        return tenant.id


async def _open_accounts(
    engines: Engines, operator: Actor, pack: TenantPack, *, at: datetime
) -> dict[str, UUID]:
    accounts = {}
    for person in pack.staff:
        async with global_work(engines.auth) as session:
            account = await find_account(session, person.email) or await register_account(
                session,
                operator,
                person.email,
                name=person.name,
                password=PASSWORD,
                language=person.language,
                at=at,
            )
        accounts[person.code] = account.id
    return accounts


async def _open_branches(
    session: AsyncSession, operator: Actor, pack: TenantPack, *, at: datetime
) -> dict[str, UUID]:
    ids = {}
    for branch in pack.branches:
        place = Place(
            name=branch.name,
            zone=branch.zone or pack.zone,
            address=branch.address,
            phone=branch.phone,
        )
        there = await find_branch(session, branch.code)
        opened = there or await add_branch(session, operator, branch.code, place, at=at)
        ids[branch.code] = opened.id
    return ids


async def _sign(
    session: AsyncSession,
    operator: Actor,
    pack: ContractPack,
    branches: dict[str, UUID],
    *,
    at: datetime,
) -> None:
    brand = await find_brand(session, pack.brand)
    if brand is None:
        raise LookupError(f"contract {pack.number} names the brand {pack.brand}, which has no pack")
    contract = await find_contract(session, pack.number) or await sign_contract(
        session, operator, pack.number, brand_id=brand.id, since=pack.since, until=pack.until, at=at
    )
    for allowed in pack.branches:
        await authorise_branch(
            session,
            operator,
            contract.id,
            branches[allowed.branch],
            repair_level=allowed.repair_level,
            at=at,
        )


async def _employ(
    session: AsyncSession,
    operator: Actor,
    pack: TenantPack,
    branches: dict[str, UUID],
    accounts: dict[str, UUID],
) -> dict[str, Actor]:
    staff = {}
    for person in pack.staff:
        employed = await find_staff(session, person.code) or await add_staff(
            session, operator, person.code, name=person.name, account_id=accounts[person.code]
        )
        staff[person.code] = Actor(
            kind=ActorKind.STAFF,
            account_id=accounts[person.code],
            tenant_id=operator.tenant,
            staff_id=employed.id,
            name=person.name,
            roles=frozenset(role.value for role in person.roles),
            permissions=permissions_of(person.roles),
            branch_ids=_scope(person, branches),
            language=person.language,
        )
    return staff


async def _grant(
    engines: Engines, operator: Actor, pack: TenantPack, staff: dict[str, Actor], *, at: datetime
) -> None:
    async with global_work(engines.auth) as session:
        for person in pack.staff:
            actor = staff[person.code]
            if not await list_memberships(session, actor.account_id):
                await grant_roles(
                    session,
                    operator,
                    actor.account_id,
                    staff_id=actor.staff_id,
                    roles=person.roles,
                    branch_ids=actor.branch_ids,
                    at=at,
                )


def _scope(person: StaffPack, branches: dict[str, UUID]) -> frozenset[UUID] | None:
    return frozenset(branches[code] for code in person.branches) if person.branches else None
