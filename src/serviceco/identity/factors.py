"""Whether somebody has a second factor, and whether their company asks for one. Role `serviceco_auth`."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.identity.factor_tables import Passkey, RecoveryCode, SignInRule, Totp
from serviceco.identity.operations import change_rights
from serviceco.identity.tables import Account, Membership, SignIn
from serviceco.identity.words import Purpose, WorksElsewhere


async def second_step(session: AsyncSession, membership: Membership) -> Purpose | None:
    """Return what must follow a right password before there is a session."""
    if await has_factor(session, membership.account_id):
        return Purpose.SECOND_FACTOR
    return Purpose.ENROLMENT if await is_factor_required(session, membership) else None


async def has_factor(session: AsyncSession, account_id: UUID) -> bool:
    """Tell whether the account has an authenticator app that was confirmed, or a passkey."""
    app = exists().where(Totp.account_id == account_id, Totp.confirmed_at.is_not(None))
    passkey = exists().where(Passkey.account_id == account_id)
    return bool(await session.scalar(select(or_(app, passkey))))


async def is_factor_required(session: AsyncSession, membership: Membership) -> bool:
    """Tell whether the company or brand asks for a second factor of one of these roles."""
    roles = await factor_roles(session, membership.tenant_id or membership.brand_id)
    return not frozenset(membership.roles).isdisjoint(roles)


async def factor_roles(session: AsyncSession, home_id: UUID | None) -> frozenset[str]:
    """Return the roles of which a company or brand asks for a second factor."""
    roles = await session.scalar(
        select(SignInRule.second_factor_roles).where(SignInRule.id == home_id)
    )
    return frozenset(roles or ())


async def require_factor(
    session: AsyncSession, actor: Actor, roles: Iterable[str], *, at: datetime
) -> None:
    """Ask for a second factor of these roles from now on; who signed in without one starts again.

    A provider's sign-in goes on: the provider asks for what the company wants of it.

    Raises:
        NotPermitted: the actor does not manage the company.
    """
    actor.require(Permission.MANAGE_TENANT)
    home_id, wanted = actor.home, sorted(set(roles))
    await session.execute(
        insert(SignInRule)
        .values(id=home_id, second_factor_roles=wanted)
        .on_conflict_do_update(index_elements=["id"], set_={"second_factor_roles": wanted})
    )
    concerned = select(Membership.id).where(_at_home(actor), Membership.roles.overlap(wanted))
    await session.execute(
        update(SignIn)
        .where(
            SignIn.membership_id.in_(concerned),
            SignIn.token_hash != actor.token_hash,
            SignIn.is_strong.is_(False),
            SignIn.provider_id.is_(None),
            SignIn.ended_at.is_(None),
        )
        .values(ended_at=at)
    )


async def reset_factors(session: AsyncSession, account: Account, *, at: datetime) -> None:
    """Take every second factor from a locked account whose person lost them; end its sign-ins.

    Raises:
        WorksElsewhere: it is a member elsewhere too; what protects another company stays.
    """
    homes = await session.scalar(
        select(
            func.count(func.coalesce(Membership.tenant_id, Membership.brand_id).distinct())
        ).where(Membership.account_id == account.id, Membership.is_active)
    )
    if (homes or 0) > 1:
        raise WorksElsewhere("This person also works elsewhere; ask the operator of the system.")
    for table in (Totp, RecoveryCode, Passkey):
        await session.execute(delete(table).where(table.account_id == account.id))
    await change_rights(session, account, at=at)


def _at_home(actor: Actor) -> ColumnElement[bool]:
    return func.coalesce(Membership.tenant_id, Membership.brand_id) == actor.home
