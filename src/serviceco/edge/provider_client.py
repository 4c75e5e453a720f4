"""Speaking OpenID Connect with a provider: discovery, keys, the exchange of a code."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.client import OAuth2Client

from serviceco.edge.outbound import guarded_client
from serviceco.identity.id_tokens import (
    ALGORITHMS,
    Expected,
    IdTokenRefused,
    UnknownKey,
    verified_claims,
)
from serviceco.identity.provider_words import Provider, ProviderUnreachable

SCOPE = "openid email profile"
_FRESH_SECONDS = 3600.0
# How often keys are read again because a token names one that is not known.
_REFETCH_SECONDS = 60.0
_ERRAND_SECONDS = 15.0
_MOST_KEPT = 1_000
_WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a provider says of itself; `says_issuer` promises `iss` in its answers (RFC 9207)."""

    issuer: str
    authorization: str
    token: str
    keys: str
    person: str | None
    algorithms: frozenset[str]
    says_issuer: bool
    posts_secret: bool


@dataclass(slots=True)
class _Known:
    metadata: Metadata
    keys: list[Mapping[str, Any]]
    read_at: float
    keys_read_at: float


@dataclass(frozen=True, slots=True)
class Exchange:
    """A code that came back, with what it was asked for by."""

    code: str
    verifier: str
    nonce: str
    redirect_uri: str


class _TokenClient(OAuth2Client):  # type: ignore[misc]  # Authlib has no types
    """Authlib's client over our own guarded requests."""

    async def _fetch_token(
        self, url: str, body: str = "", headers: Any = None, auth: Any = None, **_: Any
    ) -> Any:
        url, headers, body = auth.prepare("POST", url, dict(headers), body)
        answer = await self.session.post(url, content=body, headers=headers)
        return self.parse_response_token(answer)


class ProviderClient:
    """Remembers what providers say of themselves for an hour; asks over guarded connections."""

    def __init__(self, *, is_development: bool) -> None:
        """Begin with nothing known; development may ask its own machine by http."""
        self._is_development = is_development
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def authorization_url(
        self, provider: Provider, exchange: Exchange, *, state: str, hint: str = ""
    ) -> str:
        """Return where the browser goes to sign in, with PKCE (S256), state and nonce.

        Raises:
            ProviderUnreachable: the provider does not answer as OpenID Connect says.
        """
        async with self._errand() as http:
            known = await self._discovered(http, provider.issuer)
        client = self._client(None, provider, known.metadata, exchange)
        more = {"login_hint": hint} if hint else {}
        url, _ = client.create_authorization_url(
            known.metadata.authorization,
            state=state,
            code_verifier=exchange.verifier,
            nonce=exchange.nonce,
            **more,
        )
        return str(url)

    async def metadata(self, issuer: str) -> Metadata:
        """Return what the provider says of itself.

        Raises:
            ProviderUnreachable: it does not answer as OpenID Connect says.
        """
        async with self._errand() as http:
            return (await self._discovered(http, issuer)).metadata

    async def claims(
        self, provider: Provider, exchange: Exchange, *, at: datetime
    ) -> dict[str, Any]:
        """Exchange the code and return what the provider says of the person, verified.

        Raises:
            ProviderUnreachable: it does not answer as OpenID Connect says.
            IdTokenRefused: its answer does not hold; the code was refused, say.
        """
        async with self._errand() as http:
            known = await self._discovered(http, provider.issuer)
            tokens = await self._tokens(http, provider, known.metadata, exchange)
            expected = Expected(
                issuer=known.metadata.issuer,
                client_id=provider.client_id,
                nonce=exchange.nonce,
                algorithms=known.metadata.algorithms,
                access_token=tokens.get("access_token"),
            )
            claims = await self._verified(http, known, str(tokens.get("id_token")), expected, at)
            return await self._with_person(http, known.metadata, tokens, claims)

    def _errand(self) -> "_Errand":
        return _Errand(is_development=self._is_development)

    def _client(
        self,
        http: httpx.AsyncClient | None,
        provider: Provider,
        metadata: Metadata,
        exchange: Exchange,
    ) -> _TokenClient:
        way = "client_secret_post" if metadata.posts_secret else "client_secret_basic"
        return _TokenClient(
            http,
            client_id=provider.client_id,
            client_secret=provider.client_secret,
            token_endpoint_auth_method=way if provider.client_secret else "none",
            scope=SCOPE,
            redirect_uri=exchange.redirect_uri,
            code_challenge_method="S256",
        )

    async def _tokens(
        self, http: httpx.AsyncClient, provider: Provider, metadata: Metadata, exchange: Exchange
    ) -> Mapping[str, Any]:
        client = self._client(http, provider, metadata, exchange)
        try:
            tokens: Mapping[str, Any] = await client.fetch_token(
                metadata.token,
                grant_type="authorization_code",
                code=exchange.code,
                code_verifier=exchange.verifier,
                redirect_uri=exchange.redirect_uri,
            )
        except OAuth2Error as refused:
            raise IdTokenRefused(f"the code was refused: {refused.error}") from refused
        return tokens

    async def _verified(
        self, http: httpx.AsyncClient, known: _Known, token: str, expected: Expected, at: datetime
    ) -> dict[str, Any]:
        try:
            return verified_claims(token, known.keys, expected, at=at)
        except UnknownKey:
            # Providers change their keys; but nobody makes us ask for them without end.
            if time.monotonic() - known.keys_read_at < _REFETCH_SECONDS:
                raise
            known.keys_read_at = time.monotonic()
            known.keys = await _read_keys(http, known.metadata.keys)
            return verified_claims(token, known.keys, expected, at=at)

    async def _with_person(
        self,
        http: httpx.AsyncClient,
        metadata: Metadata,
        tokens: Mapping[str, Any],
        claims: dict[str, Any],
    ) -> dict[str, Any]:
        """Add what the provider's endpoint says of the same person; the signed claims win."""
        if metadata.person is None or "access_token" not in tokens:
            return claims
        headers = {"authorization": f"Bearer {tokens['access_token']}"}
        more = await _read_json(http, metadata.person, headers)
        if more.get("sub") != claims["sub"]:
            raise IdTokenRefused("tells of another person")
        return {**more, **claims}

    async def _discovered(self, http: httpx.AsyncClient, issuer: str) -> _Known:
        known, now = self._known.get(issuer), time.monotonic()
        if known is not None and now - known.read_at < _FRESH_SECONDS:
            return known
        said = await _read_json(http, issuer.rstrip("/") + _WELL_KNOWN)
        metadata = _metadata(issuer, said)
        keys = await _read_keys(http, metadata.keys)
        # Keys just read are read again for the first unknown one: it may be a moment younger.
        known = self._known[issuer] = _Known(metadata, keys, now, now - _REFETCH_SECONDS)
        while len(self._known) > _MOST_KEPT:
            self._known.popitem(last=False)
        return known


class _Errand:
    """One visit at a provider: a client of its own, a time for all of it, and one kind of fault."""

    def __init__(self, *, is_development: bool) -> None:
        self._client = guarded_client(is_development=is_development)
        self._limit = asyncio.timeout(_ERRAND_SECONDS)

    async def __aenter__(self) -> httpx.AsyncClient:
        await self._limit.__aenter__()
        return await self._client.__aenter__()

    async def __aexit__(self, kind: Any, fault: BaseException | None, trace: Any) -> None:
        await self._client.__aexit__(kind, fault, trace)
        sentence = "The sign-in service does not answer. Please try again later."
        try:
            await self._limit.__aexit__(kind, fault, trace)
        except TimeoutError as slow:
            raise ProviderUnreachable(sentence) from slow
        if isinstance(fault, httpx.HTTPError | httpx.InvalidURL | ValueError):
            raise ProviderUnreachable(sentence) from fault


async def _read_json(
    http: httpx.AsyncClient, url: str, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    answer = await http.get(url, headers=headers)
    answer.raise_for_status()
    if answer.status_code != httpx.codes.OK:
        raise ValueError(f"{url} answers {answer.status_code}")
    found = answer.json()
    if not isinstance(found, dict):
        raise ValueError(f"{url} answers no object")  # noqa: TRY004 - what was sent, not its type here
    return found


async def _read_keys(http: httpx.AsyncClient, url: str) -> list[Mapping[str, Any]]:
    keys = (await _read_json(http, url)).get("keys")
    if not isinstance(keys, list):
        raise ValueError(f"{url} answers no keys")  # noqa: TRY004 - what was sent, not its type here
    return [key for key in keys if isinstance(key, dict)]


def _metadata(issuer: str, said: Mapping[str, Any]) -> Metadata:
    if said.get("issuer") != issuer:
        raise ValueError(f"{issuer} calls itself {said.get('issuer')!r}")
    # OpenID Connect Discovery 1.0, 3: RS256 where nothing is said.
    named = said.get("id_token_signing_alg_values_supported", ["RS256"])
    ways = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Metadata(
        issuer=issuer,
        authorization=_text(said, "authorization_endpoint"),
        token=_text(said, "token_endpoint"),
        keys=_text(said, "jwks_uri"),
        person=_text(said, "userinfo_endpoint") if "userinfo_endpoint" in said else None,
        algorithms=frozenset(named) & frozenset(ALGORITHMS),
        says_issuer=said.get("authorization_response_iss_parameter_supported") is True,
        posts_secret="client_secret_post" in ways,
    )


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value.startswith(("https://", "http://")):
        raise ValueError(f"no {name}")
    return value
