"""Rows while a statement is made: their FROM, their conditions, and the JSON objects made of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Label,
    Select,
    and_,
    case,
    func,
    literal_column,
    select,
)

from serviceco.api.plan.clauses import constant, moved, one_object, text_of
from serviceco.api.plan.model import PlannedType
from serviceco.api.plan.paging import Ordering
from serviceco.storage.base import Table

Columns = list[Label[Any]]
# A function of PostgreSQL takes at most a hundred arguments.
MOST_PAIRS = 50


@dataclass(slots=True)
class Frame:
    """The FROM of one row: a mention of its table, and the rows to which its keys lead.

    Those are joined rather than selected one by one: PostgreSQL then looks up fifty customers
    in one pass, and a branch that all of them share but once.
    """

    origin: FromClause
    joined: list[FromClause] = field(default_factory=list)
    _clause: FromClause | None = None

    def join(self, other: FromClause, conditions: Sequence[ColumnElement[bool]]) -> None:
        """Join the one row that meets the conditions, if there is one."""
        self.joined.append(other)
        self._clause = self.clause.outerjoin(other, and_(*conditions))

    @property
    def clause(self) -> FromClause:
        """The FROM clause so far."""
        return self.origin if self._clause is None else self._clause


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table in a frame."""

    alias: FromClause
    table: type[Table]
    frame: Frame

    def object(self, columns: Columns, name: str) -> ColumnElement[Any]:
        """Return a JSON object of columns of this row."""
        return one_object(self._only(columns), name)

    def object_if(
        self, condition: ColumnElement[bool], columns: Columns, name: str
    ) -> ColumnElement[Any]:
        """Return a JSON object of columns of this row, or null where the condition fails.

        Small objects, of which a page has many, are made without a sub-select: as fast to run,
        and half the statement to compile.
        """
        if len(columns) > MOST_PAIRS:
            return one_object(self._only(columns).where(condition), name)
        known, texts = text_of(condition), [text_of(column.element) for column in columns]
        if known is not None and None not in texts:
            named = ", ".join(
                f"'{column.name}', {text}" for column, text in zip(columns, texts, strict=True)
            )
            return literal_column(f"CASE WHEN ({known}) THEN json_build_object({named}) END")
        pairs = [part for column in columns for part in (constant(column.name), column.element)]
        return case((condition, func.json_build_object(*pairs)))

    def _only(self, columns: Columns) -> Select[Any]:
        return select(*columns).correlate(self.frame.origin, *self.frame.joined)


@dataclass(frozen=True, slots=True)
class Listing:
    """The rows of one mention of a type's table: filtered, not yet ordered or cut.

    `outer` is the row from which an edge leads here.
    """

    type_: PlannedType
    row: Row
    where: list[ColumnElement[bool]]
    order: Ordering
    outer: Row | None

    def select(self, columns: Iterable[ColumnElement[Any]]) -> Select[Any]:
        """Return the rows with these columns, and with what these have joined."""
        group = [moved(key, self.row.alias) for key in self.type_.plan.group_by]
        rows = select(*columns).select_from(self.row.frame.clause)
        return self._correlated(rows.where(*self.where).group_by(*group))

    def counted(self, count: ColumnElement[int]) -> ColumnElement[int]:
        """Return how many rows there are."""
        rows = select(count).select_from(self.row.alias).where(*self.where)
        return self._correlated(rows).scalar_subquery()

    def _correlated(self, rows: Select[Any]) -> Select[Any]:
        return rows.correlate(None if self.outer is None else self.outer.alias)
