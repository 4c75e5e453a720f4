"""The list of who did what with people's data, and when support was here."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from serviceco.core.actor import Permission
from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk
from serviceco.web.downloads import csv_answer
from serviceco.web.formats import instant_text
from serviceco.web.forms import Form
from serviceco.web.listing import PAGE_ROWS, Address, address_of
from serviceco.web.typed_dates import parse_day

LIST = "/admin/audit"
FILTERS = ("act", "who", "order", "since", "until")
ACTS = (
    "REVEALED",
    "EXPORTED",
    "ERASED",
    "RETENTION_SET",
    "CONSENT_GIVEN",
    "CONSENT_WITHDRAWN",
    "SUPPORT_BEGUN",
)
_MOST_ROWS = 10_000
_COLUMNS = ("at", "act", "who", "consented_by", "ticket", "order", "reason", "until", "detail")


class AuditPages(Controller):
    """What the company is shown; nothing here can be changed."""

    include_in_schema = False

    @get(LIST)
    async def show(self, desk: NamedDependency[Desk], request: PageRequest) -> Response[str]:
        """List the acts that the filters of the address ask for, newest first."""
        desk.require(Permission.MANAGE_PRIVACY)
        address = address_of(request, FILTERS)
        found = await desk.read("AuditList", **_filters(desk, address), **address.place())
        records = found["auditRecords"]
        return desk.page(
            "privacy/audit.html",
            address=address,
            sought=address.form(),
            acts=[(act, desk.say(f"audit_act.{act.lower()}")) for act in ACTS],
            records=[(record, detail_text(desk, record)) for record in records["nodes"]],
            pager=address.pager(records["pageInfo"]),
            form=Form(),
        )

    @get(f"{LIST}.csv")
    async def file(self, desk: NamedDependency[Desk], request: PageRequest) -> Response[bytes]:
        """Give the filtered list as a file."""
        desk.require(Permission.MANAGE_PRIVACY)
        filters = _filters(desk, address_of(request, FILTERS))
        rows: list[list[object]] = []
        place: dict[str, Any] = {"first": PAGE_ROWS, "after": None}
        while len(rows) < _MOST_ROWS:
            page = (await desk.read("AuditList", **filters, **place))["auditRecords"]
            rows += [_cells(desk, record) for record in page["nodes"]]
            if not page["pageInfo"]["hasNextPage"]:
                break
            place["after"] = page["pageInfo"]["endCursor"]
        return csv_answer("audit", [desk.say(f"audit.{name}") for name in _COLUMNS], rows)


def detail_text(desk: Desk, record: Mapping[str, Any]) -> str:
    """Return the coded facts of a record in words: grounds, periods, counts of rows."""
    detail = dict(record["detail"] or {})
    parts = []
    if ground := detail.pop("ground", None):
        parts.append(desk.say(f"erasure_ground.{ground}"))
    if kept := detail.pop("kept", None):
        months = detail.pop("months", None)
        period = desk.say("privacy.months", n=months) if months else desk.say("privacy.for_ever")
        parts.append(f"{desk.say(f'kept.{kept}')} {period}")
    if rows := sum(count for count in detail.values() if isinstance(count, int)):
        parts.append(desk.say("privacy.rows", n=rows))
    return " · ".join(parts)


def _filters(desk: Desk, address: Address) -> dict[str, Any]:
    """Return the variables of the list; days are those of the company's zone, both ends in."""
    zone = ZoneInfo(desk.shell.zone)
    today = desk.now.astimezone(zone).date()
    since = parse_day(address.text("since"), today)
    until = parse_day(address.text("until"), today)
    return {
        "acts": address.among("act", ACTS) or None,
        "actorName": address.text("who") or None,
        "orderNumber": "".join(address.text("order").split()) or None,
        "enteredSince": datetime.combine(since, time(), zone).isoformat() if since else None,
        "enteredUntil": datetime.combine(until + timedelta(days=1), time(), zone).isoformat()
        if until
        else None,
    }


def _cells(desk: Desk, record: Mapping[str, Any]) -> list[object]:
    zone, language = desk.shell.zone, desk.language
    return [
        instant_text(record["at"], zone, language),
        desk.say(f"audit_act.{record['act'].lower()}"),
        record["actorName"],
        record["consentedBy"],
        record["ticket"],
        record["orderNumber"],
        record["reason"],
        instant_text(record["until"], zone, language) if record["until"] else "",
        detail_text(desk, record),
    ]
