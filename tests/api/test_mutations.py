import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from serviceco.api.service import Api
from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.customers.tables import Customer
from serviceco.storage.engines import Role, open_engine, role_url
from serviceco.storage.unit_of_work import unit_of_work
from tests.api.schema import SCHEMA
from tests.api.test_front import Door
from tests.api.world import found_company

RENAME = """mutation Rename($key: String!, $id: UUID!, $to: RenameInput!) {
    done: renameCustomer(idempotencyKey: $key, customerId: $id, to: $to) {
        __typename
        ... on Customer { name email orders(first: 2) { totalCount nodes { number } } }
        ... on Refusal { code why: message field }
    }
}"""


@pytest.fixture(scope="module")
async def company(engine, admin_engine):
    """A company whose rows change."""
    return await found_company(engine, admin_engine, "changing")


@pytest.fixture
def rename(api, company):
    """Send one rename; by default a new key, the first customer, and somebody who may."""
    someone = company.actor()

    async def send(
        name: str,
        *,
        key: str | None = None,
        customer_id: UUID | None = None,
        actor: Actor = someone,
        api: Api = api,
        document: str = RENAME,
        **more: Any,
    ) -> Any:
        variables = {
            "key": str(new_id()) if key is None else key,
            "id": str(customer_id or company.customers[0].id),
            "to": {"name": name, **more},
        }
        return await api.execute(actor, document, variables)

    return send


@pytest.fixture
def stored(engine, company):
    """Read a customer as it is now."""

    async def read(number: int = 0) -> Customer:
        async with unit_of_work(engine, company.tenant_id) as session:
            query = select(Customer).where(
                Customer.tenant_id == company.tenant_id,
                Customer.id == company.customers[number].id,
            )
            return (await session.scalars(query)).one()

    return read


async def test_the_selection_is_read_after_the_change_in_the_same_transaction(rename, stored):
    answer = await rename("李娜", email="li@example.test")
    assert answer == {
        "data": {
            "done": {
                "__typename": "Customer",
                "name": "李娜",
                "email": "li@example.test",
                "orders": {"totalCount": 3, "nodes": [{"number": "0000"}, {"number": "0005"}]},
            }
        }
    }
    assert (await stored()).name == "李娜"


async def test_a_refusal_is_an_answer_and_changes_nothing(rename, stored):
    before = await stored(1)
    answer = await rename("", customer_id=before.id)
    assert answer == {
        "data": {
            "done": {
                "__typename": "Refusal",
                "code": "INVALID_INPUT",
                "why": "A name is not empty.",
                "field": "name",
            }
        }
    }
    assert (await stored(1)).version == before.version


async def test_a_refusal_is_said_in_the_language_of_the_actor(engine, pool, company, rename):
    api = Api(SCHEMA, engine=engine, pool=pool, say=lambda r, language: f"{language}: {r.code}")
    answer = await rename("", api=api, actor=company.actor(language="zh-Hant"))
    assert answer["data"]["done"]["why"] == "zh-Hant: INVALID_INPUT"


@pytest.mark.parametrize("name", ["\0", "".join(map(chr, range(0x4E00, 0x5E00)))])
async def test_what_no_row_can_hold_is_refused_and_no_fault(rename, stored, name):
    before = await stored(1)
    answer = await rename(name, customer_id=before.id)
    assert answer["data"]["done"]["code"] == "INVALID_INPUT"
    assert (await stored(1)).version == before.version


async def test_a_key_that_no_row_can_hold_is_refused(rename):
    assert (await rename("A", key="\0"))["data"]["done"]["code"] == "INVALID_INPUT"


async def test_a_repeat_with_the_same_key_gets_the_first_answer_and_no_second_effect(
    rename, stored
):
    first = await rename("A", key="same")
    version = (await stored()).version
    assert await rename("A", key="same") == first
    assert (await stored()).version == version


async def test_the_same_key_with_another_request_is_refused(rename, stored):
    await rename("A", key="reused")
    answer = await rename("B", key="reused")
    assert answer["data"]["done"]["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert (await stored()).name == "A"


async def test_a_refused_key_may_be_used_again(rename):
    assert (await rename("", key="again"))["data"]["done"]["code"] == "INVALID_INPUT"
    assert (await rename("fine", key="again"))["data"]["done"]["name"] == "fine"


async def test_simultaneous_repeats_have_one_effect(rename, stored):
    version = (await stored(2)).version
    customer_id = (await stored(2)).id
    answers = await asyncio.gather(
        *(rename("twin", key="twins", customer_id=customer_id) for _ in range(5))
    )
    assert answers == [answers[0]] * 5
    assert (await stored(2)).version == version + 1


async def test_who_may_not_read_the_selection_changes_nothing(rename, company, stored):
    before = await stored()
    answer = await rename("X", actor=company.without(Permission.READ_ORDERS))
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert answer["errors"][0]["path"] == ["done", "orders", "nodes", "number"]
    assert (await stored()).version == before.version


async def test_who_may_not_do_it_is_refused(rename, company):
    answer = await rename("X", actor=company.without(Permission.RECEIVE_DEVICE))
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert answer["errors"][0]["path"] == ["done"]


async def test_another_companys_row_is_not_found(rename, other):
    answer = await rename("X", customer_id=other.customers[0].id)
    unknown = await rename("X", customer_id=new_id())
    assert answer == unknown
    assert answer["data"]["done"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize("key", ["", "x" * 201])
async def test_a_key_has_a_sensible_length(rename, key):
    answer = await rename("X", key=key)
    assert answer["errors"][0]["extensions"]["code"] == "INVALID_ARGUMENT"


UNNAMED = """mutation ($id: UUID!, $to: RenameInput!, $key: String) {
    renameCustomer(customerId: $id, to: $to, idempotencyKey: $key) {
        ... on Customer { name } ... on Refusal { code } } }"""


@pytest.fixture
def post(api, company):
    """Send one rename over HTTP, with the key in the header, the argument, both or neither."""
    door = Door(api, company.actor())

    async def send(name: str, *, header: str | None = None, argument: str | None = None) -> Any:
        variables = {"id": str(company.customers[3].id), "to": {"name": name}, "key": argument}
        headers = {} if header is None else {"idempotency-key": header}
        answer = await door.post({"query": UNNAMED, "variables": variables}, headers=headers)
        return answer.json()

    return send


async def test_a_change_that_takes_too_long_is_ended_and_says_so(
    owner_url, engine, pool, rename, stored
):
    before = await stored()
    hasty = open_engine(role_url(owner_url, Role.APP), longest="50ms")
    async with unit_of_work(engine, before.tenant_id) as other:
        await other.get(Customer, (before.tenant_id, before.id), with_for_update=True)
        answer = await rename("late", api=Api(SCHEMA, engine=hasty, pool=pool))
    await hasty.dispose()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["TOO_SLOW"]
    assert (await stored()).version == before.version


async def test_the_header_fills_a_missing_key(post, stored):
    first = await post("by header", header="h1")
    version = (await stored(3)).version
    assert first["data"]["renameCustomer"]["name"] == "by header"
    assert await post("by header", header="h1") == first
    assert (await stored(3)).version == version
    other = await post("other", header="h1")
    assert other["data"]["renameCustomer"]["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_header_and_argument_may_agree_and_must_not_differ(post, stored):
    assert (await post("both", header="h2", argument="h2"))["data"]["renameCustomer"]["name"]
    version = (await stored(3)).version
    for header, argument in (("h3", "h4"), ("", "h4"), ("h3", "")):
        answer = await post("differ", header=header, argument=argument)
        assert answer["errors"][0]["extensions"]["code"] == "INVALID_ARGUMENT"
        assert "two idempotency keys" in answer["errors"][0]["message"]
    assert (await stored(3)).version == version


async def test_without_a_key_nothing_changes(post, stored):
    version = (await stored(3)).version
    for header in (None, "", "x" * 201):
        answer = await post("none", header=header)
        assert answer["errors"][0]["extensions"]["code"] == "INVALID_ARGUMENT"
    assert (await stored(3)).version == version


async def test_a_document_holds_one_mutation(rename):
    twice = (
        RENAME.rstrip()[:-1]
        + "other: renameCustomer(idempotencyKey: $key, customerId: $id, to: $to) { __typename } }"
    )
    answer = await rename("X", document=twice)
    assert answer["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    hidden = (
        twice.replace(
            "mutation Rename($key: String!, $id: UUID!, $to: RenameInput!) {",
            "mutation Rename($key: String!, $id: UUID!, $to: RenameInput!) { ... on Mutation {",
        )
        + "}"
    )
    answer = await rename("X", document=hidden)
    assert answer["errors"][0]["extensions"]["code"] == "NOT_COMPILABLE"


async def test_a_computed_field_is_resolved_by_strawberry(api, fixit):
    document = '{ a: preview(text: "x") { ...F } } fragment F on Preview { text customers }'
    assert await api.execute(fixit.actor(), document) == {
        "data": {"a": {"text": "x", "customers": 5}}
    }


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("no", "INVALID_INPUT", "Not this one."),
        ("broken", "INTERNAL", "Something went wrong on our side."),
        ("\0", "INVALID_INPUT", "An argument holds a value that no row could hold."),
    ],
)
async def test_a_computed_field_that_fails_says_what_may_be_said(api, fixit, text, code, message):
    answer = await api.execute(
        fixit.actor(), "query ($t: String!) { preview(text: $t) { text } }", {"t": text}
    )
    (error,) = answer["errors"]
    assert (error["message"], error["extensions"]["code"]) == (message, code)
    assert answer["data"] is None


async def test_a_computed_field_is_not_for_everybody(api, fixit):
    actor = fixit.without(Permission.RECEIVE_DEVICE)
    answer = await api.execute(actor, '{ p: preview(text: "x") { text } }')
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert answer["errors"][0]["path"] == ["p"]


async def test_what_python_makes_stands_in_the_answer_of_a_mutation(rename, company):
    aloud = RENAME.replace("first: 2", "first: 20").replace("number }", "device { aloud serial } }")
    answer = await rename("王芳", document=aloud, customer_id=company.customers[1].id)
    assert "errors" not in answer
    devices = [order["device"] for order in answer["data"]["done"]["orders"]["nodes"]]
    assert [bool(device["aloud"]) for device in devices] == [bool(one["serial"]) for one in devices]
    assert any(device["aloud"] for device in devices)
