"""How a company's people sign in, for the page on which its administrator says so."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.edge.gate import Gate, Visit
from serviceco.edge.provider_client import ProviderClient
from serviceco.edge.provider_sign_ins import return_path
from serviceco.identity.factors import factor_roles
from serviceco.identity.own_sign_ins import current_sign_in
from serviceco.identity.provider_tables import IdentityProvider, ProviderDomain
from serviceco.identity.provider_words import Admits, GroupRule, ProviderTerms
from serviceco.identity.providers import get_provider, list_domains, list_providers, rules_of
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.sign_in_rules import require_factor, save_provider


@dataclass(frozen=True, slots=True)
class ClaimedDomain:
    """A domain of e-mail, and whether the operator confirmed that it is the provider's."""

    name: str
    is_confirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownProvider:
    """A provider as its page shows it, without its secret; `return_url` is registered there."""

    id: UUID
    name: str
    issuer: str
    client_id: str
    has_secret: bool
    admission: str
    group_claim: str
    rules: tuple[GroupRule, ...]
    default_roles: tuple[str, ...]
    is_active: bool
    domains: tuple[ClaimedDomain, ...]
    return_url: str


@dataclass(frozen=True, slots=True)
class ShownSettings:
    """Everything that the page shows."""

    providers: tuple[ShownProvider, ...]
    factor_roles: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedProvider:
    """A provider as somebody typed it; each rule is a group, a role and a branch or None."""

    name: str
    issuer: str
    client_id: str
    client_secret: str
    domains: tuple[str, ...]
    by_rule: bool
    group_claim: str
    rules: tuple[tuple[str, str, UUID | None], ...]
    default_role: str
    is_active: bool


class SignInSettings:
    """What the administrator's page of sign-in calls."""

    def __init__(self, gate: Gate, client: ProviderClient) -> None:
        """Keep what the doors share, and the way to providers."""
        self._gate = gate
        self._client = client

    async def show(self, visit: Visit, actor: Actor) -> ShownSettings:
        """Return providers and rules of the actor's company or brand.

        Raises:
            NotPermitted: the actor does not manage it.
        """
        async with self._unit(actor) as session:
            rows = await list_providers(session, actor.home, active_only=False)
            domains = await list_domains(session, [row.id for row in rows])
            roles = await factor_roles(session, actor.home)
        origin = self._gate.origin(visit)
        return ShownSettings(tuple(_shown(row, domains, origin) for row in rows), roles)

    async def find(self, visit: Visit, actor: Actor, provider_id: UUID) -> ShownProvider:
        """Return one provider.

        Raises:
            NotFound: there is no such provider of the actor's company.
        """
        async with self._unit(actor) as session:
            row = await get_provider(session, actor, provider_id)
            domains = await list_domains(session, [row.id])
        return _shown(row, domains, self._gate.origin(visit))

    async def save(
        self, actor: Actor, typed: TypedProvider, *, provider_id: UUID | None = None
    ) -> UUID:
        """Add or change a provider, once it answers as OpenID Connect says.

        Raises:
            ProviderUnreachable: it does not answer.
            NotPermitted, NotFound, InvalidProvider: as `tenancy.sign_in_rules.save_provider`.
        """
        terms = _terms(typed)
        async with self._unit(actor) as session:
            await self._save(session, actor, terms, provider_id)
            await session.rollback()
        # Asked outside a transaction, and only for what could be saved.
        await self._client.metadata(terms.issuer)
        async with self._unit(actor) as session:
            saved = await self._save(session, actor, terms, provider_id)
        return saved.id

    async def require_factor(self, actor: Actor, roles: Iterable[str]) -> None:
        """Say of which roles a second factor is asked.

        Raises:
            NotPermitted: the actor does not manage the company.
        """
        async with self._unit(actor) as session:
            await require_factor(session, actor, roles, at=self._gate.clock())

    async def _save(
        self, session: AsyncSession, actor: Actor, terms: ProviderTerms, provider_id: UUID | None
    ) -> IdentityProvider:
        return await save_provider(
            session,
            actor,
            terms,
            provider_id=provider_id,
            key=self._gate.secrets_key,
            at=self._gate.clock(),
        )

    @asynccontextmanager
    async def _unit(self, actor: Actor) -> AsyncIterator[AsyncSession]:
        """Open a unit of work for somebody who manages the company and whose sign-in lives."""
        actor.require(Permission.MANAGE_TENANT)
        engine, tenant_id = self._gate.engine, actor.tenant_id
        work = global_work(engine) if tenant_id is None else unit_of_work(engine, tenant_id)
        async with work as session:
            await current_sign_in(session, actor, at=self._gate.clock())
            yield session


def _terms(typed: TypedProvider) -> ProviderTerms:
    return ProviderTerms(
        name=typed.name,
        issuer=typed.issuer,
        client_id=typed.client_id,
        client_secret=typed.client_secret,
        domains=typed.domains,
        admission=Admits.RULE if typed.by_rule else Admits.INVITED,
        group_claim=typed.group_claim,
        group_rules=tuple(
            GroupRule(group=group, role=role, branch_id=branch)
            for group, role, branch in typed.rules
        ),
        default_roles=(typed.default_role,) if typed.default_role else (),
        is_active=typed.is_active,
    )


def _shown(row: IdentityProvider, domains: Iterable[ProviderDomain], origin: str) -> ShownProvider:
    return ShownProvider(
        id=row.id,
        name=row.name,
        issuer=row.issuer,
        client_id=row.client_id,
        has_secret=row.client_secret is not None,
        admission=row.admission.value,
        group_claim=row.group_claim,
        rules=rules_of(row),
        default_roles=tuple(row.default_roles),
        is_active=row.is_active,
        domains=tuple(
            ClaimedDomain(domain.domain, domain.confirmed_at is not None)
            for domain in domains
            if domain.provider_id == row.id
        ),
        return_url=origin + return_path(row.id),
    )
