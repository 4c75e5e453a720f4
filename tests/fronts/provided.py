"""A company's provider, as its operator sets it up."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.identity.provider_words import Admits, GroupRule, ProviderTerms
from serviceco.identity.providers import confirm_domain
from serviceco.storage.engines import derived_key
from serviceco.storage.unit_of_work import unit_of_work
from serviceco.tenancy.rules import system_actor
from serviceco.tenancy.sign_in_rules import save_provider


async def provide(
    auth_engine: AsyncEngine,
    tenant_id: UUID,
    issuer: str,
    domain: str,
    *,
    owner_url: str,
    **terms: Any,
) -> UUID:
    """Add a provider that lets people in by rule, unless `terms` say otherwise."""
    given: dict[str, Any] = {
        "name": "Entry",
        "issuer": issuer,
        "client_id": "serviceco",
        "domains": (domain,),
        "admission": Admits.RULE,
        "group_rules": (
            GroupRule(group="desk", role="front_desk"),
            GroupRule(group="bench", role="technician"),
        ),
    }
    actor, at = system_actor(tenant_id), datetime.now(UTC)
    async with unit_of_work(auth_engine, tenant_id) as session:
        provider = await save_provider(
            session,
            actor,
            ProviderTerms(**given | terms),
            key=derived_key(owner_url, "identity"),
            at=at,
        )
        await confirm_domain(session, actor, domain, provider_id=provider.id, at=at)
    return provider.id
