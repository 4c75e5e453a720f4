"""Brand names as printed: proposals, decisions, and what cannot be decided."""

import re
from uuid import UUID

import pytest

from serviceco.core.actor import Permission
from serviceco.core.ids import new_id
from serviceco.customers.tables import Device
from serviceco.tenancy.rules import fold_spelling
from serviceco.tenancy.tables import BrandAlias
from tests.web.test_pages import token_in

LIST = "/admin/brand-aliases"


@pytest.fixture
async def printed(company):
    """A name that is nearly the brand's, and one that is like none; the brand is under contract."""
    async with company.at_work() as history:
        await history.make.contract(brand=company.brand)
        rows = {
            name: BrandAlias(
                tenant_id=company.tenant_id,
                id=new_id(),
                spelling=fold_spelling(name),
                printed=name,
            )
            for name in ("XINGHEE", "Acme")
        }
        for row in rows.values():
            await history.make.save(row)
    return {name: str(row.id) for name, row in rows.items()}


def form_of(page: str, alias_id: str) -> dict[str, str]:
    """The form of one name as the page holds it."""
    (form,) = re.findall(rf'action="{LIST}/{alias_id}".*?</form>', page, re.DOTALL)
    fields = dict(re.findall(r'name="(_idem|_ver|back)" value="([^"]*)"', form))
    return {"_csrf": token_in(page), **fields}


async def decided(client, alias_id, **choice):
    page = (await client.get(LIST)).text
    return await client.post(f"{LIST}/{alias_id}", data=form_of(page, alias_id) | choice)


async def test_a_name_is_offered_the_brands_it_is_like_as_buttons(printed, desk_client, company):
    page = (await desk_client.get(LIST)).text
    assert f'value="{company.brand.id}">Xinghe 92%</button>' in page
    # One for each name, and one for those that are ticked.
    assert page.count('<button class="button" name="brand" value="chosen">') == 3
    assert "待确认 2" in page


async def test_names_are_found_by_how_they_begin_however_spelled(printed, desk_client):
    page = (await desk_client.get(f"{LIST}?q=xing-H")).text
    assert re.findall(r"<strong>(.*?)</strong>", page) == ["XINGHEE"]
    assert f'name="back" value="{LIST}?q=xing-H"' in page


async def test_one_click_takes_a_proposal(printed, desk_client, company):
    answer = await decided(desk_client, printed["XINGHEE"], brand=str(company.brand.id))
    assert answer.headers["location"] == LIST
    page = (await desk_client.get(LIST)).text
    assert "“XINGHEE”已归入 Xinghe" in page
    assert "待确认 1" in page
    assert "<strong>XINGHEE</strong>" in (await desk_client.get(f"{LIST}?view=decided")).text


async def test_the_form_leads_back_into_this_site_only(printed, desk_client):
    answer = await decided(
        desk_client, printed["Acme"], brand="none", back="https://elsewhere.test"
    )
    assert answer.headers["location"] == "/"


async def test_any_brand_of_the_list_may_be_taken(printed, desk_client, company):
    await decided(desk_client, printed["Acme"], brand="chosen", listed=str(company.brand.id))
    page = (await desk_client.get(f"{LIST}?view=decided")).text
    assert re.search(r"<strong>Acme</strong>.*?<span>Xinghe</span>", page, re.DOTALL)


async def test_a_name_may_mean_no_brand(printed, desk_client):
    await decided(desk_client, printed["Acme"], brand="none")
    page = (await desk_client.get(f"{LIST}?view=decided")).text
    assert "<span>不是我们的品牌</span>" in page


async def test_nothing_is_decided_before_a_brand_is_chosen(printed, desk_client):
    answer = await decided(desk_client, printed["Acme"], brand="chosen", listed="")
    assert answer.status_code == 422
    assert "请先选择品牌" in answer.text


async def test_what_somebody_decided_meanwhile_is_not_overwritten(printed, desk_client, company):
    page = (await desk_client.get(LIST)).text
    await decided(desk_client, printed["Acme"], brand="none")
    late = form_of(page, printed["Acme"]) | {"brand": str(company.brand.id)}
    answer = await desk_client.post(f"{LIST}/{printed['Acme']}", data=late)
    assert answer.status_code == 422
    assert "别人" in answer.text


@pytest.mark.parametrize(
    ("language", "words"), [("zh-Hant", "沒有待確認的品牌名稱"), ("en", "No brand name waits")]
)
async def test_when_nothing_waits_the_page_says_so(desk_client, language, words):
    assert words in (await desk_client.get(f"{LIST}?lang={language}")).text


async def test_names_need_their_permission(desk_client, office, company):
    office.actors["one"] = company.actor(frozenset(Permission) - {Permission.MANAGE_BRANDS})
    assert (await desk_client.get(LIST)).status_code == 403


def bulk_form(page: str, *names: str) -> dict[str, object]:
    """The form for several names, with those names ticked."""
    (form,) = re.findall(rf'action="{LIST}/decisions".*?</form>', page, re.DOTALL)
    ticked = [re.findall(rf'value="({name}:\d+)" form="bulk"', page)[0] for name in names]
    fields = dict(re.findall(r'name="(_idem|back)" value="([^"]*)"', form))
    return {"_csrf": token_in(page), "name": ticked, **fields}


async def test_each_name_says_how_many_orders_it_stands_for(printed, desk_client, company):
    first, second = await company.order(), await company.order()
    async with company.at_work() as history:
        for order in (first, second):
            device = await history.make.session.get(Device, (company.tenant_id, order.device_id))
            device.brand_alias_id = UUID(printed["Acme"])
    page = (await desk_client.get(LIST)).text
    rows = re.findall(
        r"<strong>(\w+)</strong>.*?data-label=\"工单数\"><span>(\d+)", page, re.DOTALL
    )
    assert dict(rows) == {"Acme": "2", "XINGHEE": "0"}


async def test_several_names_are_decided_at_once(printed, desk_client, company):
    page = (await desk_client.get(LIST)).text
    sent = bulk_form(page, *printed.values()) | {"brand": "chosen", "listed": str(company.brand.id)}
    answer = await desk_client.post(f"{LIST}/decisions", data=sent)
    assert answer.headers["location"] == LIST
    page = (await desk_client.get(LIST)).text
    assert "2 个名称已归入 Xinghe" in page
    assert "待确认 0" in page


async def test_several_names_are_decided_all_or_none(printed, desk_client):
    page = (await desk_client.get(LIST)).text
    await decided(desk_client, printed["Acme"], brand="none")
    late = bulk_form(page, *printed.values()) | {"brand": "none"}
    answer = await desk_client.post(f"{LIST}/decisions", data=late)
    assert (answer.status_code, "别人" in answer.text) == (422, True)
    assert "待确认 1" in (await desk_client.get(LIST)).text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": [], "brand": "none"}, "请先勾选名称"),
        ({"name": ["x:1", f"{new_id()}:y"], "brand": "none"}, "请先勾选名称"),
        ({"brand": "chosen", "listed": ""}, "请先选择品牌"),
    ],
)
async def test_nothing_is_decided_without_names_and_brand(printed, desk_client, changes, words):
    page = (await desk_client.get(LIST)).text
    sent = bulk_form(page, *printed.values()) | changes
    answer = await desk_client.post(f"{LIST}/decisions", data=sent)
    assert (answer.status_code, words in answer.text) == (422, True)
    assert "待确认 2" in (await desk_client.get(LIST)).text
