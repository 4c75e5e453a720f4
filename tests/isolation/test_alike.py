"""What is hidden and what is not there read alike, byte for byte: nobody learns which it was."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from graphql import GraphQLNamedType, get_named_type

from serviceco.core.ids import new_id
from serviceco.core.order_numbers import order_number
from tests.isolation.documents import Writer
from tests.isolation.expected import QUERIES as EXPECTED
from tests.isolation.test_matrix import SCHEMA, World, asked, served, world

__all__ = ["served", "world"]  # fixtures

UNKNOWN_NUMBER = order_number(date(2026, 11, 22), 4711)
# A report says as of when it speaks.
_NOW = re.compile(r'(?<="asOf":")[^"]+')
# Arguments that name a row; the rest says what to do with it.
NAMING = frozenset({"number", "code", "serial", "phone", "company"})


def names_a_row(argument: str, type_: GraphQLNamedType) -> bool:
    return argument in NAMING or type_.name == "UUID"


def by_name(fields: Any) -> list[str]:
    """Return the fields with an argument that names a row."""
    return sorted(
        name
        for name, field in fields.items()
        if any(names_a_row(a, get_named_type(given.type)) for a, given in field.args.items())
    )


assert SCHEMA.graphql.query_type is not None
assert SCHEMA.graphql.mutation_type is not None
QUERIES = by_name(SCHEMA.graphql.query_type.fields)
MUTATIONS = by_name(SCHEMA.graphql.mutation_type.fields)


def unknown(variables: dict[str, Any]) -> dict[str, Any]:
    """Return the variables with other names, of rows that are nobody's."""
    return {name: _unknown(name, value) for name, value in variables.items()}


def _unknown(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return unknown(value)
    if isinstance(value, list):
        return [_unknown(name, one) for one in value]
    if name == "number":
        return UNKNOWN_NUMBER
    if name == "phone":
        return "+8613900999999"
    if isinstance(value, str) and len(value) == 36 and value.count("-") == 4:
        return str(new_id())
    return f"{value}0" if name in NAMING else value


def strangers(field: str, *, is_query: bool) -> Iterator[str]:
    """Yield who may ask this field, and sees nothing of the company."""
    of_brand = is_query and EXPECTED[field].of_brand
    yield "reviewer of another brand" if of_brand else "owner of another company"


@pytest.mark.parametrize("field", QUERIES)
async def test_a_hidden_row_reads_like_none(served, world: World, field):
    await held_alike(served, world, world.writer, field, is_query=True)


@pytest.mark.parametrize("field", MUTATIONS)
async def test_a_hidden_row_is_changed_like_none(served, world: World, field):
    await held_alike(served, world, world.writer, field, is_query=False)


async def held_alike(api: Any, world: World, writer: Writer, field: str, *, is_query: bool) -> None:
    text, variables = writer.query(field) if is_query else writer.mutation(field)
    other = unknown(variables)
    for given in (variables, other):
        given.update({name: str(new_id()) for name in given if name == "idempotencyKey"})
    for who in strangers(field, is_query=is_query):
        hidden, _ = await asked(api, world.people[who], (text, variables))
        absent, _ = await asked(api, world.people[who], (text, other))
        assert _NOW.sub("", hidden) == _NOW.sub("", absent)
        assert "INVALID_DOCUMENT" not in hidden
