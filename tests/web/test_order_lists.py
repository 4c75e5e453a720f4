"""The search over real orders, and the lists to which a report leads."""

from datetime import timedelta

import httpx
import pytest
from litestar.exceptions import LitestarException
from sqlalchemy import text

from serviceco.core.actor import Permission
from serviceco.core.ids import new_id
from serviceco.customers.tables import Customer, Device
from serviceco.policy.words import Coverage
from serviceco.repairs.searching import renew_search_keys
from serviceco.repairs.words import Origin, RepairStatus
from serviceco.web.order_lists import searched
from tests.factories import NOON
from tests.tenant_constant import unwatched
from tests.web.house import COOKIE, app_of
from tests.web.test_board import numbers_in

IMEI = "356938035643809"


@pytest.fixture
async def known(company):
    """An order of a known customer with a known device."""
    async with company.at_work() as history:
        own = {"tenant_id": company.tenant_id, "created_at": NOON}
        customer = await history.make.save(
            Customer(**own, id=new_id(), name="王芳", phone="+8613812345678", language="zh-Hans")
        )
        device = await history.make.save(
            Device(
                **own,
                id=new_id(),
                category_id=history.category_id,
                customer_id=customer.id,
                brand_printed="Xinghe",
                serial=IMEI,
            )
        )
    other = await company.order()
    known = await company.order(customer_id=customer.id, device_id=device.id)
    async with company.at_work() as history:
        await renew_search_keys(history.make.session, [known.id, other.id])
    return known


@pytest.mark.parametrize(
    "typed",
    [IMEI, "35693803", "138 1234 5678", "+86 138-1234-5678", "5678", "王芳", "芳", "xingh 王"],
)
async def test_an_order_is_found_by_whatever_is_known_of_it(known, desk_client, typed):
    page = await desk_client.get("/orders", params={"q": typed})
    assert numbers_in(page.text) == [known.number]


async def test_an_order_is_found_by_its_number_in_groups(known, desk_client):
    spaced = f"{known.number[:6]} {known.number[6:11]} {known.number[11:]}"
    assert numbers_in((await desk_client.get("/orders", params={"q": spaced})).text) == [
        known.number
    ]


@pytest.mark.parametrize(("typed", "found"), [("13812345678", 0), ("王芳", 0), (IMEI, 1)])
async def test_who_may_not_read_customers_finds_no_order_by_them(
    known, desk_client, office, company, typed, found
):
    office.actors["one"] = company.actor(frozenset(Permission) - {Permission.READ_CUSTOMERS})
    page = await desk_client.get("/orders", params={"q": typed})
    assert (page.status_code, numbers_in(page.text)) == (200, [known.number] * found)


async def test_too_many_words_are_refused_with_a_sentence(known, desk_client):
    page = await desk_client.get("/orders", params={"q": "a b c d e f g h i"})
    assert page.status_code == 422


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("sn-7  x", "sn-7 x"),
        ("王芳 iPhone", "王芳 iPhone"),
        ("https://shop.test/o/261122000344", "261122000344"),
        ("261122 00034 4", "261122000344"),
        (IMEI, IMEI),
        ("0912 345 678", "+886912345678"),
        ("7", "7"),
    ],
)
def test_what_was_typed_is_searched_as_the_house_keeps_it(typed, kept):
    assert searched(typed, "TW") == kept


async def test_days_are_of_the_branch_and_both_in(company, desk_client):
    """NOON is noon of 22 November in Shanghai."""
    at = {"status": RepairStatus.CLOSED, "coverage": Coverage.PAID}
    midnight = NOON - timedelta(hours=12)
    before = await company.order(**at, closed_at=midnight - timedelta(seconds=1))
    first = await company.order(**at, closed_at=midnight)
    last = await company.order(**at, closed_at=midnight + timedelta(hours=23, minutes=59))
    days = {"branch": "sh01", "closed_from": "2026-11-22", "closed_to": "2026-11-22"}
    found = numbers_in((await desk_client.get("/orders", params=days)).text)
    assert set(found) == {first.number, last.number}
    assert before.number not in found


async def test_a_report_leads_to_orders_without_a_brand_and_not_cancelled(company, desk_client):
    ours = await company.order()
    await company.order(brand=company.brand)
    await company.order(status=RepairStatus.CANCELLED, closed_at=NOON)
    page = await desk_client.get("/orders?brand=unknown&flag=uncancelled")
    assert numbers_in(page.text) == [ours.number]


async def test_imported_history_shows_that_its_coverage_was_not_recorded(company, desk_client):
    await company.order(
        origin=Origin.IMPORT,
        status=RepairStatus.CLOSED,
        closed_at=NOON,
        coverage=Coverage.UNDECIDED,
    )
    page = (await desk_client.get("/orders?status=closed")).text
    assert "未记录" in page
    assert "待判定</span>" not in page


MULTIPLY = text(
    "INSERT INTO repair_order SELECT (jsonb_populate_record(o, jsonb_build_object("
    "'id', gen_random_uuid(), 'number', lpad(n::text, 12, '0')))).* "
    "FROM repair_order o, generate_series(1, :n) n WHERE o.tenant_id = :tenant"
)


async def test_a_file_does_not_stop_before_its_list_and_holds_one_page_in_memory(
    company, desk_client, office
):
    await company.order()
    async with company.at_work() as history:
        with unwatched():
            made = {"n": 5_100, "tenant": company.tenant_id}
            await history.make.session.execute(MULTIPLY, made)
    answer = await desk_client.get("/orders.csv")
    numbers = {line.split(",")[0] for line in answer.text.splitlines()[1:]}
    assert len(numbers) == 5_101
    assert "content-length" not in answer.headers


async def test_a_file_that_breaks_off_is_no_whole_file(company, office):
    for _ in range(101):
        await company.order()
    run, asked = office.run, []

    async def run_once(actor, document, variables):
        asked.append(document)
        if asked.count("OrderList") > 1:
            raise ConnectionError("the database went away")
        return await run(actor, document, variables)

    office.run = run_once
    transport = httpx.ASGITransport(app=app_of(office))
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        client.cookies.set(COOKIE, "one")
        with pytest.raises(LitestarException):
            await client.get("/orders.csv")
