"""Machines over GraphQL: made, listed, given new secrets and ended, each once and as an event."""

import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.api.plan.pool import ReadPool
from serviceco.api.schema import service_schema
from serviceco.api.service import Api
from serviceco.core.actor import Actor, Permission
from serviceco.evidence.tables import Event
from serviceco.identity.client_tables import MachineClient
from serviceco.identity.clients import recognised_client
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.words import Role
from tests.api.test_staffing import signed_in
from tests.identity.people import person
from tests.machines import machine_key

MADE = "{ __typename ... on MachineClient { id name revokedAt } ... on Refusal { code field } }"
CREATE = f"""mutation ($key: String!, $name: String!, $scopes: [Permission!]!, $secret: String!) {{
    createMachineClient(idempotencyKey: $key, name: $name, scopes: $scopes, secret: $secret) {MADE} }}"""
ROTATE = f"""mutation ($key: String!, $id: UUID!, $secret: String!, $hours: Int! = 24) {{
    rotateClientSecret(
        idempotencyKey: $key, clientId: $id, secret: $secret, overlapHours: $hours) {MADE} }}"""
SCOPES = f"""mutation ($key: String!, $id: UUID!, $scopes: [Permission!]!) {{
    changeClientScopes(idempotencyKey: $key, clientId: $id, scopes: $scopes) {MADE} }}"""
REVOKE = f"""mutation ($key: String!, $id: UUID!) {{
    revokeMachineClient(idempotencyKey: $key, clientId: $id) {MADE} }}"""
REVOKE_KEY = """mutation ($key: String!, $id: UUID!) {
    revokeMachineKey(idempotencyKey: $key, keyId: $id) {
        ... on MachineKey { id revokedAt } ... on Refusal { code } } }"""
LIST = """{ machines { id kind name scopes expiresAt revokedAt lastUsedAt
    secrets { createdAt expiresAt lastUsedAt } } }"""


class Office:
    """The owner of a company at the API."""

    def __init__(self, api: Api, auth_engine: AsyncEngine, owner: Actor) -> None:
        self.api = api
        self.auth_engine = auth_engine
        self.owner = owner

    async def ask(self, document: str, **variables: Any) -> Any:
        variables = {"key": secrets.token_hex(8), **variables} if "$key" in document else variables
        answer = await self.api.execute(self.owner, document, variables)
        assert "errors" not in answer, answer
        return next(iter(answer["data"].values()))

    async def made(self, **changes: Any) -> tuple[dict[str, Any], str]:
        secret = secrets.token_urlsafe(32)
        given = {"name": "ERP", "scopes": ["READ_ORDERS"], "secret": secret} | changes
        return await self.ask(CREATE, **given), secret

    async def recognised(self, client_id: str, secret: str) -> bool:
        async with global_work(self.auth_engine) as session:
            at = datetime.now(UTC)
            return await recognised_client(session, client_id, secret, at=at) is not None

    async def acts(self, subject_id: str) -> list[str]:
        async with unit_of_work(self.auth_engine, self.owner.tenant) as session:
            rows = await session.scalars(
                select(Event.act)
                .where(Event.tenant_id == self.owner.tenant, Event.subject_id == UUID(subject_id))
                .order_by(Event.seq)
            )
            return list(rows)


@pytest.fixture
async def office(
    engine: AsyncEngine, auth_engine: AsyncEngine, pool: ReadPool, tenant_id: UUID
) -> Office:
    api = Api(service_schema(), engine=engine, auth_engine=auth_engine, pool=pool)
    owner = await person(auth_engine, tenant_id, roles=(Role.OWNER,))
    return Office(api, auth_engine, await signed_in(auth_engine, owner.email))


async def test_a_machine_is_made_shown_and_ended(office):
    made, secret = await office.made(scopes=["READ_ORDERS", "ADHOC_DOCUMENTS"])
    assert await office.recognised(made["id"], secret)
    [shown] = await office.ask(LIST)
    assert (shown["id"], shown["kind"], shown["name"]) == (made["id"], "CLIENT", "ERP")
    assert shown["scopes"] == ["ADHOC_DOCUMENTS", "READ_ORDERS"]
    assert [one["expiresAt"] for one in shown["secrets"]] == [None]
    assert secret not in str(shown)
    await office.ask(REVOKE, id=made["id"])
    assert not await office.recognised(made["id"], secret)
    assert (await office.ask(LIST))[0]["revokedAt"] is not None
    await office.ask(REVOKE, id=made["id"])
    assert await office.acts(made["id"]) == ["client.created", "client.revoked"]


async def test_a_repeated_request_makes_one_machine_and_keeps_no_secret(office):
    key, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    first, _ = await office.made(key=key, secret=secret)
    again, _ = await office.made(key=key, secret=secret)
    assert first == again
    async with global_work(office.auth_engine) as session:
        mine = MachineClient.tenant_id == office.owner.tenant
        assert await session.scalar(select(func.count(MachineClient.id)).where(mine)) == 1
    other, _ = await office.made(key=key)
    assert other["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_a_new_secret_leaves_the_former_one_for_as_long_as_is_said(office):
    made, former = await office.made()
    second, third = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    await office.ask(ROTATE, id=made["id"], secret=second)
    [shown] = await office.ask(LIST)
    assert [one["expiresAt"] is None for one in shown["secrets"]] == [True, False]
    assert await office.recognised(made["id"], former)
    await office.ask(ROTATE, id=made["id"], secret=third, hours=0)
    serves = [await office.recognised(made["id"], one) for one in (former, second, third)]
    assert serves == [False, False, True]
    assert await office.acts(made["id"]) == ["client.created", *["client.secret_rotated"] * 2]


async def test_scopes_are_replaced(office):
    made, _ = await office.made()
    await office.ask(SCOPES, id=made["id"], scopes=["READ_CLAIMS"])
    assert (await office.ask(LIST))[0]["scopes"] == ["READ_CLAIMS"]
    assert (await office.acts(made["id"]))[-1] == "client.scopes_changed"


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"secret": "short"}, {"code": "INVALID_INPUT", "field": "secret"}),
        ({"secret": "é" * 50}, {"code": "INVALID_INPUT", "field": "secret"}),
        ({"name": "  "}, {"code": "INVALID_INPUT", "field": "name"}),
        ({"name": "x" * 101}, {"code": "INVALID_INPUT", "field": "name"}),
        ({"scopes": []}, {"code": "INVALID_INPUT", "field": "scopes"}),
    ],
)
async def test_what_is_no_machine_is_refused_and_leaves_nothing(office, changes, refused):
    made, _ = await office.made(**changes)
    assert {name: made[name] for name in refused} == refused
    assert await office.ask(LIST) == []


async def test_nobody_gives_a_machine_more_than_they_have(office, auth_engine, tenant_id):
    administrator = await person(auth_engine, tenant_id, roles=(Role.ADMINISTRATOR,))
    office.owner = await signed_in(auth_engine, administrator.email)
    made, _ = await office.made(scopes=["HAND_OVER"])
    assert made["code"] == "NOT_PERMITTED"
    made, _ = await office.made(scopes=["READ_ORDERS", "ADHOC_DOCUMENTS"])
    assert made["name"] == "ERP"
    widened = await office.ask(SCOPES, id=made["id"], scopes=["READ_ORDERS", "HAND_OVER"])
    assert widened["code"] == "NOT_PERMITTED"


async def test_an_ended_or_foreign_machine_is_not_found(office, auth_engine):
    made, _ = await office.made()
    await office.ask(REVOKE, id=made["id"])
    for foreign in (made["id"], str(UUID(int=7))):
        rotated = await office.ask(ROTATE, id=foreign, secret="x" * 43)
        assert rotated["code"] == "NOT_FOUND"
        assert (await office.ask(SCOPES, id=foreign, scopes=["QUOTE"]))["code"] == "NOT_FOUND"
    assert (await office.ask(REVOKE, id=str(UUID(int=7))))["code"] == "NOT_FOUND"
    too_long = await office.ask(ROTATE, id=made["id"], secret="x" * 43, hours=721)
    assert (too_long["code"], too_long["field"]) == ("INVALID_INPUT", "overlapHours")


async def test_simple_keys_are_listed_and_end_here_too(office, tenant_id):
    await machine_key(office.auth_engine, tenant_id, Permission.READ_ORDERS, name="till")
    [shown] = await office.ask(LIST)
    assert (shown["kind"], shown["name"], shown["secrets"]) == ("KEY", "till", [])
    ended = await office.ask(REVOKE_KEY, id=shown["id"])
    assert ended["revokedAt"] is not None
    assert await office.ask(REVOKE_KEY, id=shown["id"]) == ended
    assert await office.acts(shown["id"]) == ["machine_key.revoked"]
    assert (await office.ask(REVOKE_KEY, id=str(UUID(int=7))))["code"] == "NOT_FOUND"
