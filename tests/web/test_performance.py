"""The performance page over roll-ups of real orders: figures, links to their orders, files."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from serviceco.core.actor import Permission
from serviceco.policy.words import Coverage
from serviceco.repairs.words import Origin, Outcome, RepairStatus
from serviceco.reports.rollups import rebuild
from tests.web.test_board import numbers_in

NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)
MARCH = "from=2026-03-01&to=2026-03-31"


@pytest.fixture
async def march(company):
    """Three orders of two branches in March, one of them history, and one in February."""

    async def closed(**columns):
        return await company.order(
            **{
                "status": RepairStatus.CLOSED,
                "received_at": NOON - timedelta(hours=30),
                "ready_at": NOON - timedelta(hours=1),
                "closed_at": NOON,
                "outcome": Outcome.REPAIRED,
                "coverage": Coverage.IN_WARRANTY,
                "brand": company.brand,
                "brand_minor": 18_000,
            }
            | columns
        )

    orders = {
        "covered": await closed(promised_at=NOON),
        "paid": await closed(branch=1, coverage=Coverage.PAID, customer_minor=5_000, brand=None),
        "history": await closed(
            branch=1,
            origin=Origin.IMPORT,
            outcome=Outcome.UNKNOWN,
            coverage=Coverage.UNDECIDED,
            ready_at=None,
            received_at=NOON,
            brand_minor=0,
        ),
        "february": await closed(
            received_at=NOON - timedelta(days=22), closed_at=NOON - timedelta(days=20)
        ),
    }
    async with company.at_work() as history:
        await rebuild(history.make.session)
    return {name: order.number for name, order in orders.items()}


def tiles_in(page: str) -> dict[str, str]:
    """The tiles of a page: name and value."""
    return dict(
        re.findall(r'class="tile"><span class="label">(.*?)</span><span class="value">(.*?)<', page)
    )


async def test_the_tiles_show_the_period_against_the_one_before(march, desk_client):
    page = (await desk_client.get(f"/hq/performance?lang=en&{MARCH}")).text
    shown = tiles_in(page)
    assert (shown["Received"], shown["Closed"]) == ("3", "3")
    assert (shown["On-time rate"], shown["Warranty revenue"]) == ("100.0%", "¥360.00")
    assert shown["Paid revenue"] == "¥50.00"
    assert "recorded for 2 of 3" in page
    assert "↑ 2 (+200.0%)" in page


async def test_every_number_of_the_table_leads_to_exactly_its_orders(march, desk_client):
    page = (await desk_client.get(f"/hq/performance?{MARCH}")).text
    links = re.findall(r'<a href="(/orders\?[^"]+)">(\d+)</a>', page)
    assert len(links) > 10
    for address, count in set(links):
        found = numbers_in((await desk_client.get(unescape(address))).text)
        assert len(found) == int(count), address
    unknown = [
        address for address, _ in links if "brand=unknown" in address and "cov=paid" in address
    ]
    assert numbers_in((await desk_client.get(unescape(unknown[0]))).text) == [march["paid"]]


async def test_history_shows_that_turnaround_and_coverage_were_not_recorded(march, desk_client):
    page = (await desk_client.get(f"/b/sh02/performance?{MARCH}")).text
    assert "周期未记录" in page
    assert "未记录</th>" in page


async def test_a_branch_whose_brands_nobody_knows_is_one_line(company, desk_client):
    await company.order(
        origin=Origin.IMPORT,
        status=RepairStatus.CLOSED,
        received_at=NOON,
        closed_at=NOON,
        coverage=Coverage.UNDECIDED,
    )
    async with company.at_work() as history:
        await rebuild(history.make.session)
    page = (await desk_client.get(f"/hq/performance?{MARCH}")).text
    assert 'class="branch"' in page
    assert 'class="sub"' not in page


async def test_a_coverage_narrows_closed_work_and_its_links(march, desk_client):
    page = (await desk_client.get(f"/hq/performance?lang=en&cov=paid&{MARCH}")).text
    assert tiles_in(page)["Closed"] == "1"
    assert "devices taken in are not" in page
    assert all("cov=paid" in link for link in re.findall(r'/orders\?[^"]*closed_from[^"]*', page))


async def test_one_brand_may_be_asked_for(march, desk_client, company):
    page = (await desk_client.get(f"/hq/performance?lang=en&brand={company.brand.id}&{MARCH}")).text
    assert tiles_in(page)["Closed"] == "2"


async def test_the_page_of_a_branch_is_about_that_branch(march, desk_client):
    assert (
        tiles_in((await desk_client.get(f"/b/sh01/performance?lang=en&{MARCH}")).text)["Closed"]
        == "1"
    )


async def test_the_charts_stand_as_tables_without_scripts(march, desk_client):
    page = (await desk_client.get(f"/hq/performance?lang=en&{MARCH}")).text
    assert '<details id="volume-table" open>' in page
    assert "9 Mar 2026" in page
    assert "1 d – 3 d" in page


async def test_the_file_holds_one_line_per_branch_and_brand(march, desk_client, company):
    answer = await desk_client.get(f"/hq/performance.csv?lang=en&{MARCH}")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    found = {(row["Service point"], row["Brand"]): row for row in rows}
    covered = found["sh01", company.brand.name]
    assert (covered["Closed"], covered["In warranty"]) == ("1", "1")
    assert (covered["Warranty revenue"], covered["Currency"]) == ("180.00", "CNY")
    assert found["sh02", "Brand not known"]["Paid revenue"] == "50.00"


async def test_money_is_not_shown_to_whom_may_not_read_it(march, desk_client, office, company):
    office.actors["one"] = company.actor(frozenset(Permission) - {Permission.READ_MONEY})
    page = (await desk_client.get(f"/hq/performance?lang=en&{MARCH}")).text
    assert "Warranty revenue" not in page
    assert "¥" not in page


async def test_days_in_the_wrong_order_are_said_beside_the_field(desk_client):
    answer = await desk_client.get("/hq/performance?lang=en&from=20260302&to=20260301")
    assert answer.status_code == 422
    assert re.search(r'<a href="#f-to">[^<]+: The last day lies before the first</a>', answer.text)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-Hans", "这段时间没有受理也没有交付"),
        ("zh-Hant", "這段期間沒有收件也沒有結案"),
        ("en", "Nothing was received or closed in this period"),
    ],
)
async def test_an_empty_period_says_so(desk_client, language, words):
    assert words in (await desk_client.get(f"/hq/performance?lang={language}")).text


async def test_reports_need_their_permission_and_their_branch(desk_client, office, company):
    office.actors["one"] = company.actor(branch_ids=frozenset({company.branches[0].id}))
    assert (await desk_client.get("/b/sh02/performance")).status_code == 404
    office.actors["one"] = company.actor(frozenset(Permission) - {Permission.READ_REPORTS})
    assert (await desk_client.get("/hq/performance")).status_code == 403


async def test_the_drawing_library_is_kept_for_ever_and_small_enough(desk_client):
    page = (await desk_client.get("/hq/performance")).text
    (address,) = re.findall(r'src="(/static/drawing/[^"]+)"', page)
    answer = await desk_client.get(address)
    assert "immutable" in answer.headers["cache-control"]
    assert 500_000 < len(answer.content) < 1_000_000
