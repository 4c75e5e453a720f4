"""The performance table as a file: one line per branch and brand, raw numbers for a spreadsheet."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from serviceco.core.money import exponent
from serviceco.web.charts import COVERAGE_COLOURS
from serviceco.web.desk import Desk
from serviceco.web.report_charts import coverage_word

_COUNTS = ("received", "orders")
_RATES = ("promised", "onTimeRate", "timed", "turnaroundP50Seconds", "turnaroundP90Seconds")
_REPEATS = ("cohort", "repeated", "repeatRate")
_MONEY = ("warranty", "paid", "goodwill", "other")


def report_headings(desk: Desk) -> list[str]:
    """Return the headings of the file."""
    return [
        desk.say("object.branch"),
        desk.say("object.brand"),
        *(desk.say(f"report.file.{name}") for name in _COUNTS),
        *(coverage_word(desk, code) for code in COVERAGE_COLOURS),
        *(desk.say(f"report.file.{name}") for name in (*_RATES, *_REPEATS)),
        *(desk.say(f"report.file.{name}") for name in _MONEY),
        desk.say("report.file.currency"),
    ]


def report_cells(desk: Desk, branch: str, row: Mapping[str, Any]) -> list[object]:
    """Return one line; what was not recorded, or may not be read, stays empty."""
    figures = row["figures"]
    by_coverage = {count["coverage"]: count["orders"] for count in figures["byCoverage"]}
    currency = figures["paid"]["currency"] if figures["paid"] else None
    return [
        branch,
        row["brandName"] or desk.say("brand.unknown"),
        *(figures[name] for name in _COUNTS),
        *(by_coverage.get(code, 0) for code in COVERAGE_COLOURS),
        *(figures[name] for name in (*_RATES, *_REPEATS)),
        *(_amount(figures[name]) for name in _MONEY),
        currency,
    ]


def _amount(money: Mapping[str, Any] | None) -> Decimal | None:
    if money is None:
        return None
    return Decimal(int(money["amountMinor"])).scaleb(-exponent(money["currency"]))
