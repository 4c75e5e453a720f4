"""Every mention of a table in one statement: its alias, its owner, the actor's branches, its filters."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, FromClause, false, or_, select
from sqlalchemy.sql import any_

from serviceco.api.errors import Forbidden, InvalidArgument, Path
from serviceco.api.plan.access import Rights
from serviceco.api.plan.arguments import Source
from serviceco.api.plan.clauses import alias_of, moved
from serviceco.api.plan.fields import table_of
from serviceco.api.plan.filters import Condition, Filter, Words
from serviceco.api.plan.model import Model
from serviceco.api.plan.parameters import Parameters
from serviceco.api.plan.rows import Frame, Row
from serviceco.api.plan.selection import Given
from serviceco.storage.base import Kind, Table


@dataclass(slots=True)
class Mentions:
    """Names tables, and says what must hold of a row before anything else is asked of it.

    No table enters a statement but through here, so none can without its owner.
    """

    model: Model
    rights: Rights
    parameters: Parameters
    given: Given
    _times: dict[type[Table], int] = field(default_factory=dict)

    def row(self, table: type[Table]) -> tuple[Row, list[ColumnElement[bool]]]:
        """Return a row in a FROM of its own, and what must hold of it."""
        alias, where = self.alias(table)
        return Row(alias, table, Frame(alias)), where

    def alias(self, table: type[Table]) -> tuple[FromClause, list[ColumnElement[bool]]]:
        """Return a new name for a table, and what must hold of a row under it."""
        self._times[table] = times = self._times.get(table, 0) + 1
        alias = alias_of(table, times)
        where: list[ColumnElement[bool]] = []
        if table.kind is Kind.TENANT:
            of_brand = self.rights.of_brand
            owner = self.parameters.brand() if of_brand else self.parameters.tenant()
            where.append(alias.c.tenant_id == owner)
        elif table.kind is Kind.BRAND:
            where.append(alias.c.brand_id == self.parameters.brand())
        branch = self.model.branches.get(table.__tablename__)
        if branch is not None and self.rights.is_scoped:
            where.append(alias.c[branch.key] == any_(self.parameters.branches()))
        brand = self.model.brands.get(table.__tablename__)
        if brand is not None and self.rights.of_brand:
            where.append(alias.c[brand.key] == self.parameters.brand())
        return alias, where

    def filtered(
        self,
        filters: Mapping[str, Filter],
        arguments: Mapping[str, Source],
        alias: FromClause,
        path: Path,
    ) -> list[ColumnElement[bool]]:
        """Return the conditions of the filters that are given.

        Raises:
            Forbidden: the actor may not read what a filter asks about.
        """
        where: list[ColumnElement[bool]] = []
        for name, filter_ in filters.items():
            source = arguments.get(name)
            if source is None:
                continue
            if not all(need.admits(self.rights) for need in filter_.needs):
                raise Forbidden(f"You may not ask by {name}.", path=path)
            if filter_.words is not None:
                where += self._found(filter_.words, source, alias, path)
            elif filter_.choice is not None:
                where.append(moved(filter_.choice(source.now(self.given, path)), alias))
            else:
                where.append(or_(*(self._holds(c, source, alias) for c in filter_.conditions)))
        return where

    def _found(
        self, words: Words, source: Source, alias: FromClause, path: Path
    ) -> Iterator[ColumnElement[bool]]:
        """Yield for each word of a text that it finds the row; without a word nothing is found."""
        form = source.size(self.given, words.form, path)
        if len(form) > words.most:
            raise InvalidArgument(f"A search holds at most {words.most} words.", path=path)
        if not form:
            yield false()
        for nth, is_span in enumerate(form):
            key, where = self.alias(table_of(words.word))
            word = moved(words.word, key)
            since = self._bound(words, source, nth, 0)
            where += (
                [word >= since, word < self._bound(words, source, nth, 1)]
                if is_span
                else [word == since]
            )
            if not words.needs.admits(self.rights):
                where.append(moved(words.open, key))
            yield alias.c.id.in_(select(moved(words.found, key)).where(*where))

    def _bound(self, words: Words, source: Source, nth: int, end: int) -> ColumnElement[Any]:
        """Return where the span of the nth word of a text begins, or ends."""
        key = ("word", source.key, words.word.key, nth, end)
        read = Source(key, lambda variables: words.spans(source.read(variables))[nth][end])
        return self.parameters.argument(read, words.word.type)

    def _holds(
        self, condition: Condition, source: Source, alias: FromClause, depth: int = 0
    ) -> ColumnElement[bool]:
        if depth == len(condition.keys):
            bind = self.parameters.argument(source, condition.parameter, condition.convert)
            return moved(condition.build(bind), alias)
        # The key leads to the table of the next key, or at last to that of the column.
        other, where = self.alias(table_of((*condition.keys[depth + 1 :], condition.column)[0]))
        where.append(self._holds(condition, source, other, depth + 1))
        return alias.c[condition.keys[depth].key].in_(select(other.c.id).where(*where))
