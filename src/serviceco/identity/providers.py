"""Identity providers of companies and brands: what they are, and whom they know. Role `serviceco_auth`."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, ActorKind, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import NotFound, NotPermitted
from serviceco.identity.provider_tables import IdentityProvider, ProviderDomain
from serviceco.identity.provider_words import (
    DomainTaken,
    GroupRule,
    InvalidProvider,
    Provider,
    ProviderTerms,
)
from serviceco.identity.tables import SignIn
from serviceco.storage.sealing import sealed, unsealed

_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_LONGEST = 255


async def save_provider(
    session: AsyncSession,
    actor: Actor,
    terms: ProviderTerms,
    *,
    provider_id: UUID | None = None,
    key: bytes,
    at: datetime,
) -> IdentityProvider:
    """Add a provider to the actor's company or brand, or replace what one of theirs says.

    Which roles a rule may give is checked by the room above, which knows the roles.

    Raises:
        NotPermitted: the actor does not manage the company.
        NotFound: theirs has no such provider.
        InvalidProvider: issuer, domain, name or client is not of the form it needs.
    """
    actor.require(Permission.MANAGE_TENANT)
    _check(terms)
    if provider_id is None:
        provider = IdentityProvider(
            id=new_id(), tenant_id=actor.tenant_id, brand_id=actor.brand_id, created_at=at
        )
        session.add(provider)
    else:
        provider = await get_provider(session, actor, provider_id)
    if provider_id is not None and provider.is_active and not terms.is_active:
        await _end_sign_ins(session, provider.id, at=at)
    # A secret belongs to its issuer: another one must not learn it.
    if provider.issuer != terms.issuer or terms.client_secret:
        provider.client_secret = sealed(terms.client_secret, key) if terms.client_secret else None
    provider.name, provider.issuer = terms.name.strip(), terms.issuer
    provider.client_id, provider.admission = terms.client_id.strip(), terms.admission
    provider.group_claim = terms.group_claim.strip()
    provider.group_rules = [_written(rule) for rule in terms.group_rules]
    provider.default_roles = sorted(terms.default_roles)
    provider.is_active = terms.is_active
    await session.flush()
    await _keep_domains(session, provider.id, map(folded_domain, terms.domains))
    return provider


async def get_provider(session: AsyncSession, actor: Actor, provider_id: UUID) -> IdentityProvider:
    """Return a provider of the actor's company or brand, locked.

    Raises:
        NotFound: theirs has no such provider.
    """
    provider = await session.scalar(
        select(IdentityProvider)
        .where(IdentityProvider.id == provider_id, _at_home(actor.home))
        .with_for_update()
    )
    if provider is None:
        raise NotFound("There is no such sign-in service.")
    return provider


async def list_providers(
    session: AsyncSession, home_id: UUID, *, active_only: bool
) -> Sequence[IdentityProvider]:
    """Return the providers of a company or brand, by name."""
    wanted = select(IdentityProvider).where(_at_home(home_id))
    if active_only:
        wanted = wanted.where(IdentityProvider.is_active)
    rows = await session.scalars(wanted.order_by(IdentityProvider.name, IdentityProvider.id))
    return rows.all()


async def list_domains(
    session: AsyncSession, provider_ids: Iterable[UUID]
) -> Sequence[ProviderDomain]:
    """Return the domains of these providers, by name."""
    rows = await session.scalars(
        select(ProviderDomain)
        .where(ProviderDomain.provider_id.in_(list(provider_ids)))
        .order_by(ProviderDomain.domain)
    )
    return rows.all()


async def get_active(session: AsyncSession, provider_id: UUID) -> IdentityProvider:
    """Return a provider that lets people in.

    Raises:
        NotFound: there is none of this id.
    """
    provider = await session.get(IdentityProvider, provider_id)
    if provider is None or not provider.is_active:
        raise NotFound("There is no such sign-in service.")
    return provider


async def find_by_email(session: AsyncSession, email: str) -> IdentityProvider | None:
    """Return the provider whose claim to the e-mail's domain is confirmed."""
    found: IdentityProvider | None = await session.scalar(
        select(IdentityProvider)
        .join(ProviderDomain, ProviderDomain.provider_id == IdentityProvider.id)
        .where(
            ProviderDomain.domain == domain_of(email),
            ProviderDomain.confirmed_at.is_not(None),
            IdentityProvider.is_active,
        )
    )
    return found


async def speaks_for(session: AsyncSession, provider_id: UUID, email: str) -> bool:
    """Tell whether the provider's claim to the e-mail's domain is confirmed."""
    row = await session.get(ProviderDomain, (provider_id, domain_of(email)))
    return row is not None and row.confirmed_at is not None


async def confirm_domain(
    session: AsyncSession, actor: Actor, domain: str, *, provider_id: UUID, at: datetime
) -> None:
    """Confirm that a domain is the provider's; only the operator of the system knows.

    Raises:
        NotPermitted: the actor is not the system's operator.
        NotFound: the provider does not claim the domain.
        DomainTaken: another provider's claim is confirmed.
    """
    if actor.kind is not ActorKind.SYSTEM:
        raise NotPermitted("Only the operator of the system confirms domains.")
    folded = folded_domain(domain)
    row = await session.get(ProviderDomain, (provider_id, folded), with_for_update=True)
    if row is None:
        raise NotFound("The sign-in service does not claim this domain.")
    other = await session.scalar(
        select(ProviderDomain.provider_id).where(
            ProviderDomain.domain == folded,
            ProviderDomain.confirmed_at.is_not(None),
            ProviderDomain.provider_id != provider_id,
        )
    )
    if other is not None:
        raise DomainTaken("Another sign-in service speaks for this domain.", field="domains")
    row.confirmed_at = row.confirmed_at or at
    await session.flush()


def opened(provider: IdentityProvider, *, key: bytes) -> Provider:
    """Return the provider as a sign-in needs it, with its secret in the open."""
    secret = provider.client_secret
    return Provider(
        id=provider.id,
        name=provider.name,
        issuer=provider.issuer,
        client_id=provider.client_id,
        client_secret=unsealed(secret, key) if secret else None,
    )


def rules_of(provider: IdentityProvider) -> tuple[GroupRule, ...]:
    """Return the rules by which groups become roles."""
    return tuple(
        GroupRule(
            group=rule["group"],
            role=rule["role"],
            branch_id=UUID(rule["branch_id"]) if rule["branch_id"] else None,
        )
        for rule in provider.group_rules
    )


def folded_domain(domain: str) -> str:
    """Return a domain as domains are compared."""
    return domain.strip().removeprefix("@").rstrip(".").casefold()


def domain_of(email: str) -> str:
    """Return the folded domain of an e-mail; empty where it has none."""
    return folded_domain(email.rpartition("@")[2]) if "@" in email else ""


def _check(terms: ProviderTerms) -> None:
    for name in ("name", "client_id", "group_claim"):
        if not 1 <= len(getattr(terms, name).strip()) <= _LONGEST:
            raise InvalidProvider("This must not be empty.", field=name)
    parts = urlsplit(terms.issuer)
    # OpenID Connect Core 1.0, 2: an issuer has no query and no fragment.
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.query or parts.fragment:
        raise InvalidProvider("An issuer is an address such as the provider shows.", field="issuer")
    for domain in terms.domains:
        if not _DOMAIN.fullmatch(folded_domain(domain)):
            raise InvalidProvider(f"{domain} is no domain.", field="domains")


def _written(rule: GroupRule) -> dict[str, str | None]:
    branch = str(rule.branch_id) if rule.branch_id else None
    return {"group": rule.group, "role": rule.role, "branch_id": branch}


async def _keep_domains(session: AsyncSession, provider_id: UUID, domains: Iterable[str]) -> None:
    wanted = sorted(set(domains))
    await session.execute(
        delete(ProviderDomain).where(
            ProviderDomain.provider_id == provider_id, ProviderDomain.domain.not_in(wanted)
        )
    )
    for domain in wanted:
        row = insert(ProviderDomain).values(provider_id=provider_id, domain=domain)
        await session.execute(row.on_conflict_do_nothing())


async def _end_sign_ins(session: AsyncSession, provider_id: UUID, *, at: datetime) -> None:
    await session.execute(
        update(SignIn)
        .where(SignIn.provider_id == provider_id, SignIn.ended_at.is_(None))
        .values(ended_at=at)
    )


def _at_home(home_id: UUID) -> ColumnElement[bool]:
    return func.coalesce(IdentityProvider.tenant_id, IdentityProvider.brand_id) == home_id
