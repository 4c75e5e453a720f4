"""Where a selection stands in the answer: its path, its cost, and what Python fills in later."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from serviceco.api.errors import Path


@dataclass(slots=True)
class Cost:
    """How many rows a list may bring, each with the rows of the lists below it.

    The size of a page may depend on a variable; that of any other list is fixed.
    """

    size: int | Callable[[Mapping[str, Any]], int]
    below: list["Cost"] = field(default_factory=list)

    @property
    def varies(self) -> bool:
        """Whether the size of a page here or below depends on variables."""
        return not isinstance(self.size, int) or any(cost.varies for cost in self.below)

    def rows(self, variables: Mapping[str, Any]) -> int:
        """Return the most rows that this list and those below it bring for these variables."""
        size = self.size if isinstance(self.size, int) else self.size(variables)
        return size * (1 + sum(cost.rows(variables) for cost in self.below))


@dataclass(frozen=True, slots=True)
class Step:
    """One response name on the way to a value, and whether null may stand there."""

    name: str
    is_nullable: bool


@dataclass(frozen=True, slots=True)
class Filling:
    """A value that `fill(actor, *values)` makes in Python, at the end of `steps`.

    The values wait there in a list behind the `mark`; rows of another type may have something
    else in the same place.
    """

    steps: tuple[Step, ...]
    fill: Callable[..., Any]
    mark: str


@dataclass(frozen=True, slots=True)
class Place:
    """The way from the root to a selection, and the list in which it lies."""

    cost: Cost
    steps: tuple[Step, ...] = ()

    @property
    def path(self) -> Path:
        """The response names, as errors give them; positions in lists are left out."""
        return tuple(step.name for step in self.steps)

    def at(self, name: str, *, is_nullable: bool = False) -> "Place":
        """Return the place of a field of this selection."""
        return Place(self.cost, (*self.steps, Step(name, is_nullable)))

    def within(self, size: int | Callable[[Mapping[str, Any]], int]) -> "Place":
        """Return the same place inside a list of at most so many rows."""
        cost = Cost(size)
        self.cost.below.append(cost)
        return Place(cost, self.steps)
