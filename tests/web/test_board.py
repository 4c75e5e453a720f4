"""The board over real orders: groups, views, filters, files, pages."""

import csv
import io
import re
from datetime import timedelta
from html import unescape

from serviceco.core.actor import Permission
from serviceco.policy.words import Coverage
from serviceco.repairs.tables import CustomerWords
from serviceco.repairs.words import RepairStatus
from serviceco.web.listing import PAGE_ROWS
from tests.factories import NOON

LONG_AGO = NOON - timedelta(days=900)


def numbers_in(page: str) -> list[str]:
    """The orders of a page, in their order."""
    return re.findall(r'href="/orders/(\d{12})"', page)


def counts_in(page: str) -> dict[str, int]:
    """The views of the board with their counts."""
    tabs = re.findall(r'class="tab"[^>]*>(.+?) (\d+)</a>', page)
    return {word: int(count) for word, count in tabs}


async def test_open_orders_stand_under_their_status_oldest_first(company, desk_client):
    later, earlier = await company.order(), await company.order()
    parts = await company.order(status=RepairStatus.WAITING_PARTS)
    await company.order(status=RepairStatus.CLOSED, closed_at=NOON)
    await company.order(branch=1)

    page = (await desk_client.get("/b/sh01/board")).text

    assert numbers_in(page) == [earlier.number, later.number, parts.number]
    assert re.findall(r"<span>共 (\d+) 条</span>", page) == ["2", "1"]


async def test_a_group_shows_its_first_orders_and_leads_to_the_rest(company, desk_client):
    for _ in range(9):
        await company.order()
    page = (await desk_client.get("/b/sh01/board")).text
    assert len(numbers_in(page)) == 8
    assert '<a href="/b/sh01/board?view=inspect">查看全部 9 条</a>' in page


async def test_a_view_counts_and_shows_what_it_is_about(company, desk_client, office):
    mine = await company.order(owner_staff_id=company.technician.id)
    late = await company.order(status=RepairStatus.REPAIRING, promised_at=LONG_AGO)
    ready = await company.order(status=RepairStatus.READY, promised_at=LONG_AGO)
    office.actors["one"] = company.actor(staff_id=company.technician.id)

    overdue = (await desk_client.get("/b/sh01/board?view=overdue")).text
    assert numbers_in(overdue) == [late.number]
    assert "超时" in overdue
    assert numbers_in((await desk_client.get("/b/sh01/board?view=mine")).text) == [mine.number]
    assert numbers_in((await desk_client.get("/b/sh01/board?view=ready")).text) == [ready.number]
    counts = counts_in(overdue)
    assert [counts[word] for word in ("全部", "我的", "待取", "超时")] == [3, 1, 1, 1]


async def test_a_filter_stays_in_the_address_and_can_be_taken_away(company, desk_client):
    paid = await company.order(coverage=Coverage.PAID, brand=company.brand)
    await company.order(coverage=Coverage.IN_WARRANTY, brand=company.brand)
    page = (await desk_client.get(f"/b/sh01/board?cov=paid&brand={company.brand.id}&x=1")).text
    assert numbers_in(page) == [paid.number]
    assert f'href="/b/sh01/board?brand={company.brand.id}"' in page
    assert 'href="/b/sh01/board?cov=paid"' in page
    assert f'href="/b/sh01/board.csv?cov=paid&amp;brand={company.brand.id}"' in page


async def test_what_no_filter_knows_is_ignored(company, desk_client):
    order = await company.order()
    page = await desk_client.get("/b/sh01/board?view=nonsense&cov=%00&brand=1&tech=%27")
    assert page.status_code == 200
    assert numbers_in(page.text) == [order.number]


async def test_pages_of_a_view_lead_on_and_back_without_scripts(company, desk_client):
    placed = [await company.order() for _ in range(PAGE_ROWS + 1)]
    oldest_first = [order.number for order in reversed(placed)]
    first = (await desk_client.get("/b/sh01/board?view=inspect")).text
    (older,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = (await desk_client.get(unescape(older))).text
    (newer,) = re.findall(r'rel="prev" href="([^"]+)"', second)
    assert numbers_in(first) + numbers_in(second) == oldest_first
    assert numbers_in((await desk_client.get(unescape(newer))).text) == numbers_in(first)


async def test_htmx_gets_the_results_alone(company, desk_client):
    await company.order()
    region = await desk_client.get("/b/sh01/board?view=inspect", headers={"hx-target": "results"})
    assert "<html" not in region.text
    assert 'data-announce="共 1 条"' in region.text


async def test_the_file_holds_every_order_of_the_filter(company, desk_client):
    for coverage in (Coverage.PAID, Coverage.PAID, Coverage.MIXED):
        order = await company.order(coverage=coverage)
    async with company.at_work() as history:
        words = CustomerWords(id=order.id, words="=1+1", language="en", salt=b"s" * 16)
        words.tenant_id = company.tenant_id
        await history.make.save(words)
    answer = await desk_client.get("/b/sh01/board.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["保修判定"] for row in rows] == ["部分保内", "保外（付费）", "保外（付费）"]
    assert rows[0]["故障"] == "'=1+1"
    narrowed = await desk_client.get("/b/sh01/board.csv?cov=paid")
    assert len(narrowed.text.splitlines()) == 3


async def test_an_empty_board_says_so_in_each_language(desk_client):
    for language, words in (
        ("zh-Hans", "没有未完成的工单"),
        ("zh-Hant", "沒有未完成的維修單"),
        ("en", "No open orders"),
    ):
        page = await desk_client.get(f"/b/sh01/board?lang={language}")
        assert words in page.text


async def test_a_filter_that_leaves_nothing_offers_to_clear_it(company, desk_client):
    await company.order()
    page = (await desk_client.get("/b/sh01/board?cov=goodwill")).text
    assert '<a class="button" href="/b/sh01/board">清除筛选</a>' in page


async def test_the_board_of_a_branch_out_of_scope_does_not_exist(company, desk_client, office):
    office.actors["one"] = company.actor(branch_ids=frozenset({company.branches[0].id}))
    assert (await desk_client.get("/b/sh02/board")).status_code == 404
    assert (await desk_client.get("/b/sh02/board.csv")).status_code == 404


async def test_the_board_needs_its_permission(company, desk_client, office):
    office.actors["one"] = company.actor(frozenset(Permission) - {Permission.READ_ORDERS})
    assert (await desk_client.get("/b/sh01/board")).status_code == 403
