"""Machines of the company in GraphQL: what asks for it by itself, and with which rights."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import strawberry

from serviceco.api.mutations import Call, computed, mutation
from serviceco.api.plan.access import Access
from serviceco.api.plan.fields import column
from serviceco.api.plan.types import planned
from serviceco.api.rights import OF_CALLER
from serviceco.core.actor import ActorKind, Permission
from serviceco.identity import clients
from serviceco.identity.client_tables import ClientSecret, MachineClient
from serviceco.identity.tables import MachineKey
from serviceco.identity.token_rules import SECRET_OVERLAP, known_scopes
from serviceco.storage.engines import Role

# People alone: a machine that could make machines would outlive its own end.
MANAGES = Access(Permission.MANAGE_TENANT, frozenset({ActorKind.STAFF, ActorKind.SYSTEM}))
_HOUR = timedelta(hours=1)


@strawberry.enum(description="By what a machine proves itself.")
class MachineKind(StrEnum):
    """How a machine gets in."""

    CLIENT = "client"
    KEY = "key"


@strawberry.type(description="A secret that a client may prove itself by now.")
class MachineSecret:
    """GraphQL face of a client's secret, which is not shown."""

    created_at: datetime = strawberry.field(description="Since when it serves.")
    expires_at: datetime | None = strawberry.field(
        description="When it ends; null for the newest, which no other has replaced."
    )
    last_used_at: datetime | None = strawberry.field(
        description="When a token was last issued by it; null if never."
    )


@strawberry.type(description="A machine that asks for the company, by itself.")
class Machine:
    """GraphQL face of a client or key."""

    id: UUID = strawberry.field(description="Its id; of a client, the `client_id` of OAuth 2.0.")
    kind: MachineKind = strawberry.field(description="By what it proves itself.")
    name: str = strawberry.field(description="What people call it.")
    scopes: list[Permission] = strawberry.field(description="What it may do.")
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime | None = strawberry.field(
        description="When it ends by itself; null for a client, which does not."
    )
    revoked_at: datetime | None = strawberry.field(description="When somebody ended it.")
    last_used_at: datetime | None = strawberry.field(
        description="When it was last seen, to the hour; null if never."
    )
    secrets: list[MachineSecret] = strawberry.field(
        description="The secrets that serve now, the newest first, two at most; a key has none."
    )


@planned(MachineClient, description="A client of OAuth 2.0, as a change left it.", needs=MANAGES)
class MachineClientType:
    """GraphQL face of what a change of a client leads to."""

    id: UUID = column(MachineClient.id, "Its `client_id`.")
    name: str = column(MachineClient.name, "What people call it.")
    revoked_at: datetime | None = column(MachineClient.revoked_at, "When somebody ended it.")


@planned(MachineKey, description="A simple key, as a change left it.", needs=MANAGES)
class MachineKeyType:
    """GraphQL face of what a change of a key leads to."""

    id: UUID = column(MachineKey.id, "Its id.")
    name: str = column(MachineKey.name, "What people call it.")
    revoked_at: datetime | None = column(MachineKey.revoked_at, "When somebody ended it.")


@computed(
    "The machines of the company: first those that serve, the newest first.",
    needs=MANAGES,
    runs_as=Role.AUTH,
)
async def machines(call: Call) -> list[Machine]:
    """List clients and keys."""
    own, keys = await clients.list_machines(call.session, call.actor)
    secrets = await clients.list_serving_secrets(
        call.session, [client.id for client in own], at=call.at
    )
    return [
        *(_client(client, secrets.get(client.id, ())) for client in own),
        *(_key(key) for key in keys),
    ]


@mutation(
    MachineClientType,
    needs=MANAGES,
    description=f"Let a machine get tokens by OAuth 2.0 with {OF_CALLER}.",
    runs_as=Role.AUTH,
)
async def create_machine_client(
    call: Call, name: str, scopes: list[Permission], secret: str
) -> UUID:
    """Make a client."""
    client = await clients.create_client(
        call.session, call.actor, name, scopes=scopes, secret=secret, at=call.at
    )
    return client.id


@mutation(
    MachineClientType,
    needs=MANAGES,
    description=f"Give a client a new secret, {OF_CALLER}. The one before serves on for some hours.",
    runs_as=Role.AUTH,
)
async def rotate_client_secret(
    call: Call, client_id: UUID, secret: str, overlap_hours: int = SECRET_OVERLAP // _HOUR
) -> UUID:
    """Give a client a new secret."""
    client = await clients.rotate_client_secret(
        call.session,
        call.actor,
        client_id,
        secret=secret,
        overlap=clients.overlap_of(overlap_hours),
        at=call.at,
    )
    return client.id


@mutation(
    MachineClientType,
    needs=MANAGES,
    description="Replace what a client may do; its tokens lose what is taken, at once.",
    runs_as=Role.AUTH,
)
async def change_client_scopes(call: Call, client_id: UUID, scopes: list[Permission]) -> UUID:
    """Replace a client's scopes."""
    client = await clients.change_client_scopes(
        call.session, call.actor, client_id, scopes=scopes, at=call.at
    )
    return client.id


@mutation(
    MachineClientType,
    needs=MANAGES,
    description="End a client and all its tokens, at once and for good.",
    runs_as=Role.AUTH,
)
async def revoke_machine_client(call: Call, client_id: UUID) -> UUID:
    """End a client."""
    client = await clients.revoke_client(call.session, call.actor, client_id, at=call.at)
    return client.id


@mutation(
    MachineKeyType,
    needs=MANAGES,
    description="End a simple key, at once and for good.",
    runs_as=Role.AUTH,
)
async def revoke_machine_key(call: Call, key_id: UUID) -> UUID:
    """End a key."""
    key = await clients.revoke_key(call.session, call.actor, key_id, at=call.at)
    return key.id


def _client(client: MachineClient, serving: Sequence[ClientSecret]) -> Machine:
    return Machine(
        id=client.id,
        kind=MachineKind.CLIENT,
        name=client.name,
        scopes=sorted(known_scopes(client.scopes)),
        created_at=client.created_at,
        expires_at=None,
        revoked_at=client.revoked_at,
        last_used_at=client.last_used_at,
        secrets=[
            MachineSecret(
                created_at=secret.created_at,
                expires_at=secret.expires_at,
                last_used_at=secret.last_used_at,
            )
            for secret in serving
        ],
    )


def _key(key: MachineKey) -> Machine:
    return Machine(
        id=key.id,
        kind=MachineKind.KEY,
        name=key.name,
        scopes=sorted(known_scopes(key.permissions)),
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=key.revoked_at,
        last_used_at=key.last_used_at,
        secrets=[],
    )


COMPUTED = (machines,)
MUTATIONS = (
    create_machine_client,
    rotate_client_secret,
    change_client_scopes,
    revoke_machine_client,
    revoke_machine_key,
)
