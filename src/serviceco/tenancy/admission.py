"""Letting people in whom an identity provider vouches for: accounts and roles by the company's rule.

Units of work are of the role `serviceco_auth`, bound to the tenant where the provider is a
tenant's; of a brand they are global.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, ActorKind
from serviceco.core.ids import new_id
from serviceco.evidence.operations import record
from serviceco.identity.operations import change_rights
from serviceco.identity.provider_tables import FederatedIdentity, IdentityProvider
from serviceco.identity.provider_words import Admits, EmailUnproven, NotAdmitted, ProvenPerson
from serviceco.identity.providers import rules_of, speaks_for
from serviceco.identity.queries import find_account, get_account
from serviceco.identity.rules import folded_email
from serviceco.identity.tables import Account, Membership
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.queries import find_staff
from serviceco.tenancy.rules import permissions_of
from serviceco.tenancy.tables import Staff

_LONGEST_CODE = 20


@dataclass(frozen=True, slots=True)
class Granted:
    """The roles that a rule gives, in these branches or (None) in all."""

    roles: tuple[str, ...]
    branch_ids: list[UUID] | None


async def admit(
    session: AsyncSession, provider: IdentityProvider, person: ProvenPerson, *, at: datetime
) -> Membership:
    """Return the membership that the person enters by; without roles it opens nothing any more.

    A person met before is known by the provider's own name for them, whatever their e-mail is by
    now. Where the rule keeps the membership, it has just the roles that the rule gives today.

    Raises:
        EmailUnproven: the provider may not speak for the e-mail, or has not verified it.
        NotAdmitted: neither rule nor membership lets the person in.
    """
    granted = granted_by(provider, person.groups)
    identity = await session.get(
        FederatedIdentity, (provider.id, person.subject), with_for_update=True
    )
    if identity is None:
        identity = await _meet(session, provider, person, granted, at=at)
    identity.used_at = at
    account = await get_account(session, identity.account_id, lock=True)
    membership = await session.get(Membership, identity.membership_id, with_for_update=True)
    if membership is None or not (membership.is_active and account.is_active):
        raise NotAdmitted("Nobody here has let you in yet. Ask your administrator.")
    if identity.by_rule:
        await _keep_roles(session, account, membership, granted, at=at)
    return membership


def granted_by(provider: IdentityProvider, groups: frozenset[str]) -> Granted:
    """Return what the provider's rule gives to somebody of these groups: of all that fit, the sum."""
    if provider.admission is not Admits.RULE:
        return Granted((), None)
    fitting = [rule for rule in rules_of(provider) if rule.group in groups]
    roles = {rule.role for rule in fitting}
    branches = [rule.branch_id for rule in fitting]
    if not fitting:
        return Granted(tuple(sorted(provider.default_roles)), None)
    everywhere = any(branch is None for branch in branches)
    return Granted(
        tuple(sorted(roles)),
        None if everywhere else sorted({branch for branch in branches if branch}),
    )


async def _meet(
    session: AsyncSession,
    provider: IdentityProvider,
    person: ProvenPerson,
    granted: Granted,
    *,
    at: datetime,
) -> FederatedIdentity:
    """Link a person who comes for the first time with the account of their e-mail, or a new one."""
    if not person.is_email_verified or not await speaks_for(session, provider.id, person.email):
        raise EmailUnproven("Your sign-in service does not vouch for your e-mail address.")
    account = await find_account(session, person.email)
    membership = await _membership(session, provider, account) if account else None
    by_rule = membership is None
    if membership is None:
        if not granted.roles:
            raise NotAdmitted("Nobody here has let you in yet. Ask your administrator.")
        account = account or await _new_account(session, person, at=at)
        membership = await _new_membership(session, provider, account, granted, at=at)
    identity = FederatedIdentity(
        provider_id=provider.id,
        subject=person.subject,
        account_id=membership.account_id,
        membership_id=membership.id,
        by_rule=by_rule,
        created_at=at,
        used_at=at,
    )
    session.add(identity)
    await session.flush()
    return identity


async def _membership(
    session: AsyncSession, provider: IdentityProvider, account: Account
) -> Membership | None:
    home = func.coalesce(Membership.tenant_id, Membership.brand_id)
    found: Membership | None = await session.scalar(
        select(Membership)
        .where(
            Membership.account_id == account.id, home == (provider.tenant_id or provider.brand_id)
        )
        .order_by(Membership.is_active.desc(), Membership.id)
        .limit(1)
    )
    return found


async def _new_account(session: AsyncSession, person: ProvenPerson, *, at: datetime) -> Account:
    account = Account(
        id=new_id(),
        email=folded_email(person.email),
        name=person.name,
        password_hash=None,
        language=person.language,
        created_at=at,
    )
    session.add(account)
    await session.flush()
    return account


async def _new_membership(
    session: AsyncSession,
    provider: IdentityProvider,
    account: Account,
    granted: Granted,
    *,
    at: datetime,
) -> Membership:
    staff = await _staff(session, account) if provider.tenant_id else None
    membership = Membership(
        id=new_id(),
        account_id=account.id,
        tenant_id=provider.tenant_id,
        brand_id=provider.brand_id,
        staff_id=staff.id if staff else None,
        roles=list(granted.roles),
        branch_ids=granted.branch_ids,
    )
    session.add(membership)
    await session.flush()
    if staff is not None:
        joined = _themselves(account, membership)
        detail = {"provider": provider.id, "roles": list(granted.roles)}
        await record(session, joined, "staff.joined", staff, at=at, **detail)
    return membership


async def _staff(session: AsyncSession, account: Account) -> Staff:
    """Return the account's place on the staff, a new one where there is none."""
    staff = await session.scalar(
        select(Staff)
        .where(Staff.tenant_id == tenant_of(session), Staff.account_id == account.id)
        .with_for_update()
    )
    if staff is None:
        staff = Staff(
            tenant_id=tenant_of(session),
            id=new_id(),
            code=await _free_code(session, account.email),
            name=account.name,
            account_id=account.id,
        )
        session.add(staff)
        await session.flush()
    return staff


async def _free_code(session: AsyncSession, email: str) -> str:
    """Return a staff number nobody has: what stands before the @, with a number if need be."""
    base = email.partition("@")[0][:_LONGEST_CODE]
    code, number = base, 1
    while await find_staff(session, code):
        number += 1
        code = f"{base}-{number}"
    return code


async def _keep_roles(
    session: AsyncSession,
    account: Account,
    membership: Membership,
    granted: Granted,
    *,
    at: datetime,
) -> None:
    before = (sorted(membership.roles), membership.branch_ids)
    if before == (sorted(granted.roles), granted.branch_ids):
        return
    membership.roles = list(granted.roles)
    membership.branch_ids = granted.branch_ids
    await change_rights(session, account, of=membership, at=at)
    if membership.staff_id is None or membership.tenant_id is None:
        return
    staff = await session.get(
        Staff, (membership.tenant_id, membership.staff_id), with_for_update=True
    )
    if staff is not None:
        actor = _themselves(account, membership)
        detail = {"roles": list(granted.roles), "before": before[0]}
        await record(session, actor, "staff.rights_changed", staff, at=at, **detail)


def _themselves(account: Account, membership: Membership) -> Actor:
    return Actor(
        kind=ActorKind.STAFF,
        account_id=account.id,
        tenant_id=membership.tenant_id,
        staff_id=membership.staff_id,
        name=account.name,
        roles=frozenset(membership.roles),
        permissions=permissions_of(membership.roles),
    )
