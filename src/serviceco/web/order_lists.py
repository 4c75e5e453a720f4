"""All orders: search by whatever is known of one, and lists by what orders are."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import phonenumbers
from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.response import Stream

from serviceco.core.periods import day_start
from serviceco.web.choices import chosen, named_brands, worded
from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk
from serviceco.web.downloads import csv_stream
from serviceco.web.formats import date_text
from serviceco.web.listing import Address, Chip, address_of
from serviceco.web.order_files import order_headings, order_lines
from serviceco.web.order_rows import COVERAGES, STATUSES, order_rows
from serviceco.web.scans import ScanKind, dialled, read_scan
from serviceco.web.typed_dates import parse_day

OUTCOMES = (
    "REPAIRED",
    "ADJUSTED",
    "NO_FAULT_FOUND",
    "DECLINED",
    "NOT_REPAIRED",
    "REPAIRABLE",
    "UNKNOWN",
)
# Days are typed both in: `closed_to` is the last day of the list.
DAYS = ("received_from", "received_to", "closed_from", "closed_to")
FILTERS = ("q", "status", "cov", "outcome", "brand", "branch", "flag", *DAYS, "sort")
UNKNOWN_BRAND = "unknown"
FLAGS: Mapping[str, dict[str, bool]] = {
    "uncancelled": {"isCancelled": False},
    "repeat": {"repeats": True},
}
_CODED = (
    ("status", STATUSES, "status"),
    ("cov", COVERAGES, "coverage"),
    ("outcome", OUTCOMES, "outcome"),
)


class OrderListPages(Controller):
    """Lists across branches; a report leads here to exactly the orders that it counted."""

    path = ""
    include_in_schema = False

    @get("/orders")
    async def show(self, desk: NamedDependency[Desk], request: PageRequest) -> Response[str]:
        """Show one page of the orders that the filters leave."""
        address = address_of(request, FILTERS)
        found = await desk.read("OrderList", **_variables(desk, address), **address.place())
        brands = named_brands(found["brands"], desk.language)
        brands.append((UNKNOWN_BRAND, desk.say("brand.unknown")))
        rows = order_rows(desk, found["orders"]["nodes"], found["categories"])
        return desk.page(
            "repairs/orders.html",
            form=address.form(),
            address=address,
            rows=rows,
            pager=address.pager(found["orders"]["pageInfo"]),
            chips=_chips(desk, address, dict(brands)),
            brands=brands,
            choices={name: worded(desk, family, codes) for name, codes, family in _CODED},
            flags=[(flag, desk.say(f"list.flag.{flag}")) for flag in FLAGS],
        )

    @get("/orders.csv")
    async def download(self, desk: NamedDependency[Desk], request: PageRequest) -> Stream:
        """Return every order of the current filter as a file."""
        variables = _variables(desk, address_of(request, FILTERS))
        lines = order_lines(desk, "OrderList", "orders", variables)
        return await csv_stream("orders", order_headings(desk), lines)


def _variables(desk: Desk, address: Address) -> dict[str, Any]:
    codes = {name: address.among(name, known) or None for name, known, _ in _CODED}
    variables: dict[str, Any] = {
        "search": searched(address.text("q"), desk.shell.country) or None,
        "branchId": _branch_id(desk, address),
        "status": codes["status"],
        "coverage": codes["cov"],
        "outcome": codes["outcome"],
        "brandId": chosen(address.text("brand")),
        "orderBy": "OLDEST" if address.text("sort") == "oldest" else "NEWEST",
    }
    if address.text("brand") == UNKNOWN_BRAND:
        variables["hasBrand"] = False
    for flag in address.among("flag", FLAGS):
        variables |= FLAGS[flag]
    return variables | _instants(desk, address)


def _instants(desk: Desk, address: Address) -> dict[str, str]:
    """Return the days of the filters as instants, in the branch's zone where one is asked for."""
    zone = next((b.zone for b in desk.shell.branches if b.code == address.text("branch")), None)
    instants = {}
    for moment in ("received", "closed"):
        for end, later_days in (("from", 0), ("to", 1)):
            day = _day(desk, address, f"{moment}_{end}")
            if day:
                at = day_start(day + timedelta(days=later_days), zone or desk.shell.zone)
                instants[f"{moment}{'Since' if end == 'from' else 'Until'}"] = at.isoformat()
    return instants


def _day(desk: Desk, address: Address, name: str) -> date | None:
    return parse_day(address.text(name), desk.now.date()) if address.text(name) else None


def _branch_id(desk: Desk, address: Address) -> str | None:
    code = address.text("branch")
    return desk.branch(code).id if code else None


def searched(typed: str, country: str) -> str:
    """Return what was typed as the search reads it: words, or one number.

    A link is the order number in it. A number that is no order number and dials in the company's
    country is taken for a telephone; 15 digits are an IMEI.
    """
    scan = read_scan(typed)
    digits = scan.text.removeprefix("+")
    if scan.kind is not ScanKind.ORDER and not digits.isdecimal():
        return " ".join(typed.split())
    if len(digits) in {12, 14, 15} and scan.text == digits:
        return scan.text
    phone = dialled(scan.text, country)
    if phone is None or not phonenumbers.is_possible_number(phone):
        return scan.text
    return phonenumbers.format_number(phone, phonenumbers.PhoneNumberFormat.E164)


def _chips(desk: Desk, address: Address, brands: Mapping[str, str]) -> list[Chip]:
    chips = [
        Chip(desk.say(f"{family}.{code.lower()}"), address.without(name, code.lower()))
        for name, known, family in _CODED
        for code in address.among(name, known)
    ]
    chips += [
        Chip(desk.say(f"list.flag.{flag}"), address.without("flag", flag))
        for flag in address.among("flag", FLAGS)
    ]
    for name in DAYS:
        if day := _day(desk, address, name):
            label = desk.say(f"list.{name}", day=date_text(day, desk.language))
            chips.append(Chip(label, address.to(**{name: None})))
    branches = {branch.code: branch.name for branch in desk.shell.branches}
    for name, known in (("brand", brands), ("branch", branches)):
        if (asked := address.text(name)) in known:
            chips.append(Chip(known[asked], address.to(**{name: None})))
    if typed := address.text("q"):
        chips.append(Chip(typed, address.to(q=None)))
    return chips
