"""Imports of history: how many rows each run took, and which lines it did not understand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.web.connections import PageRequest
from serviceco.web.decisions import coded
from serviceco.web.desk import Desk
from serviceco.web.downloads import csv_answer
from serviceco.web.listing import address_of

# The page shows the first; the file holds every line that the run kept.
SHOWN_LINES = 200


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """One thing of one line: the text that stood in a column, and why it was not understood."""

    line: int
    key: str
    is_rejected: bool
    reason: str
    column: str
    text: str


class ImportPages(Controller):
    """The runs of the company, newest first."""

    path = "/admin"
    include_in_schema = False

    @get("/imports")
    async def show(self, desk: NamedDependency[Desk], request: PageRequest) -> Response[str]:
        """List the runs with their counts."""
        address = address_of(request, ())
        found = (await desk.read("ImportList", **address.place()))["importRuns"]
        return desk.page(
            "exchange/imports.html",
            runs=found["nodes"],
            pager=address.pager(found["pageInfo"]),
        )

    @get("/imports/{run_id:uuid}")
    async def open(self, desk: NamedDependency[Desk], run_id: FromPath[UUID]) -> Response[str]:
        """Show one run with the lines that were not understood."""
        run = await _run(desk, run_id)
        lines = _lines(run, desk.language)
        reasons = run["report"].get("not_understood", {})
        return desk.page(
            "exchange/import.html",
            run=run,
            lines=lines[:SHOWN_LINES],
            found=len(lines),
            more=run["report"].get("more_lines", 0),
            reasons=[
                (coded(desk.language, "import_note", code), number)
                for code, number in sorted(reasons.items(), key=lambda pair: -pair[1])
            ],
        )

    @get("/imports/{run_id:uuid}/lines.csv")
    async def download(
        self, desk: NamedDependency[Desk], run_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Return the lines that were not understood as a file."""
        run = await _run(desk, run_id)
        columns = ("line", "key", "verdict", "reason", "column", "text")
        rows = [
            (
                one.line,
                one.key,
                desk.say("import.rejected" if one.is_rejected else "import.kept"),
                one.reason,
                one.column,
                one.text,
            )
            for one in _lines(run, desk.language)
        ]
        return csv_answer(
            f"import-{run_id}", [desk.say(f"import.column.{name}") for name in columns], rows
        )


async def _run(desk: Desk, run_id: UUID) -> Mapping[str, Any]:
    return desk.found((await desk.read("ImportPage", id=str(run_id)))["importRun"])


def _lines(run: Mapping[str, Any], language: str) -> list[NotUnderstood]:
    return [
        NotUnderstood(
            line=line["line"],
            key=line["id"],
            is_rejected=line["verdict"] == "rejected",
            reason=coded(language, "import_note", note["code"]),
            column=note["column"],
            text=note["text"],
        )
        for line in run["report"].get("lines", [])
        for note in line["notes"]
    ]
