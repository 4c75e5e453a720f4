"""Pages of webhooks: the secret is shown once, everything is refused where it must be."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from serviceco.core.actor import Permission
from serviceco.core.ids import new_id
from serviceco.exchange.rules.webhooks import message
from serviceco.exchange.webhook_tables import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from serviceco.exchange.words.webhooks import (
    BRAND_KINDS,
    KINDS,
    CallFailure,
    DeliveryStatus,
    EndpointStatus,
)
from serviceco.storage.unit_of_work import unit_of_work
from serviceco.web import webhooks
from tests.web.company import found_company

URL = "https://hooks.example.com/in"


def hidden(page: str, action: str) -> dict[str, str]:
    """The token, the key and the version of the form that is sent to an address."""
    form = page[page.index(f'action="{action}"') :]
    form = form[: form.index("</form>")]
    return dict(
        re.findall(r'name="(_csrf|_idem|_ver|secret)"(?: id="[^"]*")? value="([^"]*)"', form)
    )


async def sent(client, action: str, page: str | None = None, *, at: str = "", **fields: object):
    page = page or (await client.get(at or action)).text
    return await client.post(action, data=hidden(page, action) | fields)


@pytest.fixture
def stored(engine, company):
    async def read(table):
        async with unit_of_work(engine, company.tenant_id) as session:
            query = select(table).where(table.tenant_id == company.tenant_id)
            return list(await session.scalars(query.order_by(table.id)))

    return read


@pytest.fixture
async def endpoint(desk_client, stored) -> WebhookEndpoint:
    """A webhook as a person adds it on the page."""
    page = (await desk_client.get("/admin/webhooks/new")).text
    secret = re.search(r"whsec_[A-Za-z0-9+/=]{44}", page)
    assert secret
    answer = await sent(
        desk_client,
        "/admin/webhooks",
        page,
        url=URL,
        kinds=["repair.received"],
        description="ERP",
        secret=secret[0],
    )
    assert answer.status_code == 303, answer.text
    made: WebhookEndpoint
    [made] = await stored(WebhookEndpoint)
    shown = (await desk_client.get(answer.headers["location"])).text
    assert secret[0] not in shown
    return made


@pytest.fixture
async def delivery(company, endpoint) -> WebhookDelivery:
    """A message that was given up."""
    at = datetime.now(UTC)
    async with company.at_work() as history:
        row: WebhookDelivery = await history.make.save(
            WebhookDelivery(
                tenant_id=company.tenant_id,
                id=new_id(),
                endpoint_id=endpoint.id,
                message_id=new_id(),
                topic="repair.received",
                body=message("repair.received", {"number": "261122000016"}, at=at),
                status=DeliveryStatus.FAILED,
                attempts=10,
                created_at=at - timedelta(hours=1),
                due_at=at,
                tried_at=at,
                response_code=500,
                answer="<b>oh no</b>",
                failure=CallFailure.STATUS,
                duration_ms=12,
            )
        )
        for attempt, answer in ((9, "later"), (10, "<b>oh no</b>")):
            await history.make.save(
                WebhookAttempt(
                    tenant_id=company.tenant_id,
                    id=new_id(),
                    delivery_id=row.id,
                    attempt=attempt,
                    tried_at=at,
                    response_code=500,
                    answer=answer,
                    failure=CallFailure.STATUS,
                    duration_ms=12,
                )
            )
        return row


def test_the_page_offers_what_there_is():
    assert (webhooks.KINDS, webhooks.BRAND_KINDS) == (KINDS, BRAND_KINDS)


async def test_the_list_says_so_when_there_is_none(desk_client):
    page = await desk_client.get("/admin/webhooks")
    assert page.status_code == 200
    assert "/admin/webhooks/new" in page.text


async def test_a_webhook_is_added_and_shown(desk_client, endpoint):
    assert endpoint.kinds == ["repair.received"]
    page = (await desk_client.get("/admin/webhooks")).text
    assert URL in page
    assert "ERP" in page


@pytest.mark.parametrize(
    ("url", "kinds"),
    [("", ["repair.received"]), (URL, []), ("https://10.0.0.1/", ["repair.quoted"])],
)
async def test_a_wrong_form_comes_back_with_its_secret(desk_client, stored, url, kinds):
    page = (await desk_client.get("/admin/webhooks/new")).text
    answer = await sent(desk_client, "/admin/webhooks", page, url=url, kinds=kinds)
    assert answer.status_code == 422
    assert hidden(page, "/admin/webhooks")["secret"] in answer.text
    assert await stored(WebhookEndpoint) == []


async def test_a_webhook_is_changed_and_not_over_somebody_elses_change(
    desk_client, endpoint, stored
):
    home = f"/admin/webhooks/{endpoint.id}"
    page = (await desk_client.get(home)).text
    changed = await sent(desk_client, home, page, url=f"{URL}/2", kinds=["repair.quoted"])
    assert changed.status_code == 303
    again = await sent(desk_client, home, page, url=f"{URL}/3", kinds=["repair.quoted"])
    assert again.status_code in {409, 422}
    [row] = await stored(WebhookEndpoint)
    assert (row.url, row.kinds) == (f"{URL}/2", ["repair.quoted"])


async def test_a_webhook_is_paused_resumed_tested_and_rotated(desk_client, endpoint, stored):
    home = f"/admin/webhooks/{endpoint.id}"
    assert (await sent(desk_client, f"{home}/test", at=home)).status_code == 303
    assert [row.topic for row in await stored(WebhookDelivery)] == ["webhook.test"]
    assert (await sent(desk_client, f"{home}/pause", at=home)).status_code == 303
    assert (await stored(WebhookEndpoint))[0].status is EndpointStatus.PAUSED
    assert (await sent(desk_client, f"{home}/resumption", at=home)).status_code == 303
    [row] = await stored(WebhookEndpoint)
    assert row.status is EndpointStatus.ACTIVE
    assert (await sent(desk_client, f"{home}/secret", at=home)).status_code == 303
    [rotated] = await stored(WebhookEndpoint)
    assert rotated.old_secret == row.secret
    assert rotated.secret != row.secret


async def test_a_paused_webhook_takes_no_test(desk_client, endpoint):
    home = f"/admin/webhooks/{endpoint.id}"
    page = (await desk_client.get(home)).text
    await sent(desk_client, f"{home}/pause", page)
    answer = await sent(desk_client, f"{home}/test", page)
    assert answer.status_code == 422
    assert "未启用" in answer.text


async def test_a_webhook_is_removed_only_by_who_is_sure(desk_client, endpoint, stored):
    home = f"/admin/webhooks/{endpoint.id}"
    assert (await sent(desk_client, f"{home}/removal", at=home)).status_code == 422
    assert (await sent(desk_client, f"{home}/removal", at=home, sure="1")).status_code == 303
    assert (await desk_client.get(home)).status_code == 404
    [row] = await stored(WebhookEndpoint)
    assert (row.status, row.secret) == (EndpointStatus.REMOVED, "")


async def test_a_delivery_shows_what_was_said_and_is_sent_again(desk_client, delivery, stored):
    place = f"/admin/webhooks/deliveries/{delivery.id}"
    page = (await desk_client.get(place)).text
    assert "261122000016" in page
    assert page.index("&lt;b&gt;oh no") < page.index("later")
    assert page.count("12 毫秒") == 3
    assert (await sent(desk_client, f"{place}/replay", at=place)).status_code == 303
    [row] = await stored(WebhookDelivery)
    assert (row.status, row.attempts) == (DeliveryStatus.PENDING, 0)


async def test_everything_failed_is_sent_again(desk_client, delivery, endpoint, stored):
    home = f"/admin/webhooks/{endpoint.id}"
    link = f"/admin/webhooks/deliveries/{delivery.id}"
    assert link in (await desk_client.get(f"{home}?status=failed")).text
    assert link not in (await desk_client.get(f"{home}?status=delivered")).text
    assert (await sent(desk_client, f"{home}/replay", at=home, days="1")).status_code == 303
    assert [row.status for row in await stored(WebhookDelivery)] == [DeliveryStatus.PENDING]


async def test_a_webhook_that_stopped_is_told_on_the_first_page(
    desk_client, endpoint, engine, company
):
    async with unit_of_work(engine, company.tenant_id) as session:
        row = await session.get_one(WebhookEndpoint, (company.tenant_id, endpoint.id))
        row.status, row.stopped_at = EndpointStatus.FAILING, datetime.now(UTC)
    assert "连续失败三天" in (await desk_client.get("/admin/webhooks")).text


async def test_who_does_not_manage_webhooks_sees_and_does_nothing(
    desk_client, office, endpoint, company
):
    home = f"/admin/webhooks/{endpoint.id}"
    page = (await desk_client.get(home)).text
    office.actors["one"] = company.actor(frozenset(Permission) - {Permission.MANAGE_WEBHOOKS})
    for place in ("/admin/webhooks", "/admin/webhooks/new", home):
        assert (await desk_client.get(place)).status_code == 403
    assert (await sent(desk_client, f"{home}/pause", page)).status_code == 403


async def test_another_companys_webhook_does_not_exist(
    desk_client, office, endpoint, engine, admin_engine
):
    office.actors["one"] = (await found_company(engine, admin_engine)).actor()
    assert (await desk_client.get(f"/admin/webhooks/{endpoint.id}")).status_code == 404
