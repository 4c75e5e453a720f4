"""What Prometheus reads, and who may."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.api.plan.pool import ReadPool
from serviceco.edge.asgi import Receive, Scope, Send, answer
from serviceco.edge.authentication import Authenticator
from serviceco.edge.measures import reader
from serviceco.edge.metrics import Metrics, Reading
from serviceco.edge.middleware import Edge
from serviceco.storage.engines import Role, open_engine, role_url
from serviceco.storage.outbox import send as send_entry
from serviceco.storage.unit_of_work import unit_of_work

LOOPBACK = ("127.0.0.1", 1)
ELSEWHERE = ("203.0.113.9", 1)
LABELS = ("route", "method", "status", "le", "pool")


async def inner(scope: Scope, receive: Receive, send: Send) -> None:
    """Route as the pages do: a template for what is known, none for the rest."""
    if scope["path"].startswith("/orders/"):
        scope["path_template"] = "/orders/{number}"
    await answer(send, 200 if "path_template" in scope else 404, b"")


async def read() -> list[Reading]:
    return [Reading("serviceco_test", "A value.", 3, (("pool", "app"),))]


def client(
    authenticator: Authenticator, metrics: Metrics, at: tuple[str, int]
) -> httpx.AsyncClient:
    async def ready() -> bool:
        return True

    edge = Edge(inner, authenticator, ready=ready, https=False, metrics=metrics)
    transport = httpx.ASGITransport(app=edge, client=at)
    return httpx.AsyncClient(transport=transport, base_url="http://shop.test")


def values(text: str, name: str) -> dict[tuple[str, ...], float]:
    """The samples of a name, by the values of their labels but for the process."""
    return {
        tuple(sample.labels[label] for label in LABELS if label in sample.labels): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    }


async def test_requests_are_counted_by_route_method_and_status(door) -> None:
    async with client(door.authenticator, Metrics(read), LOOPBACK) as prometheus:
        for path in ("/orders/1", "/orders/2", "/made-up/1", "/made-up/2"):
            await prometheus.get(path)
        text = (await prometheus.get("/metrics")).text
    assert values(text, "serviceco_request_seconds_count") == {
        ("/orders/{number}", "GET", "200"): 2,
        ("other", "GET", "404"): 2,
    }
    assert (
        values(text, "serviceco_request_seconds_bucket")["/orders/{number}", "GET", "200", "+Inf"]
        == 2
    )
    assert values(text, "serviceco_test") == {("app",): 3}


@pytest.mark.parametrize(
    ("token", "at", "headers", "status"),
    [
        (None, LOOPBACK, {}, 200),
        (None, ("::1", 1), {}, 200),
        (None, ELSEWHERE, {}, 404),
        (None, LOOPBACK, {"x-forwarded-for": "203.0.113.9"}, 404),
        ("t0ken", ELSEWHERE, {"authorization": "Bearer t0ken"}, 200),
        ("t0ken", LOOPBACK, {}, 404),
        ("t0ken", LOOPBACK, {"authorization": "Bearer other"}, 404),
    ],
)
async def test_only_loopback_or_the_token_may_read(door, token, at, headers, status) -> None:
    async with client(door.authenticator, Metrics(read, token=token), at) as asker:
        assert (await asker.get("/metrics", headers=headers)).status_code == status


async def test_the_lag_of_the_outbox_and_the_use_of_pools_are_told(
    owner_url: str, engine: AsyncEngine, tenant_id
) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=400)
    async with unit_of_work(engine, tenant_id) as session:
        await send_entry(session, "test.late", {}, at=long_ago)
    relay = open_engine(role_url(owner_url, Role.RELAY), pool_size=1)
    pool = ReadPool(role_url(owner_url, Role.APP), size=3)
    await pool.fetch("SELECT 1", [])
    found = await reader(relay, {"relay": relay}, {"reads": pool})()
    await pool.close()
    await relay.dispose()
    now = {(one.name, *(value for _, value in one.labels)): one.value for one in found}
    assert now["serviceco_outbox_lag_seconds",] >= timedelta(days=399).total_seconds()
    assert now["serviceco_outbox_due",] >= 1
    assert now["serviceco_pool_connections", "reads", "idle"] == 1
    assert now["serviceco_pool_connections", "reads", "lent"] == 0
