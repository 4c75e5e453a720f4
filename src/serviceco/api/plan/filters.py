"""Arguments of lists: an allow-list of conditions, each declared beside the list that offers it."""

import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Enum, Text, func, not_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import any_
from sqlalchemy.types import TypeEngine

from serviceco.api.plan.access import Access, Needs, access

Bind = ColumnElement[Any]
Convert = Callable[[Any], Any]
Attribute = InstrumentedAttribute[Any]


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on the column's table over a parameter; `keys` lead there from the list's table.

    `convert` folds the argument in Python as the column is stored: a serial, a phone number.
    """

    column: Attribute
    build: Callable[[Bind], ColumnElement[bool]]
    parameter: TypeEngine[Any]
    convert: Convert | None = None
    keys: tuple[Attribute, ...] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """A table of words, each with the row that it finds; all that `spans` reads must be found.

    A word that is not `open` counts only for those whom `needs` admits: a search tells nobody
    what they may not read.
    """

    word: Attribute
    found: Attribute
    open: ColumnElement[bool]
    needs: Access
    spans: Callable[[str], Sequence[tuple[str, str | None]]]
    most: int

    def form(self, text: str) -> tuple[bool, ...]:
        """Return for each word of a text whether a span of stored words is meant, or just itself."""
        return tuple(until is not None for _, until in self.spans(text)[: self.most + 1])


@dataclass(frozen=True, slots=True)
class Filter:
    """One argument: its GraphQL type, and the conditions of which one must hold.

    A filter that is left out, or null, does not restrict the list; one that is `required` may not
    be. A `choice` is no parameter: its value decides the form of the statement, so that an index
    with a predicate can serve it. `words` are looked up, however many the argument holds.
    """

    annotation: Any
    description: str
    conditions: tuple[Condition, ...] = ()
    needs: tuple[Access, ...] = ()
    choice: Callable[[Any], ColumnElement[bool]] | None = None
    is_required: bool = False
    words: Words | None = None


def equals(
    column: Attribute,
    description: str,
    *,
    needs: Needs | None = None,
    convert: Convert | None = None,
) -> Filter:
    """Keep rows whose column is the argument."""
    return _compared(column, lambda bind: column == bind, description, needs, convert)


def at_least(column: Attribute, description: str, *, needs: Needs | None = None) -> Filter:
    """Keep rows whose column is the argument or more (`since`)."""
    return _compared(column, lambda bind: column >= bind, description, needs)


def less_than(column: Attribute, description: str, *, needs: Needs | None = None) -> Filter:
    """Keep rows whose column is less than the argument (`until`)."""
    return _compared(column, lambda bind: column < bind, description, needs)


def starts_with(
    column: Attribute,
    description: str,
    *,
    needs: Needs | None = None,
    convert: Convert | None = None,
) -> Filter:
    """Keep rows whose text begins with the argument."""
    return _compared(
        column, lambda bind: func.starts_with(column, bind), description, needs, convert
    )


def one_of(column: Attribute, description: str, *, needs: Needs | None = None) -> Filter:
    """Keep rows whose column is among the arguments."""
    one = equals(column, description, needs=needs)
    among = replace(
        one.conditions[0],
        build=lambda bind: column == any_(bind),
        parameter=ARRAY(_parameter(column)),
    )
    return replace(one, annotation=types.GenericAlias(list, (one.annotation,)), conditions=(among,))


def when(condition: ColumnElement[bool], description: str, *, needs: Needs | None = None) -> Filter:
    """Keep rows for which the condition holds (true), or for which it does not (false)."""
    return Filter(
        bool,
        description,
        needs=_needs(needs),
        choice=lambda wanted: condition if wanted else not_(condition),
    )


def through(key: Attribute, inner: Filter) -> Filter:
    """Apply another table's filter to the row to which `key` leads."""
    conditions = tuple(replace(c, keys=(key, *c.keys)) for c in inner.conditions)
    return replace(inner, conditions=conditions)


def any_of(description: str, *filters: Filter) -> Filter:
    """Keep rows that pass at least one of the filters, each given the same argument."""
    return Filter(
        filters[0].annotation,
        description,
        conditions=tuple(condition for one in filters for condition in one.conditions),
        needs=tuple(need for one in filters for need in one.needs),
    )


def by_words(
    word: Attribute,
    found: Attribute,
    description: str,
    *,
    spans: Callable[[str], Sequence[tuple[str, str | None]]],
    most: int,
    unless: Attribute,
    needs: Needs,
) -> Filter:
    """Keep rows that each word of a text finds, in a table of words that `found` leads from.

    `spans` reads the text: for each word, from which stored one on and before which, or None for
    that one alone. Words that are marked `unless` find nothing for those who lack `needs`.
    """
    words = Words(word, found, not_(unless), access(needs), lru_cache(1_024)(spans), most)
    return Filter(str, description, words=words)


def required(filter_: Filter) -> Filter:
    """Make the argument one that must be given."""
    return replace(filter_, is_required=True)


def _compared(
    column: Attribute,
    build: Callable[[Bind], ColumnElement[bool]],
    description: str,
    needs: Needs | None,
    convert: Convert | None = None,
) -> Filter:
    condition = Condition(column, build, _parameter(column), convert)
    return Filter(_annotation(column), description, (condition,), _needs(needs))


def _parameter(column: Attribute) -> TypeEngine[Any]:
    return Text() if isinstance(column.type, Enum) else column.type


def _annotation(column: Attribute) -> Any:
    return column.type.enum_class if isinstance(column.type, Enum) else column.type.python_type


def _needs(needs: Needs | None) -> tuple[Access, ...]:
    return () if needs is None else (access(needs),)
