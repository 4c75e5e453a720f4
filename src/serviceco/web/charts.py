"""Charts of the performance page as Vega-Lite specifications, made of what the page knows.

Plain data, so that a web process loads no drawing library; tests check them against the schema of
Vega-Lite. Every text is written here in the reader's language. Colours are names of our tokens,
`var(--…)`, which the page's script resolves in its theme.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Spec = dict[str, Any]
COVERAGE_COLOURS = {
    "IN_WARRANTY": "var(--cov-in-edge)",
    "PAID": "var(--cov-out-edge)",
    "MIXED": "var(--cov-mixed-edge)",
    "GOODWILL": "var(--cov-goodwill-edge)",
    "DECLINED": "var(--cov-declined-edge)",
    "UNDECIDED": "var(--cov-undecided-edge)",
}
# Below this many orders a rate says little: its dot is hollow (ui.md 3.5, chart 5).
FEW = 30
_INK, _ACCENT = "var(--ink-2)", "var(--accent)"
_TURNAROUND_TICKS = (3_600, 14_400, 86_400, 259_200, 604_800, 2_592_000)


@dataclass(frozen=True, slots=True)
class Segment:
    """One coverage in one step of time."""

    step: str
    coverage: str
    word: str
    orders: int


@dataclass(frozen=True, slots=True)
class Bar:
    """Orders with a turnaround from `since` (in) to `until` (out), in seconds."""

    since: float
    until: float
    orders: int
    tip: str


@dataclass(frozen=True, slots=True)
class Dot:
    """The rate of one branch with its 95 % interval."""

    branch: str
    rate: float
    low: float
    high: float
    count: int
    tip: str


def volume_chart(segments: Sequence[Segment], title: str) -> Spec:
    """Return stacked columns of closed orders per step of time, split by coverage."""
    rank = list(COVERAGE_COLOURS)
    values = [
        {
            "step": one.step,
            "coverage": one.coverage,
            "rank": rank.index(one.coverage),
            "orders": one.orders,
            "tip": f"{one.step} · {one.word} {one.orders}",
        }
        for one in segments
    ]
    steps = list(dict.fromkeys(one.step for one in segments))
    return _framed(
        {
            "data": {"values": values},
            "mark": {"type": "bar", "stroke": "var(--bg)", "strokeWidth": 1},
            "encoding": {
                "x": {
                    "field": "step",
                    "type": "ordinal",
                    "sort": steps,
                    "axis": {"title": None, "labelAngle": 0, "labelOverlap": True},
                },
                "y": _counted(title),
                "color": {
                    "field": "coverage",
                    "type": "nominal",
                    "legend": None,
                    "scale": {"domain": rank, "range": list(COVERAGE_COLOURS.values())},
                },
                "order": {"field": "rank", "type": "quantitative"},
                "tooltip": {"field": "tip", "type": "nominal"},
            },
        }
    )


def turnaround_chart(
    bars: Sequence[Bar], marks: Mapping[str, float], ticks: Mapping[int, str], title: str
) -> Spec:
    """Return the histogram of turnaround over a logarithmic axis, with named marks such as P50.

    The bins grow with the turnaround, so that on this axis they are equally wide.
    """
    scale = {"type": "log", "domain": _ends(bars), "nice": False}
    labels = ",".join(f"'{at}':'{text}'" for at, text in ticks.items())
    axis = {
        "title": None,
        "values": list(ticks),
        "grid": False,
        "labelExpr": f"{{{labels}}}[datum.value]",
    }
    x = {"type": "quantitative", "scale": scale, "axis": axis}
    return _framed({"layer": [_columns(bars, x, title), *_marks(marks, scale)]})


def branch_chart(dots: Sequence[Dot], overall: float, title: str) -> Spec:
    """Return the branches' rates with their intervals, highest first, beside the company's."""
    ranked = sorted(dots, key=lambda dot: -dot.rate)
    names = [dot.branch for dot in ranked]
    axis = {"title": title, "format": ".0%", "tickCount": 6}
    x = {"type": "quantitative", "axis": axis, "scale": {"zero": True}}
    whole = {
        "data": {"values": [{"overall": overall}]},
        "mark": {"type": "rule", "color": _INK, "strokeDash": [4, 3]},
        "encoding": {"x": {"field": "overall", **x}},
    }
    y = {"field": "branch", "type": "nominal", "sort": names, "axis": {"title": None}}
    intervals = {
        "mark": {"type": "rule", "color": _ACCENT, "strokeWidth": 2},
        "encoding": {"y": y, "x": {"field": "low", **x}, "x2": {"field": "high"}},
    }
    rates = {
        "mark": {"type": "point", "size": 70, "stroke": _ACCENT, "opacity": 1},
        "encoding": {
            "y": y,
            "x": {"field": "rate", **x},
            "fill": {"field": "fill", "type": "nominal", "scale": None},
            "tooltip": {"field": "tip", "type": "nominal"},
        },
    }
    spec = {"data": {"values": [_dot(dot) for dot in ranked]}, "layer": [whole, intervals, rates]}
    return _framed(spec, height=40 + 28 * len(dots))


def _dot(dot: Dot) -> Spec:
    return {
        "branch": dot.branch,
        "rate": dot.rate,
        "low": dot.low,
        "high": dot.high,
        "tip": dot.tip,
        "fill": _ACCENT if dot.count >= FEW else "var(--bg)",
    }


def _columns(bars: Sequence[Bar], x: Spec, title: str) -> Spec:
    return {
        "data": {
            "values": [
                {"a": bar.since, "b": bar.until, "orders": bar.orders, "tip": bar.tip}
                for bar in bars
            ]
        },
        "mark": {"type": "bar", "color": _ACCENT, "stroke": "var(--bg)"},
        "encoding": {
            "x": {"field": "a", **x},
            "x2": {"field": "b"},
            "y": _counted(title),
            "y2": {"datum": 0},
            "tooltip": {"field": "tip", "type": "nominal"},
        },
    }


def _marks(marks: Mapping[str, float], scale: Spec) -> list[Spec]:
    """Return a line and a name for each mark, above the columns and one below the other.

    Marks may stand close together.
    """
    values = [
        {"at": at, "name": name, "line": 16 * place - 24}
        for place, (name, at) in enumerate(marks.items())
    ]
    at = {"field": "at", "type": "quantitative", "scale": scale}
    line = {"field": "line", "type": "quantitative", "scale": None, "axis": None}
    return [
        {
            "data": {"values": values},
            "mark": {"type": "rule", "color": _INK, "strokeDash": [4, 3]},
            "encoding": {"x": at},
        },
        {
            "data": {"values": values},
            "mark": {"type": "text", "align": "left", "dx": 4, "color": _INK},
            "encoding": {"x": at, "y": line, "text": {"field": "name"}},
        },
    ]


def turnaround_ticks(bars: Iterable[Bar]) -> list[int]:
    """Return the marks of the axis that lie within the bars, in seconds."""
    edges = [edge for bar in bars for edge in (bar.since, bar.until)]
    if not edges:
        return []
    return [tick for tick in _TURNAROUND_TICKS if min(edges) <= tick <= max(edges)]


def _ends(bars: Sequence[Bar]) -> list[float]:
    """Return the ends of the logarithmic axis; a first bin from zero begins at a minute."""
    since = min((bar.since for bar in bars), default=60.0)
    until = max((bar.until for bar in bars), default=3_600.0)
    return [max(since, 60.0) / math.sqrt(2), until * math.sqrt(2)]


def _counted(title: str) -> Spec:
    return {
        "field": "orders",
        "type": "quantitative",
        "axis": {"title": title, "tickMinStep": 1, "format": ",d"},
    }


def _framed(spec: Spec, height: int = 220) -> Spec:
    """Return the specification with the look that all charts share."""
    return {
        **spec,
        "width": "container",
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "background": "transparent",
        "config": {
            "view": {"stroke": None},
            "axis": {
                "labelColor": _INK,
                "titleColor": _INK,
                "titleFontWeight": 400,
                "domainColor": "var(--ctl)",
                "tickColor": "var(--ctl)",
                "gridColor": "var(--line)",
                "labelFontSize": 12,
                "titleFontSize": 12,
            },
            "text": {"fontSize": 12},
        },
    }
