from typing import Any

import pytest

from serviceco.api.service import Api
from serviceco.core.actor import Permission
from tests.api.world import Company

PAGE = """query ($first: Int, $after: String, $last: Int, $before: String, $by: BoardOrder) {
    orders(first: $first, after: $after, last: $last, before: $before, orderBy: $by) {
        edges { cursor node { number } } nodes { number }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
    }
}"""


async def page(api: Api, company: Company, document: str = PAGE, **variables: Any) -> Any:
    answer = await api.execute(company.actor(), document, variables)
    assert "errors" not in answer, answer
    return answer["data"]["orders"]


async def refusal(api: Api, company: Company, document: str = PAGE, **variables: Any) -> Any:
    answer = await api.execute(company.actor(), document, variables)
    return answer["errors"][0]["extensions"]["code"]


def numbers(found: Any) -> list[str]:
    return [node["number"] for node in found["nodes"]]


def newest_first(company: Company) -> list[str]:
    rows = sorted(company.orders, key=lambda o: (o.received_at, o.id), reverse=True)
    return [order.number for order in rows]


def by_status(company: Company) -> list[str]:
    rows = sorted(company.orders, key=lambda o: o.id)
    rows = sorted(rows, key=lambda o: o.received_at, reverse=True)
    return [order.number for order in sorted(rows, key=lambda o: o.status.value)]


@pytest.mark.parametrize(("by", "expected"), [("NEWEST", newest_first), ("BY_STATUS", by_status)])
@pytest.mark.parametrize("size", [1, 5, 6, 12, 100])
async def test_pages_from_the_front_show_every_row_once_in_order(api, fixit, by, expected, size):
    seen: list[str] = []
    after = None
    while True:
        found = await page(api, fixit, first=size, after=after, by=by)
        assert [edge["node"] for edge in found["edges"]] == found["nodes"]
        info = found["pageInfo"]
        assert info["startCursor"] == found["edges"][0]["cursor"]
        assert info["endCursor"] == found["edges"][-1]["cursor"]
        assert info["hasPreviousPage"] is (after is not None)
        assert found["totalCount"] == 12
        seen += numbers(found)
        after = info["endCursor"]
        if not info["hasNextPage"]:
            break
    assert seen == expected(fixit)


@pytest.mark.parametrize(("by", "expected"), [("NEWEST", newest_first), ("BY_STATUS", by_status)])
@pytest.mark.parametrize("size", [1, 5, 12])
async def test_pages_from_the_back_show_every_row_once_in_order(api, fixit, by, expected, size):
    seen: list[str] = []
    before = None
    while True:
        found = await page(api, fixit, last=size, before=before, by=by)
        info = found["pageInfo"]
        assert info["startCursor"] == found["edges"][0]["cursor"]
        assert info["endCursor"] == found["edges"][-1]["cursor"]
        assert info["hasNextPage"] is (before is not None)
        seen = numbers(found) + seen
        before = info["startCursor"]
        if not info["hasPreviousPage"]:
            break
    assert seen == expected(fixit)


async def test_an_empty_page_has_no_cursors(api, fixit):
    document = """{ orders(first: 3, number: "none") { nodes { number } edges { cursor }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount } }"""
    assert await page(api, fixit, document) == {
        "nodes": [],
        "edges": [],
        "pageInfo": {
            "hasNextPage": False,
            "hasPreviousPage": False,
            "startCursor": None,
            "endCursor": None,
        },
        "totalCount": 0,
    }


async def test_a_page_lies_within_its_row(api, fixit):
    document = """{ orders(first: 100) { nodes { number customer { orders(last: 1) {
        totalCount nodes { number customer { name } } } } } } }"""
    found = await page(api, fixit, document)
    for node in found["nodes"]:
        if node["number"] == "0007":
            assert node["customer"] is None
            continue
        customer = fixit.customers[int(node["number"]) % 5]
        own = [order for order in fixit.orders if order.customer_id == customer.id]
        oldest = min(own, key=lambda order: (order.received_at, order.id))
        assert node["customer"]["orders"] == {
            "totalCount": len(own),
            "nodes": [{"number": oldest.number, "customer": {"name": customer.name}}],
        }


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"first": 0},
        {"first": 101},
        {"last": -1},
        {"first": 1, "last": 1},
        {"first": 1, "before": "x"},
        {"last": 1, "after": "x"},
        {"first": 1, "after": "no cursor"},
        {"first": 1, "after": "WyJuZXdlc3QiXQ=="},
        {"first": 1, "after": "WyJuZXdlc3QiLCJ4IiwieCJd"},
        {"first": 1, "after": "WyJuZXdlc3QiLFtdLHt9XQ=="},
        {"first": 1, "after": "/////w=="},
    ],
)
async def test_what_is_no_page_is_refused(api, fixit, arguments):
    assert await refusal(api, fixit, **arguments) == "INVALID_ARGUMENT"


async def test_a_cursor_of_another_order_is_refused(api, fixit):
    found = await page(api, fixit, first=1, by="NEWEST")
    cursor = found["pageInfo"]["endCursor"]
    assert await refusal(api, fixit, first=1, after=cursor, by="BY_STATUS") == "INVALID_ARGUMENT"


async def test_too_many_rows_are_refused_before_the_database_is_asked(api, fixit):
    document = """query ($n: Int!) { orders(first: $n) { nodes { customer { orders(first: $n) {
        nodes { lines { code } } } } } } }"""
    answer = await api.execute(fixit.actor(), document, {"n": 100})
    assert answer["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert "10,000" in answer["errors"][0]["message"]
    assert "errors" not in await api.execute(fixit.actor(), document, {"n": 10})


FILTERED = """query ($branchId: UUID, $status: [RepairStatus!], $open: Boolean, $since: DateTime,
    $number: String, $phone: String, $search: String) {
    orders(first: 100, branchId: $branchId, status: $status, open: $open, since: $since,
        number: $number, phone: $phone, search: $search) { nodes { number } totalCount } }"""


@pytest.mark.parametrize(
    ("filters", "holds"),
    [
        ({}, lambda company, order: True),
        ({"status": None, "open": None}, lambda company, order: True),
        ({"status": ["RECEIVED", "CLOSED"]}, lambda company, order: order.status != "repairing"),
        ({"status": []}, lambda company, order: False),
        ({"open": True}, lambda company, order: order.closed_at is None),
        ({"open": False}, lambda company, order: order.closed_at is not None),
        ({"number": "001"}, lambda company, order: order.number in {"0010", "0011"}),
        ({"number": "%"}, lambda company, order: False),
        (
            {"since": "2026-11-22T10:00:00+08:00"},
            lambda company, order: order.received_at.isoformat() >= "2026-11-22T02:00:00+00:00",
        ),
        (
            {"phone": "+8613800000002", "open": True},
            lambda company, order: (
                order.customer_id == company.customers[2].id and order.closed_at is None
            ),
        ),
        ({"search": "0005"}, lambda company, order: order.number == "0005"),
        ({"search": "fixit-1"}, lambda company, order: order.device_id == company.devices[1].id),
        ({"search": "' or true --"}, lambda company, order: False),
    ],
)
async def test_filters_keep_what_they_say(api, fixit, filters, holds):
    found = await page(api, fixit, FILTERED, **filters)
    expected = [order.number for order in fixit.orders if holds(fixit, order)]
    assert sorted(numbers(found)) == sorted(expected)
    assert found["totalCount"] == len(expected)


async def test_a_filter_is_not_for_those_who_may_not_read_its_column(api, fixit):
    curious = fixit.without(Permission.READ_CUSTOMERS)
    answer = await api.execute(curious, FILTERED, {"phone": "+8613800000002"})
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert "errors" not in await api.execute(curious, FILTERED, {"phone": None})


async def test_a_size_is_checked_though_its_variable_is_asked_elsewhere_too(api, fixit):
    document = """query ($n: Int!) { orders(first: 5) { nodes { number } }
        lines: uncounted(first: $n) { nodes { number } } }"""
    assert await refusal(api, fixit, document, n=1_000_000) == "INVALID_ARGUMENT"
