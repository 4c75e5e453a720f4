"""Subscriptions over a real server and a real websocket: what is told, to whom, and how it ends."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from websockets.exceptions import InvalidStatus

from serviceco.api import watching
from serviceco.api.sockets import PROTOCOL, SocketFront
from serviceco.core.actor import Permission
from serviceco.core.ids import new_id
from serviceco.evidence.operations import record
from serviceco.identity.operations import change_membership, revoke_machine_key
from serviceco.identity.rules import token_hash
from serviceco.identity.sign_ins import end_sign_in
from serviceco.repairs.queries import get_order
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.rules import system_actor
from serviceco.tenancy.words import Role
from tests.fronts.live import CHANGED, Client, Site, cookie_of, key_of, served, touch
from tests.identity.people import Person, person
from tests.web.company import Company, found_company


@pytest.fixture(scope="module")
async def site(owner_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with served(owner_url, tmp_path_factory.mktemp("live")) as site:
        yield site


@pytest.fixture
async def company(engine: AsyncEngine, admin_engine: AsyncEngine) -> Company:
    return await found_company(engine, admin_engine)


@pytest.fixture
async def manager(auth_engine: AsyncEngine, company: Company) -> Person:
    return await person(auth_engine, company.tenant_id, roles=[Role.BRANCH_MANAGER])


@pytest.fixture
async def client(site: Site, auth_engine: AsyncEngine, manager: Person) -> AsyncIterator[Client]:
    """A manager of the company, connected and greeted."""
    cookie, _ = await cookie_of(auth_engine, manager)
    async with site.socket(cookie=cookie) as client:
        await client.greet()
        yield client


async def numbers(client: Client, count: int) -> list[str]:
    return [
        (await client.heard())["payload"]["data"]["orderChanged"]["number"] for _ in range(count)
    ]


async def test_a_change_is_told_as_the_order_stands_then(client, company):
    order = await company.order()
    await client.subscribe(company.branches[0].id)
    await client.settled()
    await touch(company, order.number)
    told = {"orderChanged": {"number": order.number, "status": "RECEIVED"}}
    assert await client.heard() == {"type": "next", "id": "1", "payload": {"data": told}}


async def test_what_was_done_while_a_subscription_opens_is_told_too(client, company):
    order = await company.order()
    await touch(company, order.number)
    await client.subscribe(company.branches[0].id)
    assert await numbers(client, 1) == [order.number]


async def test_another_branch_and_another_company_are_not_told(
    client, company, engine, admin_engine
):
    ours, elsewhere = await company.order(), await company.order(branch=1)
    stranger = await found_company(engine, admin_engine)
    theirs = await stranger.order()
    await client.subscribe(company.branches[0].id)
    await client.settled()
    await touch(stranger, theirs.number)
    await touch(company, elsewhere.number)
    await touch(company, ours.number)
    assert await numbers(client, 1) == [ours.number]


async def test_what_commits_out_of_order_is_told_and_nothing_twice(client, company, engine):
    slow, quick, last = [await company.order() for _ in range(3)]
    await client.subscribe(company.branches[0].id)
    await client.settled()
    actor = system_actor(company.tenant_id)
    async with unit_of_work(engine, company.tenant_id) as session:
        order = await get_order(session, actor, slow.number, lock=True)
        # Its event is older than the other's, and commits after that one was told.
        await record(session, actor, "repair.assigned", order, at=datetime.now(UTC))
        await touch(company, quick.number)
        assert await numbers(client, 1) == [quick.number]
    assert await numbers(client, 1) == [slow.number]
    await touch(company, last.number)
    assert await numbers(client, 1) == [last.number]


async def test_a_branch_out_of_scope_reads_like_an_unknown_one(site, auth_engine, company):
    here, there = company.branches
    somebody = await person(
        auth_engine, company.tenant_id, roles=[Role.BRANCH_MANAGER], branch_ids=[here.id]
    )
    cookie, _ = await cookie_of(auth_engine, somebody)
    async with site.socket(cookie=cookie) as client:
        await client.greet()
        answers = []
        for branch_id in (there.id, new_id()):
            await client.subscribe(branch_id)
            answers.append(await client.heard())
    assert answers[0] == answers[1]
    assert answers[0]["type"] == "error"
    assert answers[0]["payload"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_a_role_that_reads_no_orders_may_not_watch_any(site, auth_engine, company):
    key, _ = await key_of(
        auth_engine, company.tenant_id, Permission.READ_REPORTS, Permission.ADHOC_DOCUMENTS
    )
    async with site.socket(authorization=f"Bearer {key}") as client:
        await client.greet()
        await client.subscribe(company.branches[0].id)
        assert (await client.heard())["payload"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ branches { code } }", "NOT_COMPILABLE"),
        ("mutation { nothing }", "INVALID_DOCUMENT"),
        ("subscription { nothing }", "INVALID_DOCUMENT"),
        (CHANGED.replace("number status", "customer { name } id: number id"), "INVALID_DOCUMENT"),
    ],
)
async def test_what_is_no_subscription_is_refused_and_the_connection_stays(
    client, company, query, code
):
    await client.send("subscribe", id="1", payload={"query": query, "variables": {}})
    assert (await client.heard())["payload"][0]["extensions"]["code"] == code
    await client.settled()


async def test_a_machine_without_free_documents_subscribes_to_those_of_the_pages_alone(
    site, auth_engine, company
):
    key, _ = await key_of(auth_engine, company.tenant_id, Permission.READ_ORDERS)
    async with site.socket(authorization=f"Bearer {key}") as client:
        await client.greet()
        await client.subscribe(company.branches[0].id)
        assert (await client.heard())["payload"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_a_subscription_by_post_says_where_it_is_answered(
    site, auth_engine, manager, company
):
    cookie, _ = await cookie_of(auth_engine, manager)
    body = {"query": CHANGED, "variables": {"branchId": str(company.branches[0].id)}}
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(
            f"http://{site.address}/graphql", json=body, headers={"cookie": cookie}
        )
    assert answer.json()["errors"][0]["extensions"]["code"] == "NOT_COMPILABLE"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"cookie": "serviceco=nobody"}, 401),
        ({"authorization": "Bearer svc_nobody"}, 401),
        ({"origin": "https://evil.test"}, 403),
        ({"origin": "null"}, 403),
    ],
)
async def test_strangers_and_other_sites_get_no_websocket(
    site, auth_engine, manager, headers, status
):
    if "origin" in headers:
        headers = headers | {"cookie": (await cookie_of(auth_engine, manager))[0]}
    with pytest.raises(InvalidStatus) as refused:
        async with site.socket(**headers):
            pass
    assert refused.value.response.status_code == status


async def test_our_own_pages_may_connect(site, auth_engine, manager):
    cookie, _ = await cookie_of(auth_engine, manager)
    async with site.socket(cookie=cookie, origin=f"http://{site.address}") as client:
        await client.greet()


async def test_the_protocol_is_kept(site, auth_engine, manager, company):
    cookie, _ = await cookie_of(auth_engine, manager)

    async def end(*said: dict[str, object], protocol: str = PROTOCOL) -> int:
        async with site.socket(protocol=protocol, cookie=cookie) as client:
            for members in said:
                await client.send(**members)
            code: int = await client.closed()
            return code

    payload = {"query": CHANGED, "variables": {"branchId": str(company.branches[0].id)}}
    init: dict[str, object] = {"type": "connection_init"}
    asked: dict[str, object] = {"type": "subscribe", "id": "1", "payload": payload}
    assert await end(protocol="graphql-ws") == 4406
    assert await end(asked) == 4401
    assert await end(init, init) == 4429
    assert await end(init, asked, asked) == 4409
    assert await end(init, {"type": "shout"}) == 4400
    assert await end(init, asked | {"id": ""}) == 4400
    assert await end(init, asked | {"payload": {"query": "x" * 200_000}}) == 1009


async def test_who_does_not_introduce_itself_is_cut_off(
    owner_url, tmp_path, auth_engine, manager, monkeypatch
):
    monkeypatch.setattr("serviceco.app.SocketFront", _hasty)
    cookie, _ = await cookie_of(auth_engine, manager)
    async with served(owner_url, tmp_path) as site, site.socket(cookie=cookie) as client:
        assert await client.closed() == 4408


def _hasty(live, known):
    return SocketFront(live, known, init_seconds=0.05)


async def test_a_client_that_has_enough_is_told_no_more(client, company):
    order = await company.order()
    await client.subscribe(company.branches[0].id)
    await client.subscribe(company.branches[0].id, id="2")
    await client.settled()
    await client.send("complete", id="1")
    await client.settled()
    await touch(company, order.number)
    assert (await client.heard())["id"] == "2"


async def test_who_falls_behind_is_told_so(client, company, monkeypatch):
    monkeypatch.setattr(watching, "MOST_PENDING", 0)
    order = await company.order()
    await client.subscribe(company.branches[0].id)
    await client.settled()
    await touch(company, order.number)
    answer = await client.heard()
    assert (answer["type"], answer["payload"][0]["extensions"]["code"]) == ("error", "FELL_BEHIND")
    await client.settled()


async def test_connections_and_subscriptions_are_counted(
    site, auth_engine, manager, company, monkeypatch
):
    monkeypatch.setattr(watching, "MOST_CONNECTIONS_OF_ONE", 1)
    monkeypatch.setattr(watching, "MOST_WATCHES", 1)
    cookie, _ = await cookie_of(auth_engine, manager)
    async with site.socket(cookie=cookie) as client:
        await client.greet()
        async with site.socket(cookie=cookie) as second:
            assert await second.closed() == 1013
        await client.subscribe(company.branches[0].id)
        await client.subscribe(company.branches[0].id, id="2")
        assert (await client.heard())["payload"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    async with site.socket(cookie=cookie) as client:
        await client.greet()


async def test_a_sign_in_that_ends_takes_its_connections_along(site, auth_engine, manager):
    cookie, token = await cookie_of(auth_engine, manager)
    async with site.socket(cookie=cookie) as client:
        await client.greet()
        async with global_work(auth_engine) as session:
            await end_sign_in(session, token_hash(token), at=datetime.now(UTC))
        async with asyncio.timeout(2 * watching.CHECK_SECONDS):
            assert await client.closed() == 4401


async def test_a_lost_role_ends_a_watch_before_it_tells_anything(
    site, client, auth_engine, manager, company
):
    order = await company.order()
    await client.subscribe(company.branches[0].id)
    await client.settled()
    async with global_work(auth_engine) as session:
        await change_membership(
            session,
            system_actor(company.tenant_id),
            manager.membership.id,
            roles=(),
            branch_ids=None,
            at=datetime.now(UTC),
        )
    await touch(company, order.number)
    assert await client.closed() == 4401
    assert "next" not in {message["type"] for message in client.said}


async def test_a_revoked_key_is_cut_off(site, auth_engine, company):
    key, key_id = await key_of(auth_engine, company.tenant_id, Permission.READ_ORDERS)
    async with site.socket(authorization=f"Bearer {key}") as client:
        await client.greet()
        async with global_work(auth_engine) as session:
            await revoke_machine_key(
                session, system_actor(company.tenant_id), key_id, at=datetime.now(UTC)
            )
        assert await client.closed() == 4401


async def test_a_server_that_stops_says_goodbye_within_its_grace(
    owner_url, tmp_path, auth_engine, manager, company
):
    cookie, _ = await cookie_of(auth_engine, manager)
    async with served(owner_url, tmp_path) as site, site.socket(cookie=cookie) as client:
        await client.greet()
        await client.subscribe(company.branches[0].id)
        await client.settled()
        began = asyncio.get_running_loop().time()
        site.server.should_exit = True
        assert await client.closed() == 1012
        assert asyncio.get_running_loop().time() - began < 5
