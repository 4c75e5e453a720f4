"""Staff pages: invite, join, change, let go, and what each role may do."""

import re
from datetime import timedelta
from html import unescape
from uuid import UUID

import pytest

from serviceco.core.actor import Permission
from serviceco.core.catalogues import LANGUAGES, find_sentence
from serviceco.core.ids import new_id
from serviceco.edge.invitations import Invitations
from serviceco.identity.invitations import find_open_invitation
from serviceco.identity.queries import find_account
from serviceco.identity.sign_ins import prove
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.tables import Staff
from tests.web.test_pages import token_in

LIST = "/admin/staff"


@pytest.fixture
def doors(office, auth_engine):
    office.invitations = Invitations(auth_engine)
    return office


@pytest.fixture
async def owner(doors, company):
    actor = company.actor(roles=frozenset({"owner"}))
    doors.actors["one"] = actor
    return actor


def fields_of(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the form with this action."""
    (form,) = re.findall(rf'action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    fields = dict(re.findall(r'name="(_idem|token)" value="([^"]*)"', form))
    return {"_csrf": token_in(page), **fields}


def someone(**changes):
    mark = new_id().hex
    known = {"code": mark, "name": "李雷", "email": f"{mark}@x.test", "roles": "FRONT_DESK"}
    return known | {"scope": "all"} | changes


async def invited(client, **changes):
    """The answer to an invitation, and what was sent."""
    page = (await client.get(f"{LIST}/new")).text
    sent = fields_of(page, LIST) | someone(**changes)
    return await client.post(LIST, data=sent), sent


async def id_of(client, name="李雷") -> str:
    page = (await client.get(LIST)).text
    found: list[str] = re.findall(rf'href="{LIST}/([0-9a-f-]+)">{name}', page)
    return found[0]


async def joined(client, **changes) -> str:
    """The id of somebody who was invited and came."""
    _, sent = await invited(client, **changes)
    page = (await client.get(f"/join/{sent['token']}")).text
    fields = fields_of(page, f"/join/{sent['token']}")
    answer = await client.post(
        f"/join/{sent['token']}",
        data=fields | {"name": sent["name"], "language": "en", "password": "long enough"},
    )
    assert answer.headers["location"] == "/sign-in"
    return await id_of(client, sent["name"])


async def act(client, staff_id, act, page=None):
    page = page or (await client.get(f"{LIST}/{staff_id}")).text
    return await client.post(
        f"{LIST}/{staff_id}/{act}", data=fields_of(page, f"{LIST}/{staff_id}/{act}")
    )


async def test_the_link_is_shown_once_and_stands_nowhere_else(owner, desk_client):
    answer, sent = await invited(desk_client)
    link = f"http://shop.test/join/{sent['token']}"
    assert answer.status_code == 200
    assert f'value="{link}"' in answer.text
    staff_id = await id_of(desk_client)
    for page in (LIST, f"{LIST}/{staff_id}"):
        shown = (await desk_client.get(page)).text
        assert sent["token"] not in shown
        assert "已邀请" in shown


async def test_an_invitation_sent_twice_is_one(owner, desk_client):
    answer, sent = await invited(desk_client)
    again = await desk_client.post(LIST, data=sent)
    assert again.text.count(sent["token"]) == answer.text.count(sent["token"]) == 1
    assert (await desk_client.get(LIST)).text.count(">李雷</a>") == 1


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"roles": ""}, "roles", "请填写“岗位”"),
        ({"email": "nobody"}, "email", "邮箱格式不正确"),
        ({"scope": "some"}, "branches", None),
        ({"roles": "AUDITOR"}, "roles", "权限"),
    ],
)
async def test_what_is_wrong_stands_beside_its_field(owner, desk_client, changes, field, words):
    answer, sent = await invited(desk_client, **changes)
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text
    assert sent["email"] in answer.text
    if words:
        assert words in answer.text


async def test_whoever_holds_the_link_joins_with_their_own_password(
    owner, desk_client, auth_engine
):
    _, sent = await invited(desk_client)
    path = f"/join/{sent['token']}"
    page = (await desk_client.get(f"{path}?lang=en")).text
    assert "Join Test company" in page
    assert "Front desk" in page
    short = await desk_client.post(
        path, data=fields_of(page, path) | {"name": "Li", "language": "en", "password": "short"}
    )
    assert short.status_code == 422
    assert "8" in short.text
    answer = await desk_client.post(
        path, data=fields_of(page, path) | {"name": "Li", "language": "en", "password": " spaced "}
    )
    assert answer.status_code == 303
    assert "欢迎加入" in (await desk_client.get("/sign-in")).text
    async with global_work(auth_engine) as session:
        account = await find_account(session, sent["email"])
    assert (await prove(account, " spaced ")).language == "en"
    used = await desk_client.get(path)
    assert (used.status_code, "链接已失效" in used.text) == (410, True)


@pytest.mark.parametrize("door", ["join", "password"])
async def test_an_invented_link_opens_nothing(owner, desk_client, door):
    answer = await desk_client.get(f"/{door}/{'x' * 43}")
    assert answer.status_code == 410


async def test_roles_are_changed_and_the_log_says_so(owner, desk_client, company):
    staff_id = await joined(desk_client)
    page = (await desk_client.get(f"{LIST}/{staff_id}")).text
    action = f"{LIST}/{staff_id}/rights"
    branch = company.branches[0]
    answer = await desk_client.post(
        action,
        data=fields_of(page, action)
        | {"roles": ["TECHNICIAN"], "scope": "some", "branches": str(branch.id)},
    )
    assert answer.status_code == 303
    page = (await desk_client.get(f"{LIST}/{staff_id}")).text
    assert re.search(r'value="TECHNICIAN" checked', page)
    assert re.search(rf'value="{branch.id}" checked', page)
    assert "岗位或网点已修改" in page


async def test_deactivation_is_undone_from_the_same_page(owner, desk_client):
    staff_id = await joined(desk_client)
    assert (await act(desk_client, staff_id, "deactivation")).status_code == 303
    assert "李雷" not in (await desk_client.get(LIST)).text.replace("李雷已停用", "")
    assert "李雷" in (await desk_client.get(f"{LIST}?view=left")).text
    assert (await act(desk_client, staff_id, "activation")).status_code == 303
    assert "李雷" in (await desk_client.get(LIST)).text


async def test_a_new_password_is_set_behind_a_link_shown_once(owner, desk_client, auth_engine):
    staff_id = await joined(desk_client)
    answer = await act(desk_client, staff_id, "password")
    (token,) = re.findall(r"shop.test/password/([\w-]+)", answer.text)
    path = f"/password/{token}"
    page = (await desk_client.get(path)).text
    (email,) = re.findall(r"[0-9a-f]{32}@x.test", page)
    done = await desk_client.post(path, data=fields_of(page, path) | {"password": "another one"})
    assert done.headers["location"] == "/sign-in"
    async with global_work(auth_engine) as session:
        account = await find_account(session, email)
    assert await prove(account, "another one")
    assert (await desk_client.get(path)).status_code == 410


async def test_an_invitation_is_withdrawn_after_a_question(owner, desk_client):
    _, sent = await invited(desk_client)
    staff_id = await id_of(desk_client)
    page = (await desk_client.get(f"{LIST}/{staff_id}/withdrawal")).text
    assert sent["email"] in page
    assert (await act(desk_client, staff_id, "withdrawal", page)).status_code == 303
    assert (await desk_client.get(f"/join/{sent['token']}")).status_code == 410


async def test_a_new_link_replaces_the_old(owner, desk_client):
    _, sent = await invited(desk_client)
    answer = await act(desk_client, await id_of(desk_client), "link")
    (token,) = re.findall(r"shop.test/join/([\w-]+)", answer.text)
    assert (await desk_client.get(f"/join/{sent['token']}")).status_code == 410
    assert (await desk_client.get(f"/join/{token}")).status_code == 200


async def test_a_person_without_an_account_is_shown_without_buttons(owner, desk_client, company):
    async with company.at_work() as history:
        row = Staff(tenant_id=company.tenant_id, id=new_id(), code="E1", name="老王")
        await history.make.save(row)
    page = (await desk_client.get(f"{LIST}/{row.id}")).text
    assert "没有账号" in page
    assert f"{LIST}/{row.id}/rights" not in page


async def test_nobody_else_comes_to_these_pages(owner, doors, desk_client, company):
    doors.actors["one"] = company.actor(frozenset(Permission) - {Permission.MANAGE_STAFF})
    for path in (LIST, f"{LIST}/new", f"{LIST}/{UUID(int=1)}", "/admin/roles"):
        assert (await desk_client.get(path)).status_code == 403
    page = (await desk_client.get("/orders")).text
    assert LIST not in page
    sent = {"_csrf": token_in(page)} | someone()
    assert (await desk_client.post(LIST, data=sent)).status_code in {403, 422}


async def test_who_is_unknown_is_not_found(owner, desk_client):
    assert (await desk_client.get(f"{LIST}/{new_id()}")).status_code == 404
    sent = {"_csrf": token_in((await desk_client.get(f"{LIST}/new")).text), "_idem": "k"}
    answer = await desk_client.post(f"{LIST}/{new_id()}/deactivation", data=sent)
    assert answer.status_code == 404
    answer = await desk_client.post(f"{LIST}/{new_id()}/promotion", data=sent)
    assert answer.status_code == 404


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_roles_may_is_said_in_every_language(owner, desk_client, language):
    page = unescape((await desk_client.get(f"/admin/roles?lang={language}")).text)
    for permission in Permission:
        words = find_sentence(language, f"permission.{permission.value}")
        assert words, permission
        assert words in page or permission is Permission.ADHOC_DOCUMENTS
    assert page.count('scope="col"') == 11


async def test_an_invitation_that_ran_out_says_so(owner, desk_client, auth_engine, company):
    _, sent = await invited(desk_client)
    staff_id = await id_of(desk_client)
    async with unit_of_work(auth_engine, company.tenant_id) as session:
        waiting = await find_open_invitation(session, company.actor(), UUID(staff_id))
        assert waiting is not None
        waiting.expires_at -= timedelta(days=8)
    assert "邀请已过期" in (await desk_client.get(f"{LIST}/{staff_id}")).text
    assert (await desk_client.get(f"/join/{sent['token']}")).status_code == 410
