"""The charts of a report: its numbers in the reader's words, ready to draw, beside their tables."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from serviceco.core.periods import Period
from serviceco.web.charts import (
    COVERAGE_COLOURS,
    Bar,
    Dot,
    Segment,
    Spec,
    branch_chart,
    turnaround_chart,
    turnaround_ticks,
    volume_chart,
)
from serviceco.web.desk import Desk
from serviceco.web.figures import interval_text, span_text
from serviceco.web.formats import date_text, percent_text

# A column per week while they fit; longer reports sum weeks into the month or year of their Monday.
_MOST_WEEKS, _MOST_MONTHS = 30, 36
# Classes of turnaround for reading in a table: up to so many seconds.
_CLASSES = (14_400, 86_400, 259_200, 604_800, 1_209_600, 2_592_000)


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing and the table that says the same; `legend` are coverages."""

    name: str
    spec: Spec | None
    headings: list[str]
    rows: list[list[str]]
    legend: Sequence[str] = ()


def volume(desk: Desk, weeks: Sequence[Mapping[str, Any]], period: Period) -> Chart:
    """Return closed orders per week, month or year, split by coverage."""
    counts: Counter[tuple[str, str]] = Counter()
    period = _recorded(weeks, period)
    steps = _steps(period)
    for week in weeks:
        counts[_step_of(week["weekOn"], steps, desk.language), week["coverage"]] += week["orders"]
    labels = _labels(period, steps, desk.language)
    present = [code for code in COVERAGE_COLOURS if any(key[1] == code for key in counts)]
    words = {code: coverage_word(desk, code) for code in present}
    segments = [
        Segment(step, code, words[code], counts[step, code]) for step in labels for code in present
    ]
    return Chart(
        "volume",
        volume_chart(segments, desk.say("report.closed")) if weeks else None,
        [desk.say(f"report.step.{steps}"), *words.values()],
        [
            [step, *(str(counts[step, code]) for code in present)]
            for step in labels
            if any(counts[step, code] for code in present)
        ],
        present,
    )


def turnaround(desk: Desk, bins: Sequence[Mapping[str, Any]], total: Mapping[str, Any]) -> Chart:
    """Return how long orders took, with the median and the 90th percentile."""
    bars = [
        Bar(
            max(bin_["sinceSeconds"], 60.0),
            bin_["untilSeconds"],
            bin_["orders"],
            f"{span_text(bin_['sinceSeconds'], desk.language)} – "
            f"{span_text(bin_['untilSeconds'], desk.language)} · {bin_['orders']}",
        )
        for bin_ in bins
        if bin_["untilSeconds"] > 60
    ]
    marks = {
        f"{name} {span_text(total[field], desk.language)}": total[field]
        for name, field in (("P50", "turnaroundP50Seconds"), ("P90", "turnaroundP90Seconds"))
        if total[field]
    }
    ticks = {tick: span_text(tick, desk.language) for tick in turnaround_ticks(bars)}
    return Chart(
        "turnaround",
        turnaround_chart(bars, marks, ticks, desk.say("report.closed")) if bars else None,
        [desk.say("kpi.tat"), desk.say("report.closed")],
        _classes(desk, bins),
    )


def comparison(desk: Desk, rows: Iterable[Mapping[str, Any]], total: Mapping[str, Any]) -> Chart:
    """Return the branches' repeat rates with their intervals, beside the company's."""
    counted = [row for row in rows if row["figures"]["repeatRate"] is not None]
    dots = [
        Dot(
            branch=row["branchName"],
            rate=row["figures"]["repeatRate"],
            low=row["figures"]["repeatInterval"][0],
            high=row["figures"]["repeatInterval"][1],
            count=row["figures"]["cohort"],
            tip=f"{row['branchName']} · {percent_text(row['figures']['repeatRate'])} "
            f"({interval_text(row['figures'])}, n={row['figures']['cohort']})",
        )
        for row in counted
    ]
    drawn = len(dots) > 1
    return Chart(
        "comparison",
        branch_chart(dots, total["repeatRate"], desk.say("report.repeat_rate")) if drawn else None,
        [
            desk.say("object.branch"),
            desk.say("report.repeat_rate"),
            desk.say("report.interval"),
            desk.say("report.cohort"),
        ],
        [
            [
                row["branchName"],
                percent_text(row["figures"]["repeatRate"]),
                interval_text(row["figures"]),
                str(row["figures"]["cohort"]),
            ]
            for row in sorted(counted, key=lambda row: -row["figures"]["repeatRate"])
        ],
    )


def coverage_word(desk: Desk, code: str) -> str:
    """Return the word for the coverage of closed work; undecided there means: never recorded."""
    return desk.say("coverage.unrecorded" if code == "UNDECIDED" else f"coverage.{code.lower()}")


def _classes(desk: Desk, bins: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Return the orders per class; a bin belongs to the class that holds its middle."""
    counts: Counter[int] = Counter()
    for bin_ in bins:
        middle = (bin_["sinceSeconds"] + bin_["untilSeconds"]) / 2
        counts[sum(middle >= edge for edge in _CLASSES)] += bin_["orders"]
    spans = [span_text(edge, desk.language) for edge in _CLASSES]
    words = [
        desk.say("report.up_to", span=spans[0]),
        *(f"{low} – {high}" for low, high in pairwise(spans)),
        desk.say("report.beyond", span=spans[-1]),
    ]
    return [[words[index], str(counts[index])] for index in sorted(counts)]


def _recorded(weeks: Sequence[Mapping[str, Any]], period: Period) -> Period:
    """Return the period from its first order on where it spans years: records began somewhere."""
    if period.days <= _MOST_MONTHS * 31 or not weeks:
        return period
    first = min(date.fromisoformat(week["weekOn"]) for week in weeks)
    return Period(max(first, period.since), period.until)


def _steps(period: Period) -> str:
    if period.days <= _MOST_WEEKS * 7:
        return "week"
    return "month" if period.days <= _MOST_MONTHS * 31 else "year"


def _step_of(day: str, steps: str, language: str) -> str:
    return {"week": date_text(day, language), "month": day[:7], "year": day[:4]}[steps]


def _labels(period: Period, steps: str, language: str) -> list[str]:
    """Return every step of the period in its order, also those without an order."""
    monday = period.since - timedelta(days=period.since.weekday())
    weeks: list[date] = [
        monday + timedelta(weeks=week) for week in range((period.until - monday).days // 7 + 1)
    ]
    days = [week.isoformat() for week in weeks if week < period.until]
    return list(dict.fromkeys(_step_of(day, steps, language) for day in days))
