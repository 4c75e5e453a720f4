"""Access tokens of machines: issued, ended, looked at, recognised. Role `serviceco_auth`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.ids import new_id
from serviceco.identity import jwt
from serviceco.identity.client_tables import AccessToken, ClientSecret, MachineClient
from serviceco.identity.clients import recognised_client
from serviceco.identity.rules import token_hash
from serviceco.identity.signing import published_keys, signing_key
from serviceco.identity.token_rules import MOST_LIVE_TOKENS, TOKEN_LASTS, known_scopes
from serviceco.identity.words import LiveKey, TokenRefused


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs tokens: the address `url` of this server, and the key that seals its own keys."""

    url: str
    sealing_key: bytes

    @property
    def audience(self) -> str:
        """For whom tokens are: the API of this server."""
        return f"{self.url}/graphql"


@dataclass(frozen=True, slots=True)
class Issued:
    """A token as its client gets it."""

    text: str
    seconds: int
    scopes: tuple[str, ...]


async def prove_client(
    session: AsyncSession, client_id: str, secret: str, *, at: datetime
) -> tuple[MachineClient, ClientSecret]:
    """Return the client whose secret it is.

    Raises:
        TokenRefused: unknown, revoked and wrong read alike.
    """
    found = await recognised_client(session, client_id, secret, at=at)
    if found is None:
        raise TokenRefused("invalid_client", "The client is unknown, or its secret is wrong.")
    return found


async def issue_token(
    session: AsyncSession,
    issuer: Issuer,
    client: MachineClient,
    *,
    scope: str | None,
    secret: ClientSecret,
    at: datetime,
) -> Issued:
    """Issue a token for the scopes asked for, or for all that the client has.

    Raises:
        TokenRefused: a scope is unknown, or not the client's.
    """
    scopes = _granted(client, scope)
    key = await signing_key(session, issuer.sealing_key, at=at)
    ends_at = at + TOKEN_LASTS
    text = jwt.written(_claims(issuer, client, scopes, at=at, ends_at=ends_at), key)
    session.add(
        AccessToken(
            token_hash=token_hash(text),
            client_id=client.id,
            scopes=list(scopes),
            created_at=at,
            expires_at=ends_at,
        )
    )
    client.last_used_at = secret.last_used_at = at
    await session.flush()
    await _forget_old(session, client, at=at)
    return Issued(text, int(TOKEN_LASTS.total_seconds()), scopes)


async def revoke_token(
    session: AsyncSession, client: MachineClient, text: str, *, at: datetime
) -> None:
    """End a token of the client at once; one that is unknown has ended already (RFC 7009, 2.2).

    Raises:
        TokenRefused: it is another client's.
    """
    hash_of_token = token_hash(text)
    owner = await session.scalar(
        select(AccessToken.client_id).where(AccessToken.token_hash == hash_of_token)
    )
    if owner is not None and owner != client.id:
        raise TokenRefused("invalid_grant", "The token was issued to another client.")
    await session.execute(
        update(AccessToken)
        .where(AccessToken.token_hash == hash_of_token, AccessToken.revoked_at.is_(None))
        .values(revoked_at=at)
    )


async def introspect_token(
    session: AsyncSession, issuer: Issuer, client: MachineClient, text: str, *, at: datetime
) -> dict[str, Any]:
    """Describe a token to a client of the same company or brand (RFC 7662).

    One that does not live, and one of somebody else, are merely not active.
    """
    found = await _live(session, text, at=at)
    claims = await _read(session, issuer, text, at=at)
    if found is None or claims is None or _home(found.MachineClient) != _home(client):
        return {"active": False}
    scopes = known_scopes(found.AccessToken.scopes) & known_scopes(found.MachineClient.scopes)
    return {**claims, "active": True, "token_type": "Bearer", "scope": " ".join(sorted(scopes))}


async def find_live_token(
    session: AsyncSession, issuer: Issuer, text: str, *, at: datetime
) -> LiveKey | None:
    """Return what a token allows, if it is ours, lives, and its client does.

    Its own word counts for nothing that the database does not confirm: a scope that its client
    has lost since is lost to it too.
    """
    found = await _live(session, text, at=at)
    if found is None or await _read(session, issuer, text, at=at) is None:
        return None
    token, client = found.AccessToken, found.MachineClient
    scopes = known_scopes(token.scopes) & known_scopes(client.scopes)
    return LiveKey(
        key_hash=token.token_hash,
        expires_at=token.expires_at,
        key_id=client.id,
        version=client.version,
        name=client.name,
        tenant_id=client.tenant_id,
        brand_id=client.brand_id,
        permissions=tuple(sorted(scopes)),
    )


def _granted(client: MachineClient, scope: str | None) -> tuple[str, ...]:
    own = {permission.value for permission in known_scopes(client.scopes)}
    wanted = own if scope is None else set(scope.split())
    if not wanted or not wanted <= own:
        raise TokenRefused("invalid_scope", "The client has not all of these scopes.")
    return tuple(sorted(wanted))


def _claims(
    issuer: Issuer,
    client: MachineClient,
    scopes: tuple[str, ...],
    *,
    at: datetime,
    ends_at: datetime,
) -> Mapping[str, Any]:
    home = {"tenant": client.tenant_id} if client.tenant_id else {"brand": client.brand_id}
    return {
        "iss": issuer.url,
        "aud": issuer.audience,
        "sub": str(client.id),
        "client_id": str(client.id),
        "iat": int(at.timestamp()),
        "exp": int(ends_at.timestamp()),
        "jti": str(new_id()),
        "scope": " ".join(scopes),
        **{kind: str(id_) for kind, id_ in home.items()},
    }


async def _forget_old(session: AsyncSession, client: MachineClient, *, at: datetime) -> None:
    """Delete the client's tokens that have ended, and the oldest of more than it may hold."""
    too_many = (
        select(AccessToken.token_hash)
        .where(AccessToken.client_id == client.id)
        .order_by(AccessToken.created_at.desc())
        .offset(MOST_LIVE_TOKENS)
    )
    await session.execute(
        delete(AccessToken).where(
            AccessToken.client_id == client.id,
            or_(AccessToken.expires_at <= at, AccessToken.token_hash.in_(too_many)),
        )
    )


async def _live(
    session: AsyncSession, text: str, *, at: datetime
) -> Row[AccessToken, MachineClient] | None:
    found = await session.execute(
        select(AccessToken, MachineClient)
        .join(MachineClient, MachineClient.id == AccessToken.client_id)
        .where(
            AccessToken.token_hash == token_hash(text),
            AccessToken.expires_at > at,
            AccessToken.revoked_at.is_(None),
            MachineClient.revoked_at.is_(None),
        )
    )
    return found.one_or_none()


async def _read(
    session: AsyncSession, issuer: Issuer, text: str, *, at: datetime
) -> Mapping[str, Any] | None:
    keys = await published_keys(session, at=at)
    return jwt.read(text, keys, issuer=issuer.url, audience=issuer.audience, at=at)


def _home(client: MachineClient) -> tuple[object, object]:
    return client.tenant_id, client.brand_id
