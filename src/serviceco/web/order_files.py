"""Lists of orders as files: every page of the list, one line per order."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from serviceco.web.desk import Desk
from serviceco.web.order_rows import OrderRow, order_rows

_PAGE_ROWS = 100
_COLUMNS = ("number", "status", "coverage", "device", "serial", "symptom", "owner")
_MOMENTS = ("branch", "received_at", "promised_at", "closed_at")


async def all_pages(
    desk: Desk, document: str, name: str, variables: Mapping[str, Any]
) -> AsyncIterator[Mapping[str, Any]]:
    """Read a connection to its end, one page at a time, without what frames it on its page."""
    after: str | None = None
    while True:
        page = await desk.read(document, **variables, first=_PAGE_ROWS, after=after, framed=False)
        yield page
        if not page[name]["pageInfo"]["hasNextPage"]:
            return
        after = page[name]["pageInfo"]["endCursor"]


async def order_lines(
    desk: Desk, document: str, name: str, variables: Mapping[str, Any]
) -> AsyncIterator[list[list[str]]]:
    """Return the lines of a file of orders, a page of the list at a time."""
    cells = order_cells(desk)
    async for page in all_pages(desk, document, name, variables):
        yield [cells(row) for row in order_rows(desk, page[name]["nodes"], page["categories"])]


def order_headings(desk: Desk) -> list[str]:
    """Return the headings of the file."""
    return [desk.say(f"column.{name}") for name in (*_COLUMNS, *_MOMENTS)]


def order_cells(desk: Desk) -> Callable[[OrderRow], list[str]]:
    """Return the function that writes an order as cells, codes in the reader's words."""

    def cells(row: OrderRow) -> list[str]:
        words = {
            "status": desk.say(f"status.{row.status.lower()}"),
            "coverage": desk.say(f"coverage.{row.coverage.lower()}"),
        }
        return [words.get(name) or getattr(row, name) for name in (*_COLUMNS, *_MOMENTS)]

    return cells
