"""Machines that get tokens: made, given new secrets, ended, recognised. Role `serviceco_auth`.

Changes of a company's machine are events of the company, so their units of work are bound to it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import InvalidInput, NotFound
from serviceco.evidence.operations import record
from serviceco.identity.client_tables import AccessToken, ClientSecret, MachineClient
from serviceco.identity.operations import require_grantable, revoke_machine_key
from serviceco.identity.rules import is_secret, token_hash
from serviceco.identity.tables import MachineKey
from serviceco.identity.token_rules import SECRET_OVERLAP, USE_NOTED_AFTER

LONGEST_NAME = 100
MOST_MACHINES = 200
LONGEST_OVERLAP = timedelta(days=30)


async def create_client(
    session: AsyncSession,
    actor: Actor,
    name: str,
    *,
    scopes: Iterable[Permission],
    secret: str,
    at: datetime,
) -> MachineClient:
    """Let a machine of the actor's company or brand get tokens by a secret.

    Whoever makes it brings the secret, 256 random bits at least, and hands it on; only its hash
    is kept, so a repeated request makes nothing new.

    Raises:
        NotPermitted: as `create_machine_key`.
        InvalidInput: it has no name, no scope, or a secret that is none.
    """
    wanted = require_grantable(actor, scopes)
    if not 1 <= len(name.strip()) <= LONGEST_NAME:
        raise InvalidInput(f"A name has 1 to {LONGEST_NAME} letters.", field="name")
    if not wanted:
        raise InvalidInput("A machine needs at least one scope.", field="scopes")
    client = MachineClient(
        id=new_id(),
        tenant_id=actor.tenant_id,
        brand_id=actor.brand_id,
        name=name.strip(),
        scopes=sorted(wanted),
        created_at=at,
    )
    session.add(client)
    await session.flush()
    await _add_secret(session, client, secret, at=at)
    await _record(session, actor, "client.created", client, at=at, scopes=client.scopes)
    return client


def overlap_of(hours: int) -> timedelta:
    """Return how long a former secret serves on.

    Raises:
        InvalidInput: it is not 0 to 30 days.
    """
    if not 0 <= hours <= LONGEST_OVERLAP // timedelta(hours=1):
        raise InvalidInput("A former secret serves on for 0 to 30 days.", field="overlapHours")
    return timedelta(hours=hours)


async def rotate_client_secret(
    session: AsyncSession,
    actor: Actor,
    client_id: UUID,
    *,
    secret: str,
    overlap: timedelta = SECRET_OVERLAP,
    at: datetime,
) -> MachineClient:
    """Give a client a new secret; the one before it serves until the overlap ends, older ones no more.

    Raises:
        NotPermitted: the actor does not manage the company.
        NotFound: it is no live client of the actor's company or brand.
        InvalidInput: the secret is none.
    """
    client = await _own(session, actor, client_id)
    if client.revoked_at is not None:
        raise NotFound("There is no such machine.")
    live = (
        await session.scalars(
            select(ClientSecret)
            .where(ClientSecret.client_id == client.id, _serves(at))
            .order_by(ClientSecret.created_at.desc(), ClientSecret.id.desc())
        )
    ).all()
    for place, former in enumerate(live):
        until = at + overlap if place == 0 else at
        former.expires_at = min(former.expires_at or until, until)
    await _add_secret(session, client, secret, at=at)
    await _record(session, actor, "client.secret_rotated", client, at=at)
    return client


async def change_client_scopes(
    session: AsyncSession,
    actor: Actor,
    client_id: UUID,
    *,
    scopes: Iterable[Permission],
    at: datetime,
) -> MachineClient:
    """Replace what a client may do; a token that it holds loses what is taken, at once.

    Raises:
        NotPermitted: as `create_machine_key`.
        NotFound: it is no live client of the actor's company or brand.
        InvalidInput: no scope is left.
    """
    wanted = require_grantable(actor, scopes)
    if not wanted:
        raise InvalidInput("A machine needs at least one scope.", field="scopes")
    client = await _own(session, actor, client_id)
    if client.revoked_at is not None:
        raise NotFound("There is no such machine.")
    client.scopes = sorted(wanted)
    client.version += 1
    await _record(session, actor, "client.scopes_changed", client, at=at, scopes=client.scopes)
    await session.flush()
    return client


async def revoke_client(
    session: AsyncSession, actor: Actor, client_id: UUID, *, at: datetime
) -> MachineClient:
    """End a client with all its tokens at once; ending it twice changes nothing.

    Raises:
        NotPermitted: the actor does not manage the company.
        NotFound: it is no client of the actor's company or brand.
    """
    client = await _own(session, actor, client_id)
    if client.revoked_at is None:
        client.revoked_at = at
        client.version += 1
        await session.execute(
            update(AccessToken)
            .where(AccessToken.client_id == client.id, AccessToken.revoked_at.is_(None))
            .values(revoked_at=at)
        )
        await _record(session, actor, "client.revoked", client, at=at)
    await session.flush()
    return client


async def revoke_key(
    session: AsyncSession, actor: Actor, key_id: UUID, *, at: datetime
) -> MachineKey:
    """End a simple key of the actor's company at once, as somebody of the company does.

    Raises:
        NotPermitted: the actor does not manage the company.
        NotFound: the company has no such key.
    """
    await revoke_machine_key(session, actor, key_id, at=at)
    key = await session.get_one(MachineKey, key_id)
    if key.event_seq == 0:
        await record(session, actor, "machine_key.revoked", key, at=at)
    return key


async def list_machines(
    session: AsyncSession, actor: Actor
) -> tuple[Sequence[MachineClient], Sequence[MachineKey]]:
    """Return the clients and the simple keys of the actor's company or brand, the newest first."""
    actor.require(Permission.MANAGE_TENANT)
    clients = await session.scalars(
        select(MachineClient)
        .where(or_(MachineClient.tenant_id == actor.home, MachineClient.brand_id == actor.home))
        .order_by(MachineClient.revoked_at.desc().nulls_first(), MachineClient.id.desc())
        .limit(MOST_MACHINES)
    )
    keys = await session.scalars(
        select(MachineKey)
        .where(MachineKey.tenant_id == actor.home)
        .order_by(MachineKey.revoked_at.desc().nulls_first(), MachineKey.id.desc())
        .limit(MOST_MACHINES)
    )
    return clients.all(), keys.all()


async def list_serving_secrets(
    session: AsyncSession, client_ids: Collection[UUID], *, at: datetime
) -> Mapping[UUID, Sequence[ClientSecret]]:
    """Return the secrets that still serve, of each client the newest first."""
    rows = await session.scalars(
        select(ClientSecret)
        .where(ClientSecret.client_id.in_(client_ids), _serves(at))
        .order_by(ClientSecret.client_id, ClientSecret.created_at.desc())
    )
    return {client_id: list(own) for client_id, own in groupby(rows, lambda row: row.client_id)}


async def recognised_client(
    session: AsyncSession, client_id: str, secret: str, *, at: datetime
) -> tuple[MachineClient, ClientSecret] | None:
    """Return the live client whose secret it is; 256 random bits are found by their hash."""
    found = await session.execute(
        select(MachineClient, ClientSecret)
        .join(ClientSecret, ClientSecret.client_id == MachineClient.id)
        .where(
            ClientSecret.secret_hash == token_hash(secret),
            _serves(at),
            MachineClient.revoked_at.is_(None),
        )
    )
    row = found.one_or_none()
    if row is None or str(row[0].id) != client_id:
        return None
    client, kept = row
    return client, kept


async def note_key_used(session: AsyncSession, key_hash: bytes, *, at: datetime) -> None:
    """Note that a key is in use, once an hour at most: a write for each request would be dear."""
    last = MachineKey.last_used_at
    await session.execute(
        update(MachineKey)
        .where(MachineKey.key_hash == key_hash, or_(last.is_(None), last < at - USE_NOTED_AFTER))
        .values(last_used_at=at)
    )


def _serves(at: datetime) -> ColumnElement[bool]:
    return or_(ClientSecret.expires_at.is_(None), ClientSecret.expires_at > at)


async def _record(
    session: AsyncSession,
    actor: Actor,
    act: str,
    client: MachineClient,
    *,
    at: datetime,
    **detail: object,
) -> None:
    if client.tenant_id is not None:
        await record(session, actor, act, client, at=at, **detail)


async def _own(session: AsyncSession, actor: Actor, client_id: UUID) -> MachineClient:
    actor.require(Permission.MANAGE_TENANT)
    client = await session.get(MachineClient, client_id, with_for_update=True)
    if client is None or actor.home not in (client.tenant_id, client.brand_id):
        raise NotFound("There is no such machine.")
    return client


async def _add_secret(
    session: AsyncSession, client: MachineClient, secret: str, *, at: datetime
) -> None:
    if not is_secret(secret):
        raise InvalidInput("A secret has 43 to 128 letters of base64url.", field="secret")
    session.add(
        ClientSecret(
            id=new_id(), client_id=client.id, secret_hash=token_hash(secret), created_at=at
        )
    )
    await session.flush()
