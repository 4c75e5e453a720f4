"""Verbs on webhooks: their effects, what they refuse, their events; and over GraphQL, once per key."""

import secrets
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from serviceco.api.plan.pool import ReadPool
from serviceco.api.schema import service_schema
from serviceco.api.service import Api
from serviceco.core.actor import ActorKind, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import Conflict, NotFound, NotPermitted
from serviceco.evidence.tables import Event
from serviceco.exchange import endpoints
from serviceco.exchange.rules.webhooks import OVERLAP, new_secret
from serviceco.exchange.webhook_tables import WebhookEndpoint
from serviceco.exchange.words.webhooks import (
    EndpointGiven,
    EndpointStatus,
    TooManyWebhooks,
    WebhookOff,
)
from serviceco.storage.engines import Role, role_url
from tests.factories import NOON

GIVEN = EndpointGiven(url="https://hooks.example.com/in", kinds=["repair.received"])
CREATE = """mutation Create($key: String!, $secret: String!) {
    createWebhookEndpoint(
        idempotencyKey: $key, url: "https://hooks.example.com/", kinds: ["claim.submitted"], secret: $secret
    ) {
        __typename
        ... on WebhookEndpoint { id kinds status pending failed }
        ... on Refusal { code field }
    }
}"""


def new() -> str:
    return new_secret(secrets.token_bytes(32))


@pytest.fixture
async def endpoint(session, actor) -> WebhookEndpoint:
    return await endpoints.create_endpoint(session, actor, GIVEN, secret=new(), at=NOON)


async def acts(session, endpoint: WebhookEndpoint) -> list[str]:
    query = select(Event.act).where(
        Event.tenant_id == endpoint.tenant_id, Event.subject_id == endpoint.id
    )
    return list(await session.scalars(query.order_by(Event.seq)))


async def test_every_verb_leaves_its_event_and_no_secret_in_it(session, actor, endpoint):
    changed = EndpointGiven(url="https://hooks.example.com/2", kinds=["claim.submitted"])
    await endpoints.change_endpoint(session, actor, endpoint.id, changed, version=1, at=NOON)
    await endpoints.rotate_secret(session, actor, endpoint.id, secret=new(), at=NOON)
    await endpoints.pause_endpoint(session, actor, endpoint.id, at=NOON)
    await endpoints.resume_endpoint(session, actor, endpoint.id, at=NOON)
    await endpoints.remove_endpoint(session, actor, endpoint.id, at=NOON)
    assert await acts(session, endpoint) == [
        "webhook.created",
        "webhook.changed",
        "webhook.secret_rotated",
        "webhook.paused",
        "webhook.resumed",
        "webhook.removed",
    ]
    details = await session.scalars(select(Event.detail).where(Event.tenant_id == actor.tenant))
    assert "whsec_" not in str(list(details))
    assert endpoint.old_secret_until == NOON + OVERLAP


async def test_what_was_removed_is_gone_for_every_verb(session, actor, endpoint):
    await endpoints.remove_endpoint(session, actor, endpoint.id, at=NOON)
    for verb in (endpoints.pause_endpoint, endpoints.resume_endpoint, endpoints.send_test):
        with pytest.raises(NotFound):
            await verb(session, actor, endpoint.id, at=NOON)


async def test_a_change_of_what_somebody_else_changed_is_refused(session, actor, endpoint):
    await endpoints.change_endpoint(session, actor, endpoint.id, GIVEN, version=1, at=NOON)
    with pytest.raises(Conflict):
        await endpoints.change_endpoint(session, actor, endpoint.id, GIVEN, version=1, at=NOON)


async def test_a_paused_one_is_neither_paused_nor_tested_nor_replayed(session, actor, endpoint):
    await endpoints.pause_endpoint(session, actor, endpoint.id, at=NOON)
    with pytest.raises(WebhookOff):
        await endpoints.pause_endpoint(session, actor, endpoint.id, at=NOON)
    with pytest.raises(WebhookOff):
        await endpoints.send_test(session, actor, endpoint.id, at=NOON)
    with pytest.raises(WebhookOff):
        await endpoints.replay_failed(session, actor, endpoint.id, since=NOON, at=NOON)
    assert endpoint.status is EndpointStatus.PAUSED


async def test_a_company_has_only_so_many(session, actor, monkeypatch):
    monkeypatch.setattr(endpoints, "MOST_ENDPOINTS", 1)
    await endpoints.create_endpoint(session, actor, GIVEN, secret=new(), at=NOON)
    with pytest.raises(TooManyWebhooks):
        await endpoints.create_endpoint(session, actor, GIVEN, secret=new(), at=NOON)


async def test_only_who_manages_the_whole_company_may(session, make, endpoint):
    weak = make.actor(permissions=frozenset(Permission) - {Permission.MANAGE_WEBHOOKS})
    narrow = replace(make.actor(), branch_ids=frozenset({new_id()}))
    for somebody in (weak, narrow):
        with pytest.raises(NotPermitted):
            await endpoints.create_endpoint(session, somebody, GIVEN, secret=new(), at=NOON)
        with pytest.raises(NotPermitted):
            await endpoints.rotate_secret(session, somebody, endpoint.id, secret=new(), at=NOON)
        with pytest.raises(NotPermitted):
            await endpoints.replay_delivery(session, somebody, new_id(), at=NOON)


@pytest.fixture
async def api(engine, owner_url):
    pool = ReadPool(role_url(owner_url, Role.APP), size=1)
    yield Api(service_schema(), engine=engine, pool=pool)
    await pool.close()


async def test_a_repeat_of_a_key_makes_one_webhook_and_keeps_no_secret(api, make, engine, session):
    actor = replace(make.actor(), kind=ActorKind.SYSTEM)
    asked: dict[str, Any] = {"key": "one", "secret": new()}
    first = await api.execute(actor, CREATE, asked)
    again = await api.execute(actor, CREATE, asked)
    assert first == again
    made = first["data"]["createWebhookEndpoint"]
    assert (made["status"], made["kinds"], made["pending"]) == ("ACTIVE", ["claim.submitted"], 0)
    count = select(func.count()).where(WebhookEndpoint.tenant_id == actor.tenant)
    assert await session.scalar(count) == 1
    refused = await api.execute(actor, CREATE, {"key": "two", "secret": "whsec_short"})
    assert refused["data"]["createWebhookEndpoint"] == {
        "__typename": "Refusal",
        "code": "WRONG_WEBHOOK_SECRET",
        "field": "secret",
    }
