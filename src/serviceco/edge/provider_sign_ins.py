"""Signing in through a provider of OpenID Connect; each step in a transaction of its own."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.catalogues import known_language
from serviceco.edge.gate import Gate, Visit
from serviceco.edge.provider_client import Exchange, ProviderClient
from serviceco.edge.second_steps import Opened
from serviceco.identity.id_tokens import IdTokenRefused
from serviceco.identity.pending import open_pending, use_pending
from serviceco.identity.provider_tables import IdentityProvider
from serviceco.identity.provider_words import NotAdmitted, ProvenPerson, ProviderRefused
from serviceco.identity.providers import find_by_email, get_active, list_providers, opened
from serviceco.identity.rules import LONGEST_EMAIL, derived_secret
from serviceco.identity.sign_ins import mint_sign_in
from serviceco.identity.words import Method, PendingEnded, Purpose
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.admission import admit
from serviceco.tenancy.queries import find_brand, find_tenant

_LOG = structlog.get_logger("providers")
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Leave:
    """Where the browser goes to sign in, and the `Set-Cookie` value that it comes back with."""

    url: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Way:
    """A provider as a button of the sign-in page."""

    id: UUID
    name: str


class ProviderSignIns:
    """What the sign-in pages call for people whose company keeps their accounts."""

    def __init__(self, gate: Gate, client: ProviderClient) -> None:
        """Keep what the doors share, and the way to providers."""
        self._gate = gate
        self._client = client

    async def ways(self, home: str) -> list[Way]:
        """Return the providers of the company of this slug, or of the brand of this code."""
        async with global_work(self._gate.engine) as session:
            found = await find_tenant(session, home) or await find_brand(session, home)
            if found is None:
                return []
            rows = await list_providers(session, found.id, active_only=True)
        return [Way(row.id, row.name) for row in rows]

    async def way_of(self, email: str) -> Way | None:
        """Return the provider that speaks for the e-mail's domain."""
        async with global_work(self._gate.engine) as session:
            found = await find_by_email(session, email)
        return Way(found.id, found.name) if found else None

    async def begin(
        self, visit: Visit, provider_id: UUID, *, next_path: str, hint: str = ""
    ) -> Leave:
        """Begin a sign-in and send the browser to the provider.

        Raises:
            NotFound: there is no such provider.
            ProviderUnreachable: it does not answer as OpenID Connect says.
        """
        async with global_work(self._gate.engine) as session:
            provider = await get_active(session, provider_id)
            token, _ = await open_pending(
                session,
                Purpose.PROVIDER,
                provider_id=provider_id,
                next_path=next_path,
                at=self._gate.clock(),
            )
        url = await self._client.authorization_url(
            opened(provider, key=self._gate.secrets_key),
            self._exchange(visit, provider_id, token, code=""),
            state=derived_secret(token, "state"),
            hint=hint,
        )
        return Leave(url, self._gate.pending_cookie.written(token))

    async def finish(self, visit: Visit, provider_id: UUID, answer: Mapping[str, str]) -> Opened:
        """Take the answer that the browser brings back, once, and open a session.

        Raises:
            PendingEnded: this browser began no such sign-in, or has used it.
            ProviderRefused: the answer is not of this provider, does not hold, or says no.
            ProviderUnreachable: the provider does not answer as OpenID Connect says.
            EmailUnproven, NotAdmitted: as `tenancy.admission.admit`.
        """
        at = self._gate.clock()
        state = derived_secret(visit.pending, "state")
        if not compare_digest(state.encode(), answer.get("state", "").encode()):
            raise PendingEnded("This sign-in has ended. Please begin again.")
        async with global_work(self._gate.engine) as session:
            pending = await use_pending(session, visit.pending, Purpose.PROVIDER, at=at)
        # Used up by now, whatever comes of it.
        if pending.provider_id != provider_id:
            raise self._refused(provider_id, "an answer to another provider's request")
        async with global_work(self._gate.engine) as session:
            provider = await get_active(session, provider_id)
        try:
            person = await self._person(visit, provider, answer)
        except IdTokenRefused as reason:
            raise self._refused(provider_id, str(reason)) from reason
        async with self._unit(provider) as session:
            membership = await admit(session, provider, person, at=at)
            if membership.roles:
                token, _ = await mint_sign_in(
                    session,
                    membership,
                    visit.browser,
                    method=Method.PROVIDER,
                    provider_id=provider.id,
                    at=at,
                )
        # A lost role is lost although the sign-in is refused.
        if not membership.roles:
            raise NotAdmitted("Nobody here has let you in yet. Ask your administrator.")
        return Opened(self._gate.cookie.written(token), pending.next_path)

    async def _person(
        self, visit: Visit, provider: IdentityProvider, answer: Mapping[str, str]
    ) -> ProvenPerson:
        metadata = await self._client.metadata(provider.issuer)
        # RFC 9207: who answers says so, lest one provider's answer pass for another's.
        if answer.get("iss", None if metadata.says_issuer else metadata.issuer) != metadata.issuer:
            raise IdTokenRefused("an answer of another provider")
        if "code" not in answer:
            raise IdTokenRefused(f"the provider says {answer.get('error', 'nothing')}"[:200])
        exchange = self._exchange(visit, provider.id, visit.pending, code=answer["code"])
        claims = await self._client.claims(
            opened(provider, key=self._gate.secrets_key), exchange, at=self._gate.clock()
        )
        return _proven(claims, provider.group_claim)

    def _exchange(self, visit: Visit, provider_id: UUID, token: str, *, code: str) -> Exchange:
        return Exchange(
            code=code,
            verifier=derived_secret(token, "verifier"),
            nonce=derived_secret(token, "nonce"),
            redirect_uri=self._gate.origin(visit) + return_path(provider_id),
        )

    def _refused(self, provider_id: UUID, reason: str) -> ProviderRefused:
        _LOG.warning("provider.refused", provider=str(provider_id), reason=reason)
        return ProviderRefused("The sign-in service did not confirm who you are.")

    @asynccontextmanager
    async def _unit(self, provider: IdentityProvider) -> AsyncIterator[AsyncSession]:
        engine = self._gate.engine
        if provider.tenant_id is None:
            async with global_work(engine) as session:
                yield session
        else:
            async with unit_of_work(engine, provider.tenant_id) as session:
                yield session


def return_path(provider_id: UUID) -> str:
    """Return the path to which a provider sends people back: each has one of its own."""
    return f"/sign-in/with/{provider_id}/return"


def _proven(claims: Mapping[str, Any], group_claim: str) -> ProvenPerson:
    email = str(claims.get("email") or "").replace("\0", "")[:LONGEST_EMAIL]
    groups = claims.get(group_claim)
    named = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
    name = str(claims.get("name") or email).replace("\0", "").strip()
    return ProvenPerson(
        subject=claims["sub"],
        email=email,
        is_email_verified=claims.get("email_verified") is True,
        name=name[:_LONGEST_NAME],
        groups=frozenset(group for group in named if isinstance(group, str)),
        language=known_language(str(claims.get("locale") or "")),
    )
