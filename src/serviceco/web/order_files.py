"""Lists of orders as files: every page of the list, one line per order."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from serviceco.web.desk import Desk
from serviceco.web.order_rows import OrderRow

_PAGE_ROWS = 100
# Longer lists are the exchange's work: a file there is written by a job.
MOST_ROWS = 5_000
_COLUMNS = ("number", "status", "coverage", "device", "serial", "symptom", "owner")
_MOMENTS = ("branch", "received_at", "promised_at", "closed_at")


class Found(NamedTuple):
    """All nodes of a list, and its last page for what else the document reads."""

    nodes: list[Mapping[str, Any]]
    page: Mapping[str, Any]


async def all_nodes(desk: Desk, document: str, name: str, variables: Mapping[str, Any]) -> Found:
    """Read a connection page by page to its end, at most `MOST_ROWS` of it."""
    nodes: list[Mapping[str, Any]] = []
    after: str | None = None
    while True:
        page = await desk.read(document, **variables, first=_PAGE_ROWS, after=after)
        nodes += page[name]["nodes"]
        after = page[name]["pageInfo"]["endCursor"]
        if not page[name]["pageInfo"]["hasNextPage"] or len(nodes) >= MOST_ROWS:
            return Found(nodes, page)


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
