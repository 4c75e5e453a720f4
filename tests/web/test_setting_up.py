"""Setting a company up on pages: service points, contracts, and the checklist."""

import re

import pytest

from serviceco.catalogue.tables import Category
from serviceco.core.actor import Permission
from serviceco.core.ids import new_id
from serviceco.storage.unit_of_work import global_work
from tests.web.test_pages import token_in


def fields_of(page: str, action: str) -> dict[str, str]:
    (form,) = re.findall(rf'action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    fields = dict(re.findall(r'name="(_idem)" value="([^"]*)"', form))
    return {"_csrf": token_in(page), **fields}


async def sent(client, page: str, action: str, **fields):
    """The answer to a form of a page."""
    shown = (await client.get(page)).text
    return await client.post(action, data=fields_of(shown, action) | fields)


async def signed(client, company, **changes) -> str:
    """The address of a new contract with the company's brand."""
    facts = {"brand": str(company.brand.id), "number": f"C-{new_id().hex}", "since": "2026-01-01"}
    answer = await sent(
        client, "/admin/contracts/new", "/admin/contracts", **facts | {"until": ""} | changes
    )
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


@pytest.fixture
async def category(admin_engine):
    code = f"c-{new_id().hex}"
    async with global_work(admin_engine) as session:
        names = {"en": "Kettle", "zh_hans": "电水壶", "zh_hant": "快煮壺"}
        session.add(Category(id=new_id(), code=code, names=names, ords_id=None))
    return code


async def test_a_service_point_is_opened_and_stands_in_the_list(desk_client):
    page, here = "/admin/branches/new", "/admin/branches"
    facts = {
        "code": "gz01",
        "name": "广州天河店",
        "zone": "Asia/Shanghai",
        "address": "天河路 1 号",
    }
    answer = await sent(desk_client, page, here, **facts)
    assert answer.headers["location"] == "/admin"
    listed = (await desk_client.get("/admin")).text
    assert "广州天河店已开设" in listed
    assert 'href="/admin/branches/gz01"' in listed
    assert "营业网点 3 个" in listed


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "sh01"}, "code"),
        ({"code": "a b"}, "code"),
        ({"code": ""}, "code"),
        ({"name": ""}, "name"),
        ({"zone": "Mars"}, "zone"),
    ],
)
async def test_what_is_no_service_point_is_said_beside_its_field(desk_client, changes, field):
    facts = {"code": "gz01", "name": "店", "zone": "Asia/Shanghai"} | changes
    answer = await sent(desk_client, "/admin/branches/new", "/admin/branches", **facts)
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text


async def test_a_service_point_is_written_anew(desk_client):
    here = "/admin/branches/sh01"
    answer = await sent(desk_client, here, here, name="人民路新店", address="", phone="")
    assert answer.headers["location"] == here
    assert "人民路新店" in (await desk_client.get(here)).text
    assert (await sent(desk_client, here, here, name="")).status_code == 422


async def test_a_service_point_with_open_orders_stays_open(desk_client, company):
    await company.order()
    here = "/admin/branches/sh01"
    answer = await sent(desk_client, here, f"{here}/closure")
    assert answer.status_code == 422
    assert "还有 1 张未完成工单" in answer.text


async def test_closing_is_undone_from_the_same_page(desk_client, office, company):
    here = "/admin/branches/sh02"
    assert (await sent(desk_client, here, f"{here}/closure")).status_code == 303
    assert "已停业" in (await desk_client.get(here)).text
    office.actors["one"] = company.actor(version=1)  # the frame is read anew
    assert (await desk_client.get("/b/sh02/board")).status_code == 404
    assert (await sent(desk_client, here, f"{here}/opening")).status_code == 303
    office.actors["one"] = company.actor(version=2)
    assert (await desk_client.get("/b/sh02/board")).status_code == 200


async def test_a_contract_is_signed_and_its_service_points_get_levels(desk_client, company):
    here = await signed(desk_client, company)
    branch = company.branches[0]
    action = f"{here}/branches/{branch.id}"
    assert (await sent(desk_client, here, action, level="2")).status_code == 303
    assert 'value="2" selected' in (await desk_client.get(here)).text
    listed = (await desk_client.get("/admin")).text
    assert "sh01 2" in listed
    assert "Xinghe：sh02 未设维修等级" in listed
    assert (await sent(desk_client, here, action, level="")).status_code == 303
    assert "sh01 2" not in (await desk_client.get("/admin")).text


async def test_a_second_contract_for_the_same_days_is_refused(desk_client, company):
    await signed(desk_client, company, number="C-1")
    facts = {"brand": str(company.brand.id), "number": "C-2", "since": "2026-05-01", "until": ""}
    answer = await sent(desk_client, "/admin/contracts/new", "/admin/contracts", **facts)
    assert answer.status_code == 422
    assert 'href="#f-since"' in answer.text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": ""}, "number"),
        ({"brand": ""}, "brand"),
        ({"since": "soon"}, "since"),
        ({"until": "2025-01-01"}, "until"),
    ],
)
async def test_what_is_no_contract_is_said_beside_its_field(desk_client, company, changes, field):
    known = {"brand": str(company.brand.id), "number": "C-9", "since": "2026-01-01", "until": ""}
    answer = await sent(desk_client, "/admin/contracts/new", "/admin/contracts", **known | changes)
    assert answer.status_code == 422
    assert f'href="#f-{field}"' in answer.text


async def test_a_contract_ends_and_goes_on(desk_client, company):
    here = await signed(desk_client, company)
    answer = await sent(desk_client, here, f"{here}/term", until="2025-12-31")
    assert (answer.status_code, "结束日期必须晚于开始日期" in answer.text) == (422, True)
    assert (await sent(desk_client, here, f"{here}/term", until="2026-02-01")).status_code == 303
    assert "未生效或已失效" in (await desk_client.get("/admin")).text
    assert (await sent(desk_client, here, f"{here}/term", until="")).status_code == 303
    assert "未生效或已失效" not in (await desk_client.get("/admin")).text


async def test_product_lines_and_their_levels_are_chosen(desk_client, company, category):
    here = await signed(desk_client, company)
    action = f"{here}/categories"
    none = await sent(desk_client, here, action, lines="some")
    assert none.status_code == 422
    kept = await sent(desk_client, here, action, lines="some", categories=category)
    assert kept.status_code == 303
    assert f'value="{category}" checked' in (await desk_client.get(here)).text
    branch = company.branches[0]
    await sent(desk_client, here, f"{here}/branches/{branch.id}", level="2")
    levels = f"{here}/branches/{branch.id}"
    assert "电水壶" in (await desk_client.get(levels)).text
    fields = {f"level-{category}": "3"}
    assert (await sent(desk_client, levels, f"{levels}/levels", **fields)).status_code == 303
    assert 'value="3" selected' in (await desk_client.get(levels)).text
    assert (await desk_client.get(f"{here}/branches/{company.branches[1].id}")).status_code == 404


async def test_the_checklist_of_a_company_that_begins_leads_on(desk_client):
    page = (await desk_client.get("/admin")).text
    assert "还没有与任何品牌签订合同" in page
    assert 'href="/admin/contracts/new"' in page
    assert "sh01：缺少可以" in page
    assert 'href="/admin/staff/new"' in page


@pytest.mark.parametrize("language", ["zh-Hant", "en"])
async def test_the_pages_speak_every_language(desk_client, company, language):
    here = await signed(desk_client, company)
    for path in ("/admin", here, "/admin/branches/sh01", "/admin/branches/new"):
        assert (await desk_client.get(f"{path}?lang={language}")).status_code == 200


async def test_who_may_not_finds_no_page_and_no_button(desk_client, office, company):
    here = await signed(desk_client, company)
    office.actors["one"] = company.actor(
        frozenset(Permission) - {Permission.MANAGE_BRANDS, Permission.MANAGE_TENANT}
    )
    for path in (
        "/admin",
        "/admin/branches/new",
        "/admin/branches/sh01",
        here,
        "/admin/contracts/new",
    ):
        assert (await desk_client.get(path)).status_code == 403
    office.actors["one"] = company.actor(frozenset(Permission) - {Permission.MANAGE_BRANDS})
    page = (await desk_client.get("/admin")).text
    assert "/admin/contracts/" not in page


async def test_what_is_unknown_is_not_found(desk_client):
    for path in ("/admin/branches/nowhere", f"/admin/contracts/{new_id()}"):
        assert (await desk_client.get(path)).status_code == 404
