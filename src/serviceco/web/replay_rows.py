"""A replay as tables: the matrix of coverages, and what each payer bears before and after."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]
PAYERS = ("brand", "customer", "tenant", "other")
COVERAGES = ("IN_WARRANTY", "PAID", "MIXED", "GOODWILL", "DECLINED", "UNDECIDED")


@dataclass(slots=True)
class Shift:
    """Orders, and what each of `PAYERS` bears as it was and as it would be, in minor units."""

    name: str = ""
    orders: int = 0
    changed: int = 0
    before: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PAYERS, 0))
    after: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PAYERS, 0))

    def add(self, row: Row) -> None:
        """Count a row of the API in."""
        self.orders += row.get("orders", 1)
        if row.get("before") != row.get("after"):
            self.changed += row.get("orders", 1)
        for payer in PAYERS:
            for side, sums in (("Before", self.before), ("After", self.after)):
                money = row[f"{payer}{side}"]
                sums[payer] += int(money["amountMinor"]) if money else 0

    def change(self, payer: str) -> int:
        """Return by how much a payer would bear more; less is negative."""
        return self.after[payer] - self.before[payer]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Coverages as they were (down) against as they would be (across), those that occur."""

    down: tuple[str, ...]
    across: tuple[str, ...]
    cells: Mapping[tuple[str, str], Shift]


def matrix_of(rows: Iterable[Row]) -> Matrix:
    """Return the matrix over all branches."""
    cells: dict[tuple[str, str], Shift] = {}
    for row in rows:
        cells.setdefault((row["before"], row["after"]), Shift()).add(row)
    down = tuple(code for code in COVERAGES if any(was == code for was, _ in cells))
    across = tuple(code for code in COVERAGES if any(becomes == code for _, becomes in cells))
    return Matrix(down, across, cells)


def total_of(rows: Iterable[Row]) -> Shift:
    """Return all rows added up."""
    total = Shift()
    for row in rows:
        total.add(row)
    return total


def shifts_by(rows: Iterable[Row], key: str, names: Mapping[str, str], unknown: str) -> list[Shift]:
    """Return the sums by branch or model, those of which most changes hands first."""
    found: dict[str, Shift] = {}
    for row in rows:
        name = names.get(row[key], unknown)
        found.setdefault(row[key], Shift(name)).add(row)
    return sorted(found.values(), key=lambda shift: (-_moved(shift), shift.name))


def names_of(rows: Sequence[Row]) -> dict[str, str]:
    """Return names by id, each with its code where that says more."""
    return {row["id"]: f"{row['name']} ({row['code']})" for row in rows}


def _moved(shift: Shift) -> int:
    return sum(abs(shift.change(payer)) for payer in PAYERS)
