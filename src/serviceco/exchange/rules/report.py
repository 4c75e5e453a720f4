"""What became of a file."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from serviceco.exchange.words import (
    Repair,
    Reported,
    Sorted,
    Verdict,
)


@dataclass(slots=True)
class Report:
    """What became of a file, row by row where something was not understood."""

    rows: int = 0
    imported: int = 0
    unchanged: int = 0
    changed: int = 0
    lines: list[Reported] = field(default_factory=list)

    @property
    def rejected(self) -> int:
        """How many rows were not imported."""
        return sum(line.verdict is Verdict.REJECTED for line in self.lines)

    def add(self, batch: Sorted, rejected: Sequence[Reported], repairs: Sequence[Repair]) -> None:
        """Count one batch: the rows rejected unread, and what became of the understood ones."""
        self.rows += len(rejected) + len(repairs)
        self.imported += len(batch.new)
        self.unchanged += batch.unchanged
        self.changed += len(batch.changed)
        refused = {line.line for line in batch.rejected}
        kept = [
            Reported(repair.line, repair.key, Verdict.KEPT, repair.remarks)
            for repair in repairs
            if repair.remarks and repair.line not in refused
        ]
        self.lines += sorted([*rejected, *batch.rejected, *kept], key=lambda line: line.line)

    def codes(self) -> dict[str, int]:
        """Return how often each thing was not understood."""
        return dict(Counter(note.code.value for line in self.lines for note in line.notes))

    def document(self, limit: int | None = 1_000) -> dict[str, Any]:
        """Return the report as JSON values, with the first `limit` lines."""
        return {
            "rows": self.rows,
            "imported": self.imported,
            "unchanged": self.unchanged,
            "changed": self.changed,
            "rejected": self.rejected,
            "not_understood": self.codes(),
            "lines": [_as_document(line) for line in self.lines[:limit]],
            "more_lines": len(self.lines) - len(self.lines[:limit]),
        }


def _as_document(line: Reported) -> dict[str, Any]:
    return {
        "line": line.line,
        "id": line.key,
        "verdict": line.verdict.value,
        "notes": [
            {"code": note.code.value, "column": note.column, "text": note.text}
            for note in line.notes
        ],
    }
