"""The whole application as the composition root builds it, over HTTP: pages, GraphQL and the edge."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from serviceco.core.actor import Permission
from serviceco.core.ids import new_id
from serviceco.core.places import project_folder
from serviceco.identity.operations import change_membership, create_machine_key
from serviceco.settings import Environment
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.rules import system_actor
from serviceco.tenancy.tables import Branch
from serviceco.tenancy.words import Role
from tests.factories import NOON
from tests.fronts.application import served
from tests.identity.people import PASSWORD, Person, person

SHELL = (project_folder("graphql") / "operations" / "Shell.graphql").read_text("utf-8")
FREE = "{ branches { code } }"


@pytest.fixture
async def client(owner_url: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with served(owner_url, Environment.PRODUCTION, tmp_path) as client:
        yield client


@pytest.fixture
async def somebody(engine, auth_engine, tenant_id) -> Person:
    """A clerk of a company with one branch."""
    async with unit_of_work(engine, tenant_id) as session:
        session.add(
            Branch(
                tenant_id=tenant_id, id=new_id(), code="b1", name="b1", zone="UTC", opened_at=NOON
            )
        )
    return await person(auth_engine, tenant_id)


async def sign_in(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> int:
    page = (await client.get("/sign-in")).text
    token = re.search(r'name="_csrf" value="([^"]+)"', page)
    assert token
    form = {"_csrf": token[1], "email": email, "password": password}
    return (await client.post("/sign-in", data=form)).status_code


async def ask(client: httpx.AsyncClient, query: str, **headers: str) -> tuple[int, Any]:
    answer = await client.post("/graphql", json={"query": query}, headers=headers)
    return answer.status_code, answer.json()


async def test_a_visitor_is_sent_to_sign_in_and_may_ask_nothing(client):
    assert (await client.get("/")).headers["location"].startswith("/sign-in")
    status, answer = await ask(client, SHELL)
    assert status == 401
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_clerk_signs_in_reads_and_signs_out(client, somebody):
    assert await sign_in(client, somebody.email) == 303
    assert list(client.cookies) == ["visitor", "__Host-serviceco"]
    status, answer = await ask(client, SHELL)
    assert status == 200, answer
    assert [branch["code"] for branch in answer["data"]["viewer"]["branches"]] == ["b1"]
    orders = await client.get("/orders")
    assert orders.status_code == 200
    token = re.search(r'name="_csrf" value="([^"]+)"', orders.text)
    assert token
    assert (await client.post("/sign-out", data={"_csrf": token[1]})).status_code == 303
    assert (await ask(client, SHELL))[0] == 401


async def test_a_wrong_password_says_so_beside_the_form_and_opens_nothing(client, somebody):
    assert await sign_in(client, somebody.email, "wrong horse") == 422
    assert (await ask(client, SHELL))[0] == 401


async def test_a_lost_role_acts_on_the_next_request(client, somebody, auth_engine, tenant_id):
    await sign_in(client, somebody.email)
    assert (await ask(client, SHELL))[0] == 200
    async with global_work(auth_engine) as session:
        await change_membership(
            session,
            system_actor(tenant_id),
            somebody.membership.id,
            roles=(),
            branch_ids=None,
            at=datetime.now(UTC),
        )
    status, answer = await ask(client, SHELL)
    assert status == 401, answer
    assert (await client.get("/")).headers["location"].startswith("/sign-in")


async def test_free_documents_need_their_permission_in_production(client, somebody):
    await sign_in(client, somebody.email)
    _, answer = await ask(client, FREE)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_staff_may_try_free_documents_in_development(owner_url, tmp_path, somebody):
    async with served(owner_url, Environment.DEVELOPMENT, tmp_path) as client:
        await sign_in(client, somebody.email)
        assert await ask(client, FREE) == (200, {"data": {"branches": [{"code": "b1"}]}})


async def test_a_machine_asks_by_its_key(client, somebody, auth_engine, tenant_id):
    allowed = {Permission.ADHOC_DOCUMENTS, Permission.READ_ORDERS}
    async with global_work(auth_engine) as session:
        key, _ = await create_machine_key(
            session,
            system_actor(tenant_id),
            "ERP",
            permissions=allowed,
            expires_at=datetime(2100, 1, 1, tzinfo=UTC),
            at=NOON,
        )
    status, answer = await ask(client, FREE, authorization=f"Bearer {key}")
    assert (status, answer) == (200, {"data": {"branches": [{"code": "b1"}]}})


async def test_two_companies_see_their_own_branches_alone(client, somebody, auth_engine, engine):
    other_tenant = new_id()
    other = await person(auth_engine, other_tenant, roles=(Role.OWNER,))
    await sign_in(client, other.email)
    _, answer = await ask(client, SHELL)
    assert "b1" not in str(answer)


async def test_ten_megabytes_are_refused_by_both_fronts(client):
    for path in ("/graphql", "/sign-in"):
        assert (await client.post(path, content=b"x" * 10_000_000)).status_code == 413


async def test_another_site_cannot_sign_anybody_in(client, somebody):
    form = {"email": somebody.email, "password": PASSWORD}
    answer = await client.post("/sign-in", data=form, headers={"origin": "https://evil.test"})
    assert answer.status_code == 403
