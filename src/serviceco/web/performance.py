"""Branch performance: what was done in a period, against the one before, branch by branch."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.actor import Permission
from serviceco.core.periods import Period, local_day
from serviceco.web.chart_library import ADDRESS
from serviceco.web.charts import COVERAGE_COLOURS
from serviceco.web.choices import chosen, named_brands
from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk
from serviceco.web.downloads import csv_answer
from serviceco.web.drill import Drill, brand_of
from serviceco.web.figures import span_text, tiles
from serviceco.web.forms import Form
from serviceco.web.listing import Address, Chip, address_of
from serviceco.web.order_rows import COVERAGES
from serviceco.web.performance_files import report_cells, report_headings
from serviceco.web.report_charts import comparison, coverage_word, turnaround, volume
from serviceco.web.shells import BranchChoice
from serviceco.web.spans import DEFAULT, PRESETS, PeriodReversed, asked_period

FILTERS = ("period", "from", "to", "brand", "cov")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: a branch, or a brand within it (`brand` is then its name)."""

    branch: str
    brand: str | None
    figures: Mapping[str, Any]
    drill: Drill | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A report as it was asked for; no `branch` means all in scope."""

    address: Address
    form: Form
    preset: str
    period: Period
    branch: BranchChoice | None

    def variables(self) -> dict[str, Any]:
        """Return the variables of the document."""
        coverage = self.address.among("cov", COVERAGES)
        return {
            "since": self.period.since.isoformat(),
            "until": self.period.until.isoformat(),
            "beforeSince": self.period.previous().since.isoformat(),
            "branchIds": [self.branch.id] if self.branch else None,
            "brandId": chosen(self.address.text("brand")),
            "coverage": coverage[0] if coverage else None,
        }


class PerformancePages(Controller):
    """The report of all branches in scope, and of one."""

    path = ""
    include_in_schema = False

    @get("/hq/performance")
    async def show(self, desk: NamedDependency[Desk], request: PageRequest) -> Response[str]:
        """Compare the branches."""
        return await _page(desk, _asked(desk, request, None))

    @get("/b/{branch:str}/performance")
    async def show_branch(
        self, desk: NamedDependency[Desk], request: PageRequest, branch: FromPath[str]
    ) -> Response[str]:
        """Report one branch."""
        return await _page(desk, _asked(desk, request, desk.branch(branch)))

    @get("/hq/performance.csv")
    async def download(self, desk: NamedDependency[Desk], request: PageRequest) -> Response[bytes]:
        """Return the table as a file."""
        return await _file(desk, _asked(desk, request, None))

    @get("/b/{branch:str}/performance.csv")
    async def download_branch(
        self, desk: NamedDependency[Desk], request: PageRequest, branch: FromPath[str]
    ) -> Response[bytes]:
        """Return the table of one branch as a file."""
        return await _file(desk, _asked(desk, request, desk.branch(branch)))


def _asked(desk: Desk, request: PageRequest, branch: BranchChoice | None) -> Asked:
    address = address_of(request, FILTERS)
    form = address.form()
    today = local_day(desk.now, branch.zone if branch else desk.shell.zone)
    try:
        preset, period = asked_period(address, today)
    except PeriodReversed:
        form.errors["to"] = desk.say("report.reversed")
        preset, period = DEFAULT, PRESETS[DEFAULT](today)
    return Asked(address, form, preset, period, branch)


async def _page(desk: Desk, asked: Asked) -> Response[str]:
    report = await desk.read("PerformanceReport", **asked.variables())
    brands = named_brands((await desk.read("BrandChoices"))["brands"], desk.language)
    total = report["branches"]["total"]
    charts = [
        volume(desk, report["weeklyVolume"], asked.period),
        turnaround(desk, report["turnaroundDistribution"], total),
        comparison(desk, report["branches"]["rows"], total),
    ]
    return desk.page(
        "reports/performance.html",
        form=asked.form,
        asked=asked,
        last_day=asked.period.until - timedelta(days=1),
        turnaround=partial(span_text, language=desk.language),
        presets=[
            (
                desk.say(f"report.period.{name}"),
                asked.address.to(period=name, **_UNTYPED),
                name == asked.preset,
            )
            for name in PRESETS
        ],
        tiles=tiles(desk, total, report["before"]["total"], report["branches"]["turnaroundError"]),
        total=total,
        whole=_whole(desk, asked),
        lines=_lines(desk, asked, report, dict(brands)),
        charts=[chart for chart in charts if chart.rows],
        as_of=report["branches"]["asOf"],
        coverages=[(code, coverage_word(desk, code)) for code in COVERAGE_COLOURS],
        brands=brands,
        chips=_chips(desk, asked.address, dict(brands)),
        library=ADDRESS,
    )


_UNTYPED: Mapping[str, None] = {"from": None, "to": None}


async def _file(desk: Desk, asked: Asked) -> Response[bytes]:
    report = await desk.read("PerformanceReport", **asked.variables())
    rows = report["brands"]["rows"]
    names = {row["branchId"]: row["branchName"] for row in report["branches"]["rows"]}
    cells = [report_cells(desk, names[row["branchId"]], row) for row in rows]
    dates = f"{asked.period.since}-{asked.period.until}"
    return csv_answer(f"performance-{dates}", report_headings(desk), cells)


def _lines(
    desk: Desk, asked: Asked, report: Mapping[str, Any], names: Mapping[str, str]
) -> list[Line]:
    """Return each branch followed by its brands, by their names in the reader's language."""
    may_read = desk.person.may(Permission.READ_ORDERS)
    brands = report["brands"]["rows"]
    lines = []
    for row in report["branches"]["rows"]:
        drill = _drill(asked, row["branchCode"]) if may_read else None
        lines.append(Line(row["branchName"], None, row["figures"], drill))
        for part in _parts(brands, row["branchId"]):
            brand = names.get(part["brandId"]) or desk.say("brand.unknown")
            narrowed = _drill(asked, row["branchCode"], brand_of(part["brandId"]))
            lines.append(Line("", brand, part["figures"], narrowed if may_read else None))
    return lines


def _parts(rows: list[Mapping[str, Any]], branch_id: str) -> list[Mapping[str, Any]]:
    """Return the brands of a branch; none where nobody knows any, as in imported history."""
    found = [row for row in rows if row["branchId"] == branch_id]
    return found if any(row["brandId"] for row in found) else []


def _drill(asked: Asked, branch: str, brand: str = "") -> Drill:
    coverage = next(iter(asked.address.among("cov", COVERAGES)), "")
    chosen_brand = brand or chosen(asked.address.text("brand")) or ""
    return Drill(asked.period, branch, chosen_brand, coverage)


def _whole(desk: Desk, asked: Asked) -> Drill | None:
    """Return the links of the total; none where its days are of more than one zone."""
    zones = {branch.zone for branch in desk.shell.branches}
    if not desk.person.may(Permission.READ_ORDERS):
        return None
    if asked.branch:
        return _drill(asked, asked.branch.code)
    return _drill(asked, "") if zones == {desk.shell.zone} else None


def _chips(desk: Desk, address: Address, brands: Mapping[str, str]) -> list[Chip]:
    chips = [
        Chip(coverage_word(desk, code), address.to(cov=None))
        for code in address.among("cov", COVERAGES)
    ]
    if (brand := address.text("brand")) in brands:
        chips.append(Chip(brands[brand], address.to(brand=None)))
    return chips
