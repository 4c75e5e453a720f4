"""The charts are valid Vega-Lite, and say what they were given."""

import pytest
from altair.vegalite.v6.schema.core import Root

from serviceco.web.charts import (
    FEW,
    Bar,
    Dot,
    Segment,
    branch_chart,
    turnaround_chart,
    turnaround_ticks,
    volume_chart,
)

BARS = [Bar(60, 70, 3, "1 min"), Bar(86_400, 96_000, 9, "1 d")]
DOTS = [Dot("sh01", 0.02, 0.0, 0.1, FEW - 1, "few"), Dot("sh02", 0.1, 0.05, 0.2, FEW, "many")]
CHARTS = {
    "volume": volume_chart([Segment("2026-11-02", "PAID", "保外", 3)], "交付量"),
    "turnaround": turnaround_chart(BARS, {"P50 1 d": 86_400.0}, {86_400: "1 d"}, "Closed"),
    "comparison": branch_chart(DOTS, 0.05, "Repeat rate"),
}


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_valid_vega_lite(name):
    assert Root.from_dict(CHARTS[name]).to_dict(validate=True)


def test_a_rate_of_few_orders_is_a_hollow_dot():
    filled = {value["branch"]: value["fill"] for value in CHARTS["comparison"]["data"]["values"]}
    assert filled == {"sh02": "var(--accent)", "sh01": "var(--bg)"}


def test_branches_stand_highest_first():
    dots = CHARTS["comparison"]["layer"][2]["encoding"]["y"]["sort"]
    assert dots == ["sh02", "sh01"]


def test_the_axis_of_turnaround_is_marked_within_its_bars():
    assert turnaround_ticks(BARS) == [3_600, 14_400, 86_400]
    assert turnaround_ticks([]) == []
