"""Orders as a list shows them: one row each, with what is late and what holds it up."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from serviceco.web.desk import Desk
from serviceco.web.formats import duration_text, in_language, instant_text, relative_text

OPEN_STATUSES = (
    "RECEIVED",
    "INSPECTING",
    "QUOTING",
    "WAITING_PARTS",
    "REPAIRING",
    "QC",
    "READY",
)
UNREADY = OPEN_STATUSES[:-1]
STATUSES = (*OPEN_STATUSES, "CLOSED", "CANCELLED")
COVERAGES = ("IN_WARRANTY", "PAID", "MIXED", "GOODWILL", "DECLINED", "UNDECIDED")
_NEEDS_AN_OWNER = ("RECEIVED", "INSPECTING", "REPAIRING")
_SOON = timedelta(hours=4)
_SymptomNames = Mapping[tuple[str, str], Mapping[str, Any]]


class Due(NamedTuple):
    """How the promise stands; `kind` is that of a tag: danger, warn or none."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """One order in words; `blocker` is a code of the family `blocker`, empty where none."""

    number: str
    status: str
    coverage: str
    is_recorded: bool
    device: str
    kind: str
    serial: str
    symptom: str
    owner: str
    branch: str
    received_at: str
    received_ago: str
    promised_at: str
    closed_at: str
    due: Due | None
    is_repeat: bool
    blocker: str


def order_rows(
    desk: Desk, orders: Iterable[Mapping[str, Any]], categories: Sequence[Mapping[str, Any]]
) -> list[OrderRow]:
    """Return the rows of a page of orders; `categories` carry the names of coded symptoms."""
    names = {
        (category["code"], symptom["code"]): symptom["names"]
        for category in categories
        for symptom in category["symptoms"]
    }
    return [_row(desk, order, names) for order in orders]


def _row(desk: Desk, order: Mapping[str, Any], names: _SymptomNames) -> OrderRow:
    device, zone, language = order["device"], order["branch"]["zone"], desk.language
    return OrderRow(
        number=order["number"],
        status=order["status"],
        coverage=order["coverage"],
        is_recorded=order.get("origin") != "IMPORT",
        device=f"{device['brandPrinted']} {device['modelPrinted']}".strip(),
        kind=in_language(order["category"]["names"], language),
        serial=device["serial"] or "",
        symptom=_symptom(order, names, language),
        owner=order["owner"]["name"] if order["owner"] else "",
        branch=order["branch"]["name"],
        received_at=instant_text(order["receivedAt"], zone, language),
        received_ago=relative_text(order["receivedAt"], zone, language, desk.now),
        promised_at=instant_text(order["promisedAt"], zone, language),
        closed_at=instant_text(order.get("closedAt"), zone, language),
        due=_due(desk, order),
        is_repeat=order["repeatDays"] is not None,
        blocker=_blocker(order),
    )


def _symptom(order: Mapping[str, Any], names: _SymptomNames, language: str) -> str:
    """Return the coded symptoms by name; where there are none, what the customer said."""
    category = order["category"]["code"]
    coded = [
        in_language(names[category, code], language)
        for code in order["symptomCodes"]
        if (category, code) in names
    ]
    said = order["words"]["words"] if order["words"] else ""
    return " · ".join(coded) or said


def _due(desk: Desk, order: Mapping[str, Any]) -> Due | None:
    if order["promisedAt"] is None or order["status"] not in UNREADY:
        return None
    left = datetime.fromisoformat(order["promisedAt"]) - desk.now
    span = duration_text(int(abs(left) / timedelta(minutes=1)), desk.language)
    if left < timedelta():
        return Due(desk.say("board.late_by", span=span), "danger")
    return Due(desk.say("board.left", span=span), "warn" if left < _SOON else "")


def _blocker(order: Mapping[str, Any]) -> str:
    """Return what the order waits for besides work."""
    match order["status"]:
        case "QUOTING":
            return "customer"
        case "WAITING_PARTS":
            return "parts"
        case "READY":
            owed = int(order["customerAmount"]["amountMinor"])
            return "payment" if owed > int(order["paidAmount"]["amountMinor"]) else "pickup"
        case status:
            return "owner" if status in _NEEDS_AN_OWNER and not order["owner"] else ""
