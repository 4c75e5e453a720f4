"""How a company's people sign in: its identity providers, its second factors, and their loss.

Units of work are of the role `serviceco_auth`, bound to the tenant; of a brand they are global.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.evidence.operations import record
from serviceco.identity import factors, providers
from serviceco.identity.provider_tables import IdentityProvider
from serviceco.identity.provider_words import InvalidProvider, ProviderTerms
from serviceco.identity.queries import get_account
from serviceco.tenancy.colleagues import check_rights, known_roles, lock_colleague
from serviceco.tenancy.tables import Staff
from serviceco.tenancy.words import NoAccount


async def save_provider(
    session: AsyncSession,
    actor: Actor,
    terms: ProviderTerms,
    *,
    provider_id: UUID | None = None,
    key: bytes,
    at: datetime,
) -> IdentityProvider:
    """Add or change a provider, whose rule gives no more than the actor may give.

    Raises:
        NotPermitted: the actor does not manage the company, or may not give one of the roles.
        NotFound: there is no such provider, or no such branch in the actor's scope.
        InvalidProvider: the rule names no role of ours, or as `identity.providers.save_provider`.
    """
    actor.require(Permission.MANAGE_TENANT)
    named = {rule.role for rule in terms.group_rules} | set(terms.default_roles)
    roles = known_roles(named)
    if len(roles) != len(named):
        raise InvalidProvider("There is no such role.", field="rules")
    branches = frozenset(rule.branch_id for rule in terms.group_rules if rule.branch_id)
    if roles:
        await check_rights(session, actor, roles, branches or None)
    return await providers.save_provider(
        session, actor, terms, provider_id=provider_id, key=key, at=at
    )


async def require_factor(
    session: AsyncSession, actor: Actor, roles: Iterable[str], *, at: datetime
) -> None:
    """Ask for a second factor of these roles from now on, as `identity.factors.require_factor`.

    Raises:
        NotPermitted: the actor does not manage the company.
    """
    wanted = [role.value for role in known_roles(roles)]
    await factors.require_factor(session, actor, wanted, at=at)


async def reset_second_factor(
    session: AsyncSession, actor: Actor, staff_id: UUID, *, at: datetime
) -> Staff:
    """Take the second factors from a person who lost them, and end their sign-ins.

    Raises:
        NotPermitted: the actor does not manage staff, or stands below the person.
        NotFound: the tenant has no such person in the actor's scope.
        OwnRights: the person is the actor, who removes factors by their password.
        NoAccount: the person has not opened their invitation.
        WorksElsewhere: the account belongs to other companies or brands too.
    """
    colleague = await lock_colleague(session, actor, staff_id)
    if colleague.membership is None:
        raise NoAccount("This person has no account yet.")
    account = await get_account(session, colleague.membership.account_id, lock=True)
    await factors.reset_factors(session, account, at=at)
    await record(session, actor, "staff.second_factor_reset", colleague.staff, at=at)
    await session.flush()
    return colleague.staff
