"""Writes documents over the schema of the tests, as Hypothesis draws them."""

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
)
from hypothesis import strategies as st

from tests.api.schema import SCHEMA
from tests.api.world import Company

Some = TypeVar("Some")
Draw = Callable[[st.SearchStrategy[Some]], Some]
SIZES = {"first", "last"}
NOT_ASKED = {"uncounted", "preview", "after", "before"}
NOBODY = "01900000-0000-7000-8000-000000000000"


class Author:
    """Writes one document with its variables."""

    def __init__(self, draw: Draw[Any], company: Company) -> None:
        self.draw = draw
        self.company = company
        self.names = 0
        self.definitions: list[str] = []
        self.fragments: list[str] = []
        self.variables: dict[str, Any] = {}

    def document(self) -> str:
        query = SCHEMA.graphql.query_type
        assert query is not None
        selections = self.selections(query, 4, most=2)
        definitions = f"({', '.join(self.definitions)})" if self.definitions else ""
        return " ".join([f"query {definitions} {{ {selections} }}", *self.fragments])

    def choice(self, options: Sequence[Some]) -> Some:
        drawn: Some = self.draw(st.sampled_from(options))
        return drawn

    def happens(self, tenths: int) -> bool:
        return bool(self.draw(st.integers(0, 9)) >= 10 - tenths)

    def below(self, type_: GraphQLNamedType, depth: int) -> str:
        if is_abstract_type(type_):
            return self.of_several(type_, depth)
        assert isinstance(type_, GraphQLObjectType)
        return self.selections(type_, depth)

    def of_several(self, type_: Any, depth: int) -> str:
        """What all of them have, and for some of them what is theirs alone."""
        parts = ["__typename"]
        if isinstance(type_, GraphQLInterfaceType) and self.happens(5):
            parts.append("id")
        possible = SCHEMA.graphql.get_possible_types(type_)
        for member in possible:
            if self.happens(6):
                asked = self.selections(member, min(depth, 2), renamed=True)
                parts.append(f"... on {member.name} {{ {asked} }}")
            if "aloud" in member.fields and self.happens(3):
                parts.append(f"... on {member.name} {{ aloud }}")
        return " ".join(parts)

    def selections(
        self, type_: GraphQLObjectType, depth: int, *, most: int = 4, renamed: bool = False
    ) -> str:
        offered = [
            (name, field)
            for name, field in type_.fields.items()
            if name not in NOT_ASKED and (depth > 1 or is_leaf_type(get_named_type(field.type)))
        ]
        if not offered:
            return "__typename"
        chosen = st.lists(
            st.sampled_from(range(len(offered))), min_size=1, max_size=most, unique=True
        )
        parts = [
            self.field(offered[i][0], offered[i][1], depth, renamed=renamed)
            for i in self.draw(chosen)
        ]
        if self.happens(2):
            parts.append("__typename")
        if self.happens(2):
            parts.append(f"... on {type_.name} {self.condition()} {{ {parts[0]} }}")
        if self.happens(1):
            name = f"F{len(self.fragments)}"
            self.fragments.append(f"fragment {name} on {type_.name} {{ {parts[-1]} }}")
            parts.append(f"...{name} {self.condition()}")
        return " ".join(parts)

    def field(self, name: str, field: GraphQLField, depth: int, *, renamed: bool) -> str:
        self.names += 1
        alias = f"a{self.names}: " if renamed or field.args or self.happens(2) else ""
        written = f"{alias}{name}{self.arguments(field)} {self.condition()}"
        named = get_named_type(field.type)
        return written if is_leaf_type(named) else f"{written} {{ {self.below(named, depth - 1)} }}"

    def condition(self) -> str:
        """Mostly none, else one of the directives, or both."""
        if not self.happens(2):
            return ""
        names = self.choice([["skip"], ["include"], ["include", "skip"]])
        return " ".join(
            f"@{name}(if: {self.given('Boolean!', self.choice([True, False]))})" for name in names
        )

    def arguments(self, field: GraphQLField) -> str:
        given = {
            name: self.given(str(argument.type), self.value(name, argument.type))
            for name, argument in field.args.items()
            if is_required_argument(argument) or (name not in NOT_ASKED | SIZES and self.happens(2))
        }
        if field.args.keys() >= SIZES:
            size = self.given("Int", self.choice([1, 2, 5, 20]))
            given[self.choice(sorted(SIZES))] = size
        listed = ", ".join(f"{name}: {value}" for name, value in given.items())
        return f"({listed})" if given else ""

    def given(self, type_: str, value: Any) -> str:
        """Write a value as a literal, as a variable, or as the default of a variable left out."""
        literal = written(value) if "Status" in type_ or "Order" in type_ else json.dumps(value)
        way = self.draw(st.integers(0, 9))
        if way < 5 or (value is None and type_.endswith("!")):
            return literal
        name = f"v{len(self.definitions)}"
        if way == 5:
            self.definitions.append(f"${name}: {type_} = {literal}")
        else:
            self.definitions.append(f"${name}: {type_}")
            self.variables[name] = value
        return f"${name}"

    def value(self, name: str, type_: Any) -> Any:
        named = get_named_type(type_)
        if isinstance(named, GraphQLEnumType):
            value = self.choice(list(named.values))
            return [value] if is_list_type(type_) else value
        order = self.choice(self.company.orders)
        offered: dict[str, Callable[[], Any]] = {
            "id": self.id,
            "number": lambda: order.number[: self.draw(st.integers(3, 4))],
            "serial": lambda: " fixit-2",
            "branchId": lambda: self.choice([str(order.branch_id), NOBODY, None]),
            "open": lambda: self.choice([True, False, None]),
            "since": lambda: self.choice([order.received_at.isoformat(), None]),
            "phone": lambda: "+8613800000002",
            "search": lambda: self.choice([order.number, "fixit-3", "none"]),
            "words": lambda: self.choice(
                ["fixit", "王芳", "fixit 0002", "芳 fixit3", "!", "no", None]
            ),
        }
        return offered[name]()

    def id(self) -> str:
        """The id of a row of any type, or of none."""
        rows = self.choice([list(self.company.rows()), self.company.lines, self.company.devices])
        return self.choice([*(str(row.id) for row in rows), NOBODY])  # type: ignore[attr-defined]  # every row here has an id


def written(value: Any) -> str:
    """The names of an enum as the language writes them."""
    return json.dumps(value).replace('"', "")
