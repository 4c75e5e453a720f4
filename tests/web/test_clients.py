"""Pages of machines: make one and see its secret once, change it, give it a new secret, end it."""

import re
from uuid import UUID

import pytest

from serviceco.core.actor import Permission
from serviceco.identity.clients import recognised_client
from serviceco.storage.unit_of_work import global_work
from tests.factories import NOON
from tests.machines import machine_key
from tests.web.test_pages import token_in
from tests.web.test_staff import fields_of

LIST = "/admin/clients"


@pytest.fixture
def serves(auth_engine):
    """Tell whether a secret opens its machine."""

    async def ask(client_id: str, secret: str) -> bool:
        async with global_work(auth_engine) as session:
            return await recognised_client(session, client_id, secret, at=NOON) is not None

    return ask


def form_of(page: str, action: str) -> dict[str, str]:
    (form,) = re.findall(rf'action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    secret = dict(re.findall(r'name="(secret)" value="([^"]*)"', form))
    return fields_of(page, action) | secret


async def made(client, **changes):
    """The answer to a new machine, and what was sent."""
    page = (await client.get(f"{LIST}/new")).text
    sent = form_of(page, LIST) | {"name": "总部 ERP", "scopes": ["READ_ORDERS", "QUOTE"]} | changes
    return await client.post(LIST, data=sent), sent


def shown_in(page: str) -> tuple[str, str]:
    found = dict(re.findall(r'id="f-(client_id|client_secret)" value="([^"]+)"', page))
    return found["client_id"], found["client_secret"]


async def test_a_secret_is_shown_once_and_opens_the_machine(desk_client, serves):
    answer, sent = await made(desk_client)
    assert answer.status_code == 200
    client_id, secret = shown_in(answer.text)
    assert secret == sent["secret"]
    assert await serves(client_id, secret)
    page = (await desk_client.get(f"{LIST}/{client_id}")).text
    assert secret not in page
    assert "总部 ERP" in page
    assert 'value="READ_ORDERS" checked' in page
    listed = (await desk_client.get(LIST)).text
    assert f'href="{LIST}/{client_id}"' in listed
    assert "使用中" in listed


async def test_the_same_form_sent_twice_makes_one_machine(desk_client):
    answer, sent = await made(desk_client)
    again = await desk_client.post(LIST, data=sent)
    assert shown_in(again.text) == shown_in(answer.text)
    assert (await desk_client.get(LIST)).text.count("总部 ERP") == 1


@pytest.mark.parametrize("changes", [{"name": ""}, {"scopes": []}, {"name": "x" * 101}])
async def test_a_form_that_says_too_little_comes_back_with_its_faults(desk_client, changes):
    answer, sent = await made(desk_client, **changes)
    assert answer.status_code == 422
    assert f'value="{sent["secret"]}"' in answer.text
    assert "还没有程序接入" in (await desk_client.get(LIST)).text


async def test_a_new_secret_is_shown_once_beside_the_one_that_still_serves(desk_client, serves):
    client_id, former = shown_in((await made(desk_client))[0].text)
    page = (await desk_client.get(f"{LIST}/{client_id}")).text
    sent = form_of(page, f"{LIST}/{client_id}/secret")
    answer = await desk_client.post(f"{LIST}/{client_id}/secret", data=sent)
    assert shown_in(answer.text) == (client_id, sent["secret"])
    assert await serves(client_id, former)
    assert await serves(client_id, sent["secret"])
    page = (await desk_client.get(f"{LIST}/{client_id}")).text
    assert page.count("<tr>") == 3


async def test_rights_are_replaced_and_never_left_empty(desk_client):
    client_id, _ = shown_in((await made(desk_client))[0].text)
    here = f"{LIST}/{client_id}"
    sent = fields_of((await desk_client.get(here)).text, f"{here}/scopes")
    assert (await desk_client.post(f"{here}/scopes", data=sent)).status_code == 422
    answer = await desk_client.post(f"{here}/scopes", data=sent | {"scopes": "READ_CLAIMS"})
    assert answer.headers["location"] == here
    page = (await desk_client.get(here)).text
    assert re.findall(r'value="(\w+)" checked', page) == ["READ_CLAIMS"]


async def test_an_end_is_confirmed_and_final(desk_client, serves):
    client_id, secret = shown_in((await made(desk_client))[0].text)
    here = f"{LIST}/{client_id}"
    sent = fields_of((await desk_client.get(f"{here}/end")).text, f"{here}/end")
    assert (await desk_client.post(f"{here}/end", data=sent)).headers["location"] == here
    assert not await serves(client_id, secret)
    page = (await desk_client.get(here)).text
    assert "已停用" in page
    assert f"{here}/secret" not in page
    rotated = await desk_client.post(f"{here}/secret", data=sent | {"_idem": "k", "secret": secret})
    assert rotated.status_code == 422


async def test_simple_keys_are_shown_and_end_here_too(desk_client, auth_engine, company):
    await machine_key(auth_engine, company.tenant_id, Permission.READ_ORDERS, name="till")
    [key_id] = re.findall(rf'href="{LIST}/([0-9a-f-]+)">till', (await desk_client.get(LIST)).text)
    here = f"{LIST}/{key_id}"
    assert f"{here}/secret" not in (await desk_client.get(here)).text
    sent = fields_of((await desk_client.get(f"{here}/end")).text, f"{here}/end")
    await desk_client.post(f"{here}/end", data=sent)
    assert "已停用" in (await desk_client.get(here)).text


async def test_nobody_else_comes_to_these_pages(desk_client, office, company):
    office.actors["one"] = company.actor(frozenset(Permission) - {Permission.MANAGE_TENANT})
    for path in (LIST, f"{LIST}/new", f"{LIST}/{UUID(int=1)}", f"{LIST}/{UUID(int=1)}/end"):
        assert (await desk_client.get(path)).status_code == 403
    page = (await desk_client.get("/orders")).text
    assert LIST not in page
    sent = {"_csrf": token_in(page), "_idem": "k", "name": "x", "scopes": "QUOTE", "secret": "x"}
    assert (await desk_client.post(LIST, data=sent)).status_code in {403, 422}
    assert (await desk_client.post(f"{LIST}/{UUID(int=1)}/end", data=sent)).status_code == 403


async def test_what_is_unknown_is_not_found(desk_client):
    for path in (f"{LIST}/{UUID(int=1)}", f"{LIST}/{UUID(int=1)}/end"):
        assert (await desk_client.get(path)).status_code == 404
