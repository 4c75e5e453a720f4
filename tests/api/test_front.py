import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from graphql import build_client_schema, get_introspection_query

from serviceco.api.documents import Documents
from serviceco.api.front import GraphQLFront
from serviceco.core.actor import Actor, ActorKind, Permission
from tests.api.sign_ins import machine, sign_in

READ = 'query Read { order(number: "0003") { number } }'
DATA = {"data": {"order": {"number": "0003"}}}
OWN_DOCUMENT = "{ branches { name } }"


class Door:
    """The front behind an edge that lets one actor in, and counts how often it is asked again."""

    def __init__(self, api, actor: Actor | None) -> None:
        self.front = GraphQLFront(api, Documents({"Branches": OWN_DOCUMENT}))
        self.actor = actor
        self.fresh: Actor | None = None
        self.asked_again = 0

    async def __call__(self, scope, receive, send) -> None:
        scope["actor"], scope["renew_actor"] = self.actor, self.renew
        await self.front(scope, receive, send)

    async def renew(self) -> Actor | None:
        self.asked_again += 1
        return self.fresh

    async def post(self, body: object = None, *, method: str = "POST", **options: Any) -> Any:
        if "content" not in options:
            options["json"] = body
        transport = httpx.ASGITransport(self)
        async with httpx.AsyncClient(transport=transport, base_url="https://test") as client:
            return await client.request(method, "/graphql", **options)


@pytest.fixture
def door(api, fixit):
    return Door(api, fixit.actor())


async def test_the_bytes_of_the_database_are_the_answer(door):
    answer = await door.post({"query": READ, "operationName": "Read", "variables": None})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.json() == DATA


async def test_text_of_all_scripts_arrives_as_utf_8(door, fixit):
    document = "query ($n: String!) { order(number: $n) { customer { name } accessories } }"
    answer = await door.post({"query": document, "variables": {"n": "0003"}})
    assert answer.json()["data"]["order"]["accessories"] == ["充电器", 'a "box"']
    assert "王芳" in answer.content.decode()


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ({"method": "GET", "params": {"query": READ}}, 405, "INVALID_REQUEST"),
        (
            {"content": b"{}", "headers": {"content-type": "text/plain"}},
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        (
            {
                "content": b"query=x",
                "headers": {"content-type": "application/x-www-form-urlencoded"},
            },
            415,
            "UNSUPPORTED_MEDIA_TYPE",
        ),
        ({"content": b"{}"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ],
)
async def test_only_json_by_post_is_read(door, options, status, code):
    answer = await door.post(**options)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["extensions"]["code"] == code


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"query": "\xff"}',
        b'{"query": "\\ud800"}',
        b'{"query": 1}',
        b'{"variables": {}}',
        b'{"query": "{ a }", "variables": []}',
        b'{"query": "{ a }", "operationName": 1}',
        b'{"query": "{ a }", "variables": {"x": NaN}}',
        b'[{"query": "{ a }"}]',
        b"[" * 50_000,
        b'{"query": "{ a }", "variables": {"x": ' + b"[" * 40_000 + b"]" * 40_000 + b"}}",
    ],
)
async def test_a_body_that_is_no_request_is_a_clear_400(door, body):
    answer = await door.post(content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "INVALID_REQUEST"


async def test_a_body_of_ten_megabytes_is_refused_while_it_is_read(door):
    given = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal given
        for _ in range(160):
            given += 1
            yield b" " * 65_536

    sent: list[Any] = []
    messages = [{"type": "http.request", "body": b" " * 65_536, "more_body": True}] * 160

    async def receive() -> Any:
        return messages.pop()

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json")]
    await door(
        {"type": "http", "method": "POST", "path": "/graphql", "headers": headers}, receive, send
    )
    assert sent[0]["status"] == 413
    assert len(messages) == 158
    declared = await door.post(
        content=parts(), headers={"content-type": "application/json", "content-length": "10485760"}
    )
    assert declared.status_code == 413


async def test_a_visitor_is_asked_to_sign_in(api):
    answer = await Door(api, None).post({"query": READ})
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_rights_that_changed_are_read_again_once(api, auth_engine, fixit):
    someone = await sign_in(auth_engine, fixit)
    door = Door(api, someone.actor)
    await someone.lose_a_role()
    door.fresh = await someone.renewed()
    assert (await door.post({"query": READ})).json() == DATA
    await someone.end()
    answer = await door.post({"query": READ})
    assert (answer.status_code, door.asked_again) == (401, 2)


async def test_free_documents_need_a_permission_and_those_of_the_pages_none(api, fixit):
    door = Door(api, fixit.without(Permission.ADHOC_DOCUMENTS))
    answer = await door.post({"query": READ})
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert "data" in (await door.post({"query": OWN_DOCUMENT})).json()
    assert (await door.post({"query": OWN_DOCUMENT + " "})).status_code == 403


async def test_the_schema_is_shown_to_those_who_write_documents(api, auth_engine, fixit):
    staff = (await sign_in(auth_engine, fixit)).actor
    answer = await Door(api, staff).post({"query": get_introspection_query()})
    shown = build_client_schema(answer.json()["data"])
    assert shown.type_map["RepairOrder"].description == "One visit."
    asked = {"query": "{ __schema { queryType { name } } }"}
    erp = await Door(api, await machine(auth_engine, fixit)).post(asked)
    assert erp.json() == {"data": {"__schema": {"queryType": {"name": "Query"}}}}
    support = await Door(api, fixit.actor(kind=ActorKind.SUPPORT)).post(asked)
    assert support.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"query": "{"}, "INVALID_DOCUMENT"),
        ({"query": "{ nothing }"}, "INVALID_DOCUMENT"),
        ({"query": READ, "operationName": "Other"}, "INVALID_DOCUMENT"),
        ({"query": "query A { __typename } query B { __typename }"}, "INVALID_DOCUMENT"),
        ({"query": "query ($n: String!) { order(number: $n) { id } }"}, "INVALID_DOCUMENT"),
        (
            {"query": "query ($n: String!) { order(number: $n) { id } }", "variables": {"n": 1}},
            "INVALID_DOCUMENT",
        ),
        (
            {
                "query": "query ($n: String!) { order(number: $n) { id } }",
                "variables": {"n": "\x00"},
            },
            "INVALID_ARGUMENT",
        ),
        ({"query": "subscription { __typename }"}, "INVALID_DOCUMENT"),
    ],
)
async def test_errors_of_a_document_have_codes_and_a_status_for_those_who_want_it(door, body, code):
    plain = await door.post(body)
    assert plain.status_code == 200
    assert plain.json()["errors"][0]["extensions"]["code"] == code
    assert "data" not in plain.json()
    told = await door.post(body, headers={"accept": "application/graphql-response+json"})
    assert told.status_code == 400
    assert told.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    assert json.loads(told.content) == plain.json()
