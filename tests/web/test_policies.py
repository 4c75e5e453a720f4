"""Pages of policies: a version in sentences, a draft from its first line to publication."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest

from serviceco.catalogue.operations import register_category
from serviceco.core.actor import Permission
from serviceco.policy.operations import publish_policy
from serviceco.policy.packs import read_policy
from serviceco.policy.words import document_of
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.rules import system_actor
from serviceco.web.policy_rows import term_rows
from tests.web.company import found_company
from tests.web.test_webhooks import sent

LIST = "/hq/policies"


@pytest.fixture
async def version(company, engine, admin_engine):
    """A published policy of the company's brand."""
    whole = read_policy(Path("tenants/qinghe/brands/muhe.yaml"))
    parts = tuple(replace(part, models=()) for part in whole.parts)
    policy = replace(whole, brand=company.brand.code, code="muhe", parts=parts)
    actor = system_actor(company.tenant_id)
    async with global_work(admin_engine) as session:
        for code in policy.coverage:
            names = {"zh_hans": f"品类{code}", "zh_hant": code, "en": code}
            await register_category(session, actor, code, names=names)
    async with unit_of_work(engine, company.tenant_id) as session:
        return await publish_policy(session, actor, policy, at=datetime.now(UTC))


@pytest.fixture
async def draft(desk_client, version) -> str:
    """The address of a draft as somebody begins it on the page of the version."""
    home = f"{LIST}/{version.id}"
    answer = await sent(desk_client, f"{home}/drafts", at=home)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def text_of(page: str) -> str:
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert found
    return unescape(found[1])


async def saved(client, draft, change) -> str:
    page = (await client.get(draft)).text
    answer = await sent(client, draft, page, text=change(text_of(page)))
    assert answer.status_code == 303, answer.text
    return str((await client.get(draft)).text)


def renewed(text: str) -> str:
    """The pack as a new version, in force from tomorrow on."""
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date()
    text = re.sub(r"(?m)^version: .*$", "version: '2099.1'", text)
    return re.sub(r"(?m)^effective_from: .*$", f"effective_from: {tomorrow}", text)


async def test_versions_are_listed_with_where_they_stand(desk_client, version, company):
    page = (await desk_client.get(LIST)).text
    assert "muhe 2025.1" in page
    assert "生效中" in page
    assert "没有进行中的草稿" in page
    assert "1 个版本" in page


async def test_without_a_policy_the_list_says_so(desk_client):
    assert "还没有发布任何政策" in (await desk_client.get(LIST)).text


async def test_a_version_reads_as_sentences_with_its_clauses(desk_client, version):
    page = (await desk_client.get(f"{LIST}/{version.id}")).text
    for words in (
        "检测结果是：",
        "工时费 12 个月",
        "由谁承担",
        version.sha256,
    ):
        assert words in page


def test_a_category_is_called_by_its_name_or_else_its_code():
    document = document_of(read_policy(Path("tenants/qinghe/brands/muhe.yaml")))
    names = {"washing_machine": {"zh_hans": "洗衣机", "zh_hant": "洗衣機", "en": "Washing machine"}}
    shown = {row.category for row in term_rows(document, names, "en")}
    assert {"Washing machine", "refrigerator"} <= shown


async def test_a_draft_is_mended_reviewed_and_published_by_two(desk_client, office, company, draft):
    page = (await desk_client.get(draft)).text
    assert "is published; give it a new version" in page
    assert "发现 1 处错误" in page
    assert 'action="' + draft + '/submission"' not in page
    page = await saved(desk_client, draft, renewed)
    assert "检查通过，没有发现问题" in page
    assert "<ins>version: &#39;2099.1&#39;</ins>" in page
    assert (await sent(desk_client, f"{draft}/submission", at=draft)).status_code == 303
    page = (await desk_client.get(draft)).text
    assert "须由另一位同事审核发布" in page
    office.actors["one"] = company.actor()
    unticked = await sent(desk_client, f"{draft}/publication", at=draft)
    assert "请先勾选确认" in unticked.text
    answer = await sent(desk_client, f"{draft}/publication", at=draft, sure="1")
    assert answer.headers["location"] == LIST
    assert "待生效" in (await desk_client.get(LIST)).text


async def test_a_draft_given_back_tells_what_to_mend(desk_client, draft):
    await saved(desk_client, draft, renewed)
    await sent(desk_client, f"{draft}/submission", at=draft)
    assert (await sent(desk_client, f"{draft}/return", at=draft)).status_code == 422
    answer = await sent(desk_client, f"{draft}/return", at=draft, note="缺少滤网条款")
    assert answer.status_code == 303
    assert "缺少滤网条款" in (await desk_client.get(draft)).text


async def test_what_somebody_typed_is_kept_when_it_cannot_be_read_or_saved(desk_client, draft):
    stale = (await desk_client.get(draft)).text
    page = await saved(desk_client, draft, lambda _: "format: [")
    assert text_of(page).strip() == "format: ["
    refused = await sent(desk_client, draft, stale, text="typed: meanwhile")
    assert refused.status_code == 409
    assert "别人改过这条记录" in refused.text
    assert "<del>format: [</del>" in refused.text
    assert "<ins>typed: meanwhile</ins>" in refused.text
    assert text_of(refused.text).strip() == "typed: meanwhile"


async def test_who_only_reads_policy_writes_nothing(desk_client, office, company, version, draft):
    page = (await desk_client.get(draft)).text
    office.actors["one"] = company.actor({Permission.READ_POLICY})
    read = (await desk_client.get(draft)).text
    assert "<textarea" not in read
    assert (await sent(desk_client, f"{draft}/withdrawal", page)).status_code == 403
    office.actors["one"] = company.actor({Permission.READ_ORDERS})
    for place in (LIST, f"{LIST}/{version.id}", draft):
        assert (await desk_client.get(place)).status_code == 403


async def test_a_withdrawn_draft_is_no_more_edited(desk_client, draft):
    assert (await sent(desk_client, f"{draft}/withdrawal", at=draft)).status_code == 303
    page = (await desk_client.get(draft)).text
    assert "<textarea" not in page
    assert "已撤回" in page


async def test_another_companys_policy_does_not_exist(
    desk_client, office, version, draft, engine, admin_engine
):
    office.actors["one"] = (await found_company(engine, admin_engine)).actor()
    for place in (f"{LIST}/{version.id}", draft):
        assert (await desk_client.get(place)).status_code == 404
