"""A brand's pages of webhooks: the brand's own, at its own address, by who may."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from serviceco.core.actor import Permission
from serviceco.core.ids import new_id
from serviceco.exchange.webhook_tables import WebhookDelivery, WebhookEndpoint
from serviceco.exchange.words.webhooks import BRAND_KINDS, EndpointStatus
from serviceco.storage.unit_of_work import unit_of_work
from serviceco.tenancy.rules import brand_operator
from tests.web.house import COOKIE
from tests.web.test_webhooks import URL, hidden, sent

MAY = (Permission.READ_CLAIMS, Permission.MANAGE_WEBHOOKS)


def of_brand(brand_id, *may):
    """Somebody of a brand who needs no sign-in."""
    acting = brand_operator(brand_id, "Mr Systems")
    return replace(acting, account_id=new_id(), permissions=frozenset(may), language="en")


@pytest.fixture
def brand(company):
    return company.brand


@pytest.fixture
def place(brand):
    return f"/brand/{brand.code}/webhooks"


@pytest.fixture
async def brand_client(office, desk_client, company, brand):
    """A browser of the brand's administrator; `reader` and `other` may not, or elsewhere."""
    async with company.at_work() as history:
        elsewhere = await history.make.brand(name="Nebula")
    office.actors |= {
        "brand": of_brand(brand.id, *MAY),
        "reader": of_brand(brand.id, Permission.READ_CLAIMS),
        "other": of_brand(elsewhere.id, *MAY),
    }
    desk_client.cookies.set(COOKIE, "brand")
    return desk_client


@pytest.fixture
def stored(engine, brand):
    async def read(table):
        async with unit_of_work(engine, brand.id) as session:
            mine = select(table).where(table.tenant_id == brand.id)
            return list(await session.scalars(mine.order_by(table.id)))

    return read


@pytest.fixture
async def endpoint(brand_client, place, stored) -> WebhookEndpoint:
    """A webhook as somebody of the brand adds it on the page."""
    page = (await brand_client.get(f"{place}/new")).text
    answer = await sent(brand_client, place, page, url=URL, kinds=["repair.received"])
    assert answer.status_code == 303, answer.text
    made: WebhookEndpoint
    [made] = await stored(WebhookEndpoint)
    assert answer.headers["location"] == f"{place}/{made.id}"
    return made


async def test_a_brand_is_offered_what_a_brand_may_be_told(brand_client, place):
    assert place in (await brand_client.get(place)).text
    page = (await brand_client.get(f"{place}/new")).text
    offered = re.findall(r'name="kinds"[^>]*value="([^"]+)"', page)
    assert tuple(offered) == BRAND_KINDS


@pytest.mark.parametrize("kind", ["repair.quoted", "repair.approved", "repair.declined"])
async def test_what_a_customer_pays_is_no_news_for_a_brand(brand_client, place, stored, kind):
    page = (await brand_client.get(f"{place}/new")).text
    answer = await sent(brand_client, place, page, url=URL, kinds=[kind])
    assert answer.status_code == 422
    assert await stored(WebhookEndpoint) == []


async def test_the_same_form_sent_twice_adds_one(brand_client, place, stored):
    page = (await brand_client.get(f"{place}/new")).text
    given = hidden(page, place) | {"url": URL, "kinds": ["claim.submitted"]}
    answers = [await brand_client.post(place, data=given) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    assert len({one.headers["location"] for one in answers}) == 1
    assert len(await stored(WebhookEndpoint)) == 1


async def test_a_brand_changes_tests_rotates_pauses_replays_and_removes(
    brand_client, place, endpoint, stored
):
    home = f"{place}/{endpoint.id}"
    changed = await sent(brand_client, home, url=f"{URL}/2", kinds=["claim.submitted"])
    assert changed.status_code == 303
    assert (await sent(brand_client, f"{home}/test", at=home)).status_code == 303
    assert (await sent(brand_client, f"{home}/secret", at=home)).status_code == 303
    [row], [delivery] = await stored(WebhookEndpoint), await stored(WebhookDelivery)
    assert (row.url, row.kinds) == (f"{URL}/2", ["claim.submitted"])
    assert row.old_secret == endpoint.secret
    assert (await sent(brand_client, f"{home}/pause", at=home)).status_code == 303
    message = f"{place}/deliveries/{delivery.id}"
    assert message in (await brand_client.get(home)).text
    assert (await brand_client.get(message)).status_code == 200
    assert (await sent(brand_client, f"{home}/resumption", at=home)).status_code == 303
    assert (await sent(brand_client, f"{home}/removal", at=home, sure="1")).status_code == 303
    [row] = await stored(WebhookEndpoint)
    assert (row.status, row.secret) == (EndpointStatus.REMOVED, "")


async def test_who_may_not_and_who_is_elsewhere_see_and_do_nothing(
    brand_client, brand, place, endpoint, stored
):
    home = f"{place}/{endpoint.id}"
    page = (await brand_client.get(home)).text
    brand_client.cookies.set(COOKIE, "reader")
    assert place not in (await brand_client.get(f"/brand/{brand.code}/claims")).text
    for address in (place, f"{place}/new", home):
        assert (await brand_client.get(address)).status_code == 403
    assert (await sent(brand_client, f"{home}/pause", page)).status_code == 403
    brand_client.cookies.set(COOKIE, "other")
    for address in (place, home):
        assert (await brand_client.get(address)).status_code == 404
    assert (await sent(brand_client, f"{home}/pause", page)).status_code == 404
    brand_client.cookies.set(COOKIE, "one")
    assert (await brand_client.get(home)).status_code == 404
    [row] = await stored(WebhookEndpoint)
    assert row.status is EndpointStatus.ACTIVE


async def test_the_pages_of_a_company_are_none_of_a_brands(brand_client, endpoint):
    for address in ("/admin/webhooks", f"/admin/webhooks/{endpoint.id}"):
        assert (await brand_client.get(address)).status_code == 404
