"""The claims of a company: lists, what is missing, filing several at once."""

import csv
import io
import re

import pytest

from serviceco.core.actor import Permission
from tests.billing.counter import BATTERY, COVERED
from tests.web.claims_desk import open_claims_desk
from tests.web.test_pages import token_in


@pytest.fixture
async def claims(company):
    return await open_claims_desk(company)


def listed(page: str) -> list[str]:
    """The claims of a page, in their order."""
    return re.findall(r'<a class="mono nowrap" href="/hq/claims/([\w-]+)"', page)


def confirmation(page: str) -> dict[str, object]:
    """What the form of a page sends."""
    return {
        "_csrf": token_in(page),
        "_idem": re.findall(r'name="_idem" value="([^"]+)"', page)[-1],
        "claim": re.findall(r'name="claim" value="([^"]+)"', page),
    }


async def test_claims_are_summed_by_brand_and_status(claims, desk_client):
    await claims.claim(COVERED)
    await claims.claim(COVERED, BATTERY)
    await claims.claim(BATTERY, complete=False)
    page = (await desk_client.get("/hq/claims")).text
    assert len(listed(page)) == 3
    assert "¥430.00</a>" in page
    assert "¥310.00</a>" in page
    assert "补拍机号照片" in page


async def test_a_list_is_narrowed_by_status_and_brand(claims, desk_client, company):
    complete = await claims.claim()
    await claims.claim(complete=False)
    page = (await desk_client.get(f"/hq/claims?status=open&brand={company.brand.id}")).text
    assert listed(page) == [str(complete.id)]
    assert f'href="/hq/claims?status=open">{company.brand.names["zh-Hans"]}' in page


async def test_a_claim_shows_each_line_with_what_carries_it(claims, desk_client):
    claim = await claims.claim(COVERED, BATTERY)
    page = (await desk_client.get(f"/hq/claims/{claim.id}")).text
    assert "在保修期内" in page
    assert page.count("north-phones 2026.1") == 2
    assert "¥370.00" in page


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-Hans", "补拍机号照片"),
        ("zh-Hant", "補拍序號照片"),
        ("en", "Add a photo of the serial number"),
    ],
)
async def test_what_is_missing_is_said_with_how_to_mend_it(claims, desk_client, language, words):
    claim = await claims.claim(complete=False)
    page = (await desk_client.get(f"/hq/claims/{claim.id}?lang={language}")).text
    assert f"<li>{words}</li>" in page
    assert "/hq/claims/submission" not in page


async def test_checking_again_after_mending_makes_a_claim_ready(claims, desk_client):
    claim = await claims.claim(complete=False)
    await claims.add_photo(claim)
    page = (await desk_client.get(f"/hq/claims/{claim.id}")).text
    answer = await desk_client.post(
        f"/hq/claims/{claim.id}/check", data=confirmation(page) | {"claim": []}
    )
    assert answer.status_code == 303
    checked = (await desk_client.get(answer.headers["location"])).text
    assert "已重新校验，资料齐全" in checked
    assert f"/hq/claims/submission?id={claim.id}" in checked


async def test_submitting_names_how_many_and_how_much_and_does_it_once(claims, desk_client):
    chosen = [await claims.claim(COVERED), await claims.claim(BATTERY)]
    page = await desk_client.get("/hq/claims/submission", params={"id": [c.id for c in chosen]})
    assert "提交 2 单 ¥370.00" in page.text
    sent = confirmation(page.text)
    for _ in range(2):
        answer = await desk_client.post("/hq/claims/submission", data=sent)
        assert answer.headers["location"] == "/hq/claims?status=submitted"
    assert len(listed((await desk_client.get("/hq/claims?status=submitted")).text)) == 2


async def test_a_claim_that_is_refused_stays_on_the_page_with_its_reason(claims, desk_client):
    complete, lacking = await claims.claim(), await claims.claim(complete=False)
    ids = {"id": [complete.id, lacking.id]}
    page = (await desk_client.get("/hq/claims/submission", params=ids)).text
    answer = await desk_client.post("/hq/claims/submission", data=confirmation(page))
    assert answer.status_code == 422
    assert listed(answer.text) == [str(lacking.id)]
    assert "1 单未能提交" in answer.text
    assert listed((await desk_client.get("/hq/claims?status=submitted")).text) == [str(complete.id)]


async def test_a_claim_that_changed_since_it_was_seen_is_not_submitted(claims, desk_client):
    claim = await claims.claim()
    page = (await desk_client.get(f"/hq/claims/submission?id={claim.id}")).text
    outdated = confirmation(page) | {"claim": [f"{claim.id}:{claim.version - 1}"]}
    answer = await desk_client.post("/hq/claims/submission", data=outdated)
    assert answer.status_code == 422
    assert listed(answer.text) == [str(claim.id)]


async def test_nothing_to_submit_is_no_page(desk_client):
    assert (await desk_client.get("/hq/claims/submission?id=nonsense")).status_code == 404


async def test_the_file_holds_amounts_with_their_currency(claims, desk_client):
    await claims.claim(COVERED, complete=False)
    answer = await desk_client.get("/hq/claims.csv?lang=en")
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["Amount"], row["To mend"]) == ("CNY 60.00", "Add a photo of the serial number")


async def test_who_may_not_file_reads_without_the_means_to_submit(
    claims, desk_client, office, company
):
    claim = await claims.claim()
    office.actors["one"] = company.actor(frozenset(Permission) - {Permission.SUBMIT_CLAIM})
    assert 'type="checkbox"' not in (await desk_client.get("/hq/claims")).text
    page = (await desk_client.get(f"/hq/claims/{claim.id}")).text
    assert "/hq/claims/submission" not in page


async def test_claims_need_their_permission(desk_client, office, company):
    office.actors["one"] = company.actor(frozenset(Permission) - {Permission.READ_CLAIMS})
    assert (await desk_client.get("/hq/claims")).status_code == 403
