"""Documents at random: the planner's answer is that of a plain execution of the same declarations."""

import json
import random
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
)

from serviceco.api.errors import LimitExceeded
from serviceco.api.plan.operations import Operations
from serviceco.storage.unit_of_work import unit_of_work
from tests.api.plan.reference import Reference
from tests.api.schema import SCHEMA, schema
from tests.api.world import Company

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00")
CURSOR = re.compile(r"WyJ[\w+/=]+")
SIZES = {"first", "last"}
NOT_ASKED = {"uncounted", "preview", "after", "before"}


class Author:
    """Writes documents over the schema of the tests."""

    def __init__(self, seed: int, company: Company) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - dice, not a secret
        self.company = company
        self.names = 0
        self.definitions: list[str] = []
        self.variables: dict[str, Any] = {}

    def document(self) -> str:
        query = SCHEMA.graphql.query_type
        assert query is not None
        selections = self.selections(query, 4, fewest=1, most=2)
        definitions = f"({', '.join(self.definitions)})" if self.definitions else ""
        return f"query {definitions} {{ {selections} }}"

    def selections(
        self, type_: GraphQLObjectType, depth: int, fewest: int = 1, most: int = 4
    ) -> str:
        offered = [
            (name, field)
            for name, field in type_.fields.items()
            if name not in NOT_ASKED and (depth > 1 or is_leaf_type(get_named_type(field.type)))
        ]
        chosen = self.dice.sample(offered, min(len(offered), self.dice.randint(fewest, most)))
        parts = [self.field(name, field, depth) for name, field in chosen]
        if self.dice.random() < 0.2 or not parts:
            parts.append("__typename")
        if self.dice.random() < 0.2:
            parts.append(f"... on {type_.name} {{ {parts[0]} }}")
        return " ".join(parts)

    def field(self, name: str, field: GraphQLField, depth: int) -> str:
        self.names += 1
        alias = f"a{self.names}: " if self.dice.random() < 0.2 or field.args else ""
        skip = ""
        if self.dice.random() < 0.3:
            condition = self.given("Boolean!", self.dice.choice([True, False]))
            skip = f" @{self.dice.choice(['skip', 'include'])}(if: {condition})"
        named = get_named_type(field.type)
        below = ""
        if isinstance(named, GraphQLObjectType):
            below = f" {{ {self.selections(named, depth - 1)} }}"
        return f"{alias}{name}{self.arguments(field)}{skip}{below}"

    def arguments(self, field: GraphQLField) -> str:
        given = {
            name: self.given(str(argument.type), self.value(name, argument.type))
            for name, argument in field.args.items()
            if is_required_argument(argument)
            or (name not in NOT_ASKED | SIZES and self.dice.random() < 0.2)
        }
        if field.args.keys() >= SIZES:
            size = self.given("Int", self.dice.choice([1, 2, 5, 20]))
            given[self.dice.choice(sorted(SIZES))] = size
        listed = ", ".join(f"{name}: {value}" for name, value in given.items())
        return f"({listed})" if given else ""

    def given(self, type_: str, value: Any) -> str:
        """Write a value as a literal, as a variable, or as the default of a variable left out."""
        literal = written(value) if "Status" in type_ or "Order" in type_ else json.dumps(value)
        way = self.dice.random()
        if way < 0.5 or (value is None and type_.endswith("!")):
            return literal
        name = f"v{len(self.definitions)}"
        if way < 0.6:
            self.definitions.append(f"${name}: {type_} = {literal}")
        else:
            self.definitions.append(f"${name}: {type_}")
            self.variables[name] = value
        return f"${name}"

    def value(self, name: str, type_: Any) -> Any:
        order = self.dice.choice(self.company.orders)
        named = get_named_type(type_)
        if isinstance(named, GraphQLEnumType):
            value = self.dice.choice(list(named.values))
            return [value] if is_list_type(type_) else value
        return {
            "number": order.number[: self.dice.randint(3, 4)],
            "serial": " fixit-2",
            "branchId": str(order.branch_id),
            "open": self.dice.choice([True, False, None]),
            "since": order.received_at.isoformat(),
            "phone": "+8613800000002",
            "search": self.dice.choice([order.number, "fixit-3", "none"]),
        }.get(name)


def written(value: Any) -> str:
    """The names of an enum as the language writes them."""
    return json.dumps(value).replace('"', "")


def alike(value: Any) -> Any:
    """The answer with instants read and cursors, which are opaque, reduced to being there."""
    if isinstance(value, dict):
        return {key: alike(below) for key, below in value.items()}
    if isinstance(value, list):
        return [alike(below) for below in value]
    if isinstance(value, str) and CURSOR.fullmatch(value):
        return "some"
    if isinstance(value, str) and INSTANT.fullmatch(value):
        return datetime.fromisoformat(value).astimezone(UTC)
    return value


@pytest.mark.parametrize("seed", range(60))
async def test_the_planner_answers_as_a_plain_execution_does(api, engine, fixit, seed):
    author = Author(seed, fixit)
    branches = [None, None, frozenset({fixit.branches[0].id}), frozenset[Any]()]
    actor = fixit.actor(branch_ids=author.dice.choice(branches))
    document = author.document()
    try:
        Operations(SCHEMA.model).operation(document)
    except LimitExceeded:
        document, author.variables = "{ __typename }", {}
    answer = await api.execute(actor, document, author.variables)
    async with unit_of_work(engine, fixit.tenant_id) as session:
        expected = await Reference(schema().graphql, actor, session).answer(
            document, author.variables
        )
    assert alike(answer["data"]) == alike(expected["data"]), document
    assert len(answer.get("errors", [])) == len(expected.get("errors", [])), document
