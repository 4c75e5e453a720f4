"""Pages that try a policy on past orders: begun, watched, stopped, and read to the single order."""

from datetime import date

import pytest
from sqlalchemy import select

from serviceco.billing.handover import hand_over
from serviceco.core.actor import Permission
from serviceco.core.ids import new_id
from serviceco.jobs.handlers import HANDLERS
from serviceco.ledger.operations import open_chart
from serviceco.policy.operations import publish_policy
from serviceco.policy.tables import PolicyVersion
from serviceco.reports import replays
from serviceco.reports.replay_tables import PolicyReplay
from serviceco.storage.outbox import OutboxEntry
from serviceco.storage.relay import Delivery
from serviceco.storage.unit_of_work import unit_of_work
from serviceco.tenancy.rules import system_actor
from tests.factories import Factory
from tests.repairs.shop import NOON, open_shop
from tests.reports.test_replays import shorter
from tests.web.company import found_company
from tests.web.test_webhooks import sent

LIST = "/hq/policies"


@pytest.fixture
async def versions(company, engine, admin_engine):
    """The policy by which a phone was repaired in warranty, and a shorter one that replaces it."""
    actor = system_actor(company.tenant_id)
    async with unit_of_work(engine, company.tenant_id) as session:
        make = Factory(session, company.tenant_id, admin_engine)
        await open_chart(session, actor)
        shop = await open_shop(make)
        order = await shop.ready(bought=date(2025, 12, 1))
        await hand_over(session, shop.actor, order.number, accessories=[], at=NOON)
        first = (
            await session.scalars(
                select(PolicyVersion).where(PolicyVersion.tenant_id == company.tenant_id)
            )
        ).one()
        second = await publish_policy(session, actor, shorter(first), at=NOON)
        return first, second, order.number


async def begin(client, version, **typed) -> str:
    page = f"{LIST}/{version.id}"
    answer = await sent(client, f"{page}/replays", at=page, **{"most_orders": "100"} | typed)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def work(company, engine):
    """Hear what the outbox holds, as the worker does, until it holds nothing new."""
    [handler] = [one for one in HANDLERS if one.name == "replays"]
    heard = set()
    while True:
        async with unit_of_work(engine, company.tenant_id) as session:
            rows = await session.scalars(
                select(OutboxEntry).where(
                    OutboxEntry.tenant_id == company.tenant_id,
                    OutboxEntry.topic == replays.STEP_DUE,
                )
            )
            due = [row for row in rows if row.id not in heard]
            if not due:
                return
            heard.add(due[0].id)
            word = Delivery(
                id=due[0].id, topic=due[0].topic, payload=due[0].payload, sent_at=NOON, attempt=1
            )
            await handler.hear(session, system_actor(company.tenant_id), [word], NOON)


async def test_a_version_is_tried_and_read_to_the_single_order(
    desk_client, versions, company, engine
):
    _, second, number = versions
    home = await begin(desk_client, second)
    waiting = (await desk_client.get(home)).text
    assert "已试算 0 / 1 单" in waiting
    assert 'hx-trigger="every 2s"' in waiting
    await work(company, engine)
    page = (await desk_client.get(home)).text
    assert "已完成" in page
    assert "hx-trigger" not in page.split('id="replay"')[1][:200]
    assert "−¥380.00" in page
    assert "+¥570.00" in page
    assert f"{home}/orders/{number}" in page
    why = (await desk_client.get(f"{home}/orders/{number}")).text
    assert "当时的判定" in why
    assert "超过保修期" in why
    listed = (await desk_client.get(f"{LIST}/{second.id}")).text
    assert home in listed


async def test_the_matrix_leads_to_its_orders_and_the_file_holds_them(
    desk_client, versions, company, engine
):
    _, second, number = versions
    home = await begin(desk_client, second)
    await work(company, engine)
    assert "from=in_warranty&amp;to=paid" in (await desk_client.get(home)).text
    assert number in (await desk_client.get(f"{home}?from=in_warranty&to=paid")).text
    assert number not in (await desk_client.get(f"{home}?from=paid&to=in_warranty")).text
    answer = await desk_client.get(f"{home}/orders.csv")
    assert answer.headers["content-type"].startswith("text/csv")
    [_, row] = answer.text.splitlines()
    assert row.startswith(f"{number},")
    assert row.endswith("380.00,0.00,0.00,570.00,0.00,0.00,0.00,0.00")


async def test_a_version_is_compared_with_another(desk_client, versions, company, engine):
    first, second, _ = versions
    home = await begin(desk_client, first, against=str(second.id))
    await work(company, engine)
    page = (await desk_client.get(home)).text
    assert "north-phones shorter" in page
    assert "+¥380.00" in page


async def test_a_replay_is_stopped_once(desk_client, versions):
    home = await begin(desk_client, versions[1])
    running, other = [(await desk_client.get(home)).text for _ in range(2)]
    assert (await sent(desk_client, f"{home}/cancellation", running)).status_code == 303
    page = (await desk_client.get(home)).text
    assert "已停止" in page
    assert "没有可试算的已结工单" in page
    twice = await sent(desk_client, f"{home}/cancellation", running)
    assert twice.status_code == 303
    again = await sent(desk_client, f"{home}/cancellation", other)
    assert again.status_code == 422
    assert "这次试算已经结束" in again.text


@pytest.mark.parametrize("typed", ["", "0", "many", "1000001"])
async def test_a_number_is_asked_for_beside_its_field(desk_client, versions, typed):
    page = f"{LIST}/{versions[1].id}"
    answer = await sent(desk_client, f"{page}/replays", at=page, most_orders=typed)
    assert answer.status_code == 422
    assert 'id="e-most_orders"' in answer.text


async def test_who_does_not_write_policy_tries_none_and_reads_none(
    desk_client, office, company, versions
):
    home = await begin(desk_client, versions[1])
    page = (await desk_client.get(f"{LIST}/{versions[1].id}")).text
    office.actors["one"] = company.actor({Permission.READ_POLICY})
    read = (await desk_client.get(f"{LIST}/{versions[1].id}")).text
    assert "/replays" not in read
    for place in (home, f"{home}/orders.csv", f"{home}/orders/1"):
        assert (await desk_client.get(place)).status_code == 403
    refused = await sent(desk_client, f"{LIST}/{versions[1].id}/replays", page, most_orders="1")
    assert refused.status_code == 403


async def test_another_companys_replay_does_not_exist(
    desk_client, office, versions, company, engine, admin_engine
):
    home = await begin(desk_client, versions[1])
    office.actors["one"] = (await found_company(engine, admin_engine)).actor()
    assert (await desk_client.get(home)).status_code == 404
    assert (await desk_client.get(f"{LIST}/replays/{new_id()}")).status_code == 404
    async with unit_of_work(engine, company.tenant_id) as session:
        rows = await session.scalars(
            select(PolicyReplay).where(PolicyReplay.tenant_id == company.tenant_id)
        )
        assert len(rows.all()) == 1
