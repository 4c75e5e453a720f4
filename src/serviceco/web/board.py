"""The board: every open order of a branch by status, and views of what waits for whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from serviceco.web.choices import chosen, named_brands, worded
from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk
from serviceco.web.downloads import csv_stream
from serviceco.web.listing import Address, Chip, address_of
from serviceco.web.order_files import order_headings, order_lines
from serviceco.web.order_rows import COVERAGES, OPEN_STATUSES, UNREADY, OrderRow, order_rows
from serviceco.web.shells import BranchChoice

FILTERS = ("view", "cov", "brand", "tech", "sort")
# Each view with the statuses that it shows; `mine` and `overdue` narrow otherwise.
VIEWS: Mapping[str, tuple[str, ...]] = {
    "mine": OPEN_STATUSES,
    "inspect": ("RECEIVED", "INSPECTING"),
    "customer": ("QUOTING",),
    "parts": ("WAITING_PARTS",),
    "repair": ("REPAIRING",),
    "qc": ("QC",),
    "ready": ("READY",),
    "overdue": UNREADY,
}
_VIEW_OF = {status: view for view, statuses in list(VIEWS.items())[1:-1] for status in statuses}
GROUP_ROWS = 8
# No member of staff has this id: a machine has no orders of its own.
_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Group:
    """The first orders of one status, how many there are, and the view of them all."""

    status: str
    orders: int
    rows: list[OrderRow]
    address: str


class BoardPages(Controller):
    """The queue of one branch."""

    path = "/b/{branch:str}"
    include_in_schema = False

    @get("/board")
    async def show(
        self, desk: NamedDependency[Desk], request: PageRequest, branch: FromPath[str]
    ) -> Response[str]:
        """Show all open orders grouped by status, or one view of them page by page."""
        place, address = desk.branch(branch), address_of(request, FILTERS)
        if address.among("view", VIEWS):
            return await _view(desk, place, address)
        return await _overview(desk, place, address)

    @get("/board.csv")
    async def download(
        self, desk: NamedDependency[Desk], request: PageRequest, branch: FromPath[str]
    ) -> Stream:
        """Return every order of the current filter as a file."""
        place, address = desk.branch(branch), address_of(request, FILTERS)
        variables = _narrowed(desk, place, address) | _viewed(desk, address)
        lines = order_lines(desk, "BoardList", "board", variables)
        return await csv_stream(f"board-{place.code}", order_headings(desk), lines)


async def _overview(desk: Desk, place: BranchChoice, address: Address) -> Response[str]:
    variables = _narrowed(desk, place, address) | {"first": GROUP_ROWS}
    found = await desk.read("BoardOverview", **variables)
    orders = {count["status"]: count["orders"] for count in found["counts"]}
    groups = [
        Group(
            status,
            orders[status],
            order_rows(desk, found[status.lower()]["nodes"], found["categories"]),
            address.to(view=_VIEW_OF[status]),
        )
        for status in OPEN_STATUSES
        if status in orders
    ]
    return _page(desk, place, address, found, groups=groups)


async def _view(desk: Desk, place: BranchChoice, address: Address) -> Response[str]:
    variables = _narrowed(desk, place, address) | _viewed(desk, address) | address.place()
    found = await desk.read("BoardList", **variables)
    rows = order_rows(desk, found["board"]["nodes"], found["categories"])
    pager = address.pager(found["board"]["pageInfo"])
    return _page(desk, place, address, found, rows=rows, pager=pager)


def _page(
    desk: Desk, place: BranchChoice, address: Address, found: Mapping[str, Any], **facts: Any
) -> Response[str]:
    brands = named_brands(found["brands"], desk.language)
    shown = facts.get("rows")
    total = sum(count["orders"] for count in found["counts"])
    return desk.page(
        "repairs/board.html",
        form=address.form(),
        branch=place,
        address=address,
        view=next(iter(address.among("view", VIEWS)), ""),
        views=_views(desk, address, found),
        chips=_chips(desk, address, found["staff"], brands),
        brands=brands,
        staff=[(person["id"], person["name"]) for person in found["staff"]],
        coverages=worded(desk, "coverage", COVERAGES),
        total=total if shown is None else len(shown),
        **{"groups": None, "rows": None, "pager": None} | facts,
    )


def _narrowed(desk: Desk, place: BranchChoice, address: Address) -> dict[str, Any]:
    """Return the variables of the filters that hold for every view."""
    return {
        "branchId": place.id,
        "coverage": address.among("cov", COVERAGES) or None,
        "brandId": chosen(address.text("brand")),
        "mine": chosen(address.text("tech")),
        "me": str(desk.person.staff_id or _NOBODY),
        "unready": UNREADY,
        "now": desk.now.isoformat(),
    }


def _viewed(desk: Desk, address: Address) -> dict[str, Any]:
    """Return the variables of one view; oldest first, as a queue is worked off."""
    view = next(iter(address.among("view", VIEWS)), "")
    variables: dict[str, Any] = {
        "orderBy": "NEWEST" if address.text("sort") == "newest" else "OLDEST"
    }
    if view:
        variables["status"] = VIEWS[view]
    if view == "mine":
        variables["mine"] = str(desk.person.staff_id or _NOBODY)
    if view == "overdue":
        variables["promisedUntil"] = desk.now.isoformat()
    return variables


def _views(desk: Desk, address: Address, found: Mapping[str, Any]) -> list[tuple[str, str, bool]]:
    """Return the tabs: word with count, address, whether it is the one in view."""
    current = next(iter(address.among("view", VIEWS)), "")
    by_status = {count["status"]: count["orders"] for count in found["counts"]}
    counts = {view: sum(by_status.get(status, 0) for status in VIEWS[view]) for view in VIEWS}
    counts["mine"] = sum(count["orders"] for count in found["mineCounts"])
    counts["overdue"] = sum(count["orders"] for count in found["overdueCounts"])
    counts["all"] = sum(by_status.values())
    return [
        (
            f"{desk.say(f'board.view.{view}')} {counts[view]}",
            address.to(view=None if view == "all" else view),
            current == ("" if view == "all" else view),
        )
        for view in ("all", *VIEWS)
    ]


def _chips(
    desk: Desk,
    address: Address,
    staff: Sequence[Mapping[str, Any]],
    brands: Sequence[tuple[str, str]],
) -> list[Chip]:
    people = {person["id"]: person["name"] for person in staff}
    by_id = dict(brands)
    chips = [
        Chip(desk.say(f"coverage.{code.lower()}"), address.without("cov", code.lower()))
        for code in address.among("cov", COVERAGES)
    ]
    for name, known in (("brand", by_id), ("tech", people)):
        if (asked := address.text(name)) in known:
            chips.append(Chip(known[asked], address.to(**{name: None})))
    return chips
