"""Claims as their list and their papers show them: amounts, days left, what is missing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from serviceco.core.periods import local_day
from serviceco.web.choices import brand_name
from serviceco.web.decisions import coded
from serviceco.web.desk import Desk
from serviceco.web.formats import date_text, day_text, in_language

STATUSES = ("OPEN", "INCOMPLETE", "SUBMITTED")
_SOON = timedelta(days=7)
_Money = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRow:
    """One claim in words; `due_kind` is that of a tag: danger, warn or none."""

    id: str
    version: int
    status: str
    number: str
    device: str
    brand: str
    branch: str
    amount: _Money
    opened_on: str
    due_on: str
    due_kind: str
    problems: list[str]


@dataclass(frozen=True, slots=True)
class BrandTotal:
    """What is claimed of one brand: count and amount by status, None where there is nothing."""

    brand_id: str
    brand: str
    by_status: Mapping[str, tuple[int, _Money]]


def claim_rows(desk: Desk, claims: Iterable[Mapping[str, Any]]) -> list[ClaimRow]:
    """Return the rows of a page of claims."""
    return [claim_row(desk, claim) for claim in claims]


def claim_row(desk: Desk, claim: Mapping[str, Any]) -> ClaimRow:
    """Return one claim in words."""
    order, zone = claim["order"], claim["branch"]["zone"]
    device = order["device"] if order else {"brandPrinted": "", "modelPrinted": ""}
    return ClaimRow(
        id=claim["id"],
        version=claim["version"],
        status=claim["status"],
        number=order["number"] if order else "",
        device=f"{device['brandPrinted']} {device['modelPrinted']}".strip(),
        brand=brand_name(claim["brand"], desk.language),
        branch=claim["branch"]["name"],
        amount=claim["amount"],
        opened_on=day_text(claim["openedAt"], zone, desk.language),
        due_on=date_text(claim["dueOn"], desk.language),
        due_kind=_urgency(claim, local_day(desk.now, zone)),
        problems=[problem_sentence(problem, desk.language) for problem in claim["problems"]],
    )


def problem_sentence(problem: Mapping[str, Any], language: str) -> str:
    """Return how staff mend a problem; what they cannot mend is named by its reason."""
    mend = problem.get("mend")
    return in_language(mend, language) if mend else coded(language, "reason", problem["code"])


def brand_totals(
    desk: Desk, totals: Iterable[Mapping[str, Any]], brands: Sequence[Mapping[str, Any]]
) -> list[BrandTotal]:
    """Return the totals by brand, the largest number of claims first."""
    names = {brand["id"]: brand_name(brand, desk.language) for brand in brands}
    by_brand: dict[str, dict[str, tuple[int, _Money]]] = defaultdict(dict)
    for total in totals:
        by_brand[total["brandId"]][total["status"]] = (total["claims"], total["amount"])
    rows = [BrandTotal(id_, names[id_], found) for id_, found in by_brand.items()]
    return sorted(rows, key=lambda row: -sum(count for count, _ in row.by_status.values()))


def sum_of(amounts: Sequence[_Money]) -> _Money | None:
    """Return the sum of amounts in one currency; None for none, or where currencies mix."""
    currencies = {amount["currency"] for amount in amounts}
    if len(currencies) != 1:
        return None
    total = sum(int(amount["amountMinor"]) for amount in amounts)
    return {"amountMinor": total, "currency": currencies.pop()}


def _urgency(claim: Mapping[str, Any], today: date) -> str:
    if claim["dueOn"] is None or claim["status"] == "SUBMITTED":
        return ""
    left = date.fromisoformat(claim["dueOn"]) - today
    if left < timedelta():
        return "danger"
    return "warn" if left <= _SOON else ""
