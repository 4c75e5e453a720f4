"""A brand's pages: its claims and repairs, and the wall between them and a company's pages."""

import re

import pytest
from httpx import AsyncClient

from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.tenancy.rules import brand_operator
from tests.factories import Factory
from tests.web.claims_desk import file_claim
from tests.web.company import Company, Office
from tests.web.house import COOKIE

COMPANY_PAGES = (
    "/orders",
    "/hq/claims",
    "/hq/performance",
    "/admin",
    "/b/sh01/board",
    "/scan?code=1",
)


def reviewer(brand_id, *, may=(Permission.READ_CLAIMS,)) -> Actor:
    """Somebody of a brand who needs no sign-in."""
    acting = brand_operator(brand_id, "Ms Reviewer")
    return Actor(
        kind=acting.kind,
        account_id=new_id(),
        brand_id=brand_id,
        name="Ms Reviewer",
        permissions=frozenset(may),
        language="en",
    )


@pytest.fixture
async def filed(company: Company) -> str:
    """The number of an order with a paid line, whose claim was filed and told to the brand."""
    return await file_claim(company)


@pytest.fixture
async def brand_client(office: Office, desk_client: AsyncClient, company: Company) -> AsyncClient:
    """A browser of the company's brand, signed in as `brand`; others are `editor` and `other`."""
    assert company.brand is not None
    office.actors |= {
        "brand": reviewer(company.brand.id),
        "editor": reviewer(company.brand.id, may=(Permission.READ_POLICY,)),
        "other": reviewer((await _other_brand(company)).id),
    }
    desk_client.cookies.set(COOKIE, "brand")
    return desk_client


async def _other_brand(company: Company):
    async with company.at_work() as history:
        make: Factory = history.make
        return await make.brand(name="Nebula")


@pytest.fixture
def home(company: Company) -> str:
    assert company.brand is not None
    return f"/brand/{company.brand.code}"


async def test_a_reviewer_begins_at_the_claims(brand_client, home):
    assert (await brand_client.get("/")).headers["location"] == home
    assert (await brand_client.get(home)).headers["location"] == f"{home}/claims"


async def test_a_claim_is_listed_and_opens_with_its_clauses_and_evidence(brand_client, home, filed):
    page = (await brand_client.get(f"{home}/claims")).text
    (address,) = set(re.findall(rf'href="({home}/claims/[\w-]+)"', page))
    assert "Test company" in page
    assert "¥60.00" in page
    claim = (await brand_client.get(address)).text
    assert "north-phones 2026.1" in claim
    assert "Photo of the serial number" in claim
    assert f"{home}/repairs/" in claim


async def test_a_repair_is_found_by_company_and_number(brand_client, home, filed, company):
    page = (await brand_client.get(f"{home}/repairs?number={filed}")).text
    (address,) = set(re.findall(rf'href="({home}/repairs/[\w-]+/\d+)"', page))
    assert address == f"{home}/repairs/t-{company.tenant_id.hex}/{filed}"
    case = (await brand_client.get(address)).text
    assert "no_display" in case
    assert "¥60.00" in case


@pytest.mark.parametrize("path", ["claims", "repairs"])
async def test_no_page_holds_a_paid_price_or_a_word_about_the_customer(
    brand_client, home, filed, path
):
    listed = (await brand_client.get(f"{home}/{path}")).text
    found = set(re.findall(rf'href="({home}/{path}/[\w/-]+)"', listed))
    pages = [listed, *[(await brand_client.get(address)).text for address in found]]
    assert len(pages) == 2
    for page in pages:
        assert "¥80.00" not in page
        assert "display replaced" not in page
        assert "display cable torn" not in page


@pytest.mark.parametrize("path", ["claims", "repairs"])
async def test_an_empty_list_says_so_and_a_filter_that_finds_nothing_clears(
    brand_client, home, path
):
    empty = (await brand_client.get(f"{home}/{path}")).text
    assert 'class="empty"' in empty
    none = (await brand_client.get(f"{home}/{path}?number=999")).text
    assert f'href="{home}/{path}"' in none


@pytest.mark.parametrize("path", COMPANY_PAGES)
async def test_a_brand_finds_no_page_of_a_company(brand_client, path):
    assert (await brand_client.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["", "/claims", "/repairs"])
async def test_a_company_finds_no_page_of_a_brand(desk_client, home, path):
    unknown = await desk_client.get("/there-is-no-such-page")
    hidden = await desk_client.get(f"{home}{path}")
    assert (hidden.status_code, unknown.status_code) == (404, 404)


@pytest.mark.parametrize("path", ["", "/claims", "/repairs"])
async def test_another_brand_finds_nothing_here(brand_client, home, path):
    brand_client.cookies.set(COOKIE, "other")
    assert (await brand_client.get(f"{home}{path}")).status_code == 404


async def test_a_claim_of_another_brand_reads_like_none(brand_client, office, home, filed):
    page = (await brand_client.get(f"{home}/claims")).text
    (address,) = set(re.findall(rf'href="{home}(/claims/[\w-]+)"', page))
    brand_client.cookies.set(COOKIE, "other")
    own = (await brand_client.get("/")).headers["location"]
    hidden = await brand_client.get(f"{own}{address}")
    absent = await brand_client.get(f"{own}/claims/{new_id()}")
    assert (hidden.status_code, absent.status_code) == (404, 404)


async def test_a_policy_editor_reads_no_claims(brand_client, home, filed):
    brand_client.cookies.set(COOKIE, "editor")
    assert (await brand_client.get(f"{home}/claims")).status_code == 403
    page = await brand_client.get(home)
    assert page.status_code == 200
    assert "nothing here for your role" in page.text
    assert f"{home}/claims" not in page.text


@pytest.mark.parametrize(
    ("language", "word"), [("zh-Hans", "结算审核"), ("zh-Hant", "申請審核"), ("en", "Claims")]
)
async def test_the_pages_speak_three_languages(brand_client, home, language, word):
    brand_client.cookies.set("language", language)
    assert f"<h1>{word}</h1>" in (await brand_client.get(f"{home}/claims")).text


@pytest.mark.parametrize("path", ["/me", "/me/token"])
async def test_a_brands_people_keep_their_own_choices(brand_client, path):
    assert (await brand_client.get(path)).status_code == 200
