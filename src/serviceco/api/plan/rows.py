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
from sqlalchemy.ext.compiler import compiles

from serviceco.api.plan.clauses import constant, moved, one_object, text_of
from serviceco.api.plan.model import PlannedType
from serviceco.api.plan.paging import Ordering
from serviceco.storage.base import Table

Columns = list[Label[Any]]
# A function of PostgreSQL takes at most a hundred arguments.
MOST_PAIRS = 50


class CutRows(FromClause):
    """Some rows of an alias, under its own name: what stands on the alias stands on them alike."""

    __visit_name__ = "cut_rows"
    inherit_cache = False

    def __init__(self, alias: FromClause, rows: Select[Any]) -> None:
        """Take the alias, and the select of whole rows of it."""
        self._whole = alias
        self.rows = rows.subquery(alias.description)

    def get_children(self, **_: Any) -> list[Any]:
        """Return what a walk over the statement finds below."""
        return [self.rows]

    @property
    def _from_objects(self) -> list[FromClause]:
        # As a join does: the alias is inside, so it is not mentioned once more.
        return [self, self._whole]

    @property
    def _hide_froms(self) -> list[FromClause]:
        return [self._whole]


@compiles(CutRows)
def _write_cut_rows(cut: CutRows, compiler: Any, **options: Any) -> str:
    text: str = compiler.process(cut.rows, **options)
    return text


@dataclass(slots=True)
class Frame:
    """The FROM of one row: a mention of its table, and the rows to which its keys lead.

    Those are joined rather than selected one by one: PostgreSQL then looks up fifty customers
    in one pass, and a branch that all of them share but once.
    """

    origin: FromClause
    joined: list[FromClause] = field(default_factory=list)
    _conditions: list[ColumnElement[bool]] = field(default_factory=list)

    def join(self, other: FromClause, conditions: Sequence[ColumnElement[bool]]) -> None:
        """Join the one row that meets the conditions, if there is one."""
        self.joined.append(other)
        self._conditions.append(and_(*conditions))

    def clause(self, origin: FromClause | None = None) -> FromClause:
        """Return the FROM clause so far; `origin` may be some rows of the mention instead."""
        clause = self.origin if origin is None else origin
        for other, condition in zip(self.joined, self._conditions, strict=True):
            clause = clause.outerjoin(other, condition)
        return clause


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

    def select(
        self,
        columns: Iterable[ColumnElement[Any]],
        *,
        beyond: Sequence[ColumnElement[bool]] = (),
        size: ColumnElement[int],
        is_backward: bool = False,
    ) -> Select[Any]:
        """Return the first `size` rows beyond a place, with these columns and what those joined.

        The rows are cut before anything is joined to them: a search may find thousands, of
        which a page shows twenty.
        """
        order = self.order.parts(is_backward=is_backward)
        where = [*self.where, *beyond]
        alias, frame = self.row.alias, self.row.frame
        group = [moved(key, alias) for key in self.type_.plan.group_by]
        if group or not frame.joined:
            rows = select(*columns).select_from(frame.clause()).where(*where).group_by(*group)
            return self._correlated(rows).order_by(*order).limit(size)
        whole: Select[Any] = select(literal_column(f"{alias.description}.*")).select_from(alias)
        cut = CutRows(alias, self._correlated(whole.where(*where)).order_by(*order).limit(size))
        return self._correlated(select(*columns).select_from(frame.clause(cut))).order_by(*order)

    def counted(self, count: ColumnElement[int]) -> ColumnElement[int]:
        """Return how many rows there are."""
        rows = select(count).select_from(self.row.alias).where(*self.where)
        return self._correlated(rows).scalar_subquery()

    def _correlated(self, rows: Select[Any]) -> Select[Any]:
        return rows.correlate(None if self.outer is None else self.outer.alias)
