"""Requests that nobody would write: documents drawn from the schema, spoilt, and sent with odd values.

Each is made from a seed and its number alone, and from what earlier answers held, so that a run of
the same seed against the same company is the same run.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
)

MOST_KNOWN = 400
DEPTH = 3
_WORTH_KEEPING = re.compile(r'"([0-9a-f]{8}-[0-9a-f-]{27}|\d{12}|[A-Za-z0-9+/=_-]{24,200})"')
_ODD_TEXTS = (
    "", " ", "\0", "x" * 5_000, "é" * 300, "\ud83d", "👩‍🔧" * 40, "'; drop table event; --", '"\\', "%", "_",
    "{field}", "${x}", "../../etc/passwd", "\r\n", "NaN", "null", "0", "-1", "1e400", "\u202eabc", "手機", "＜＞",
)  # fmt: skip
_ODD_NUMBERS = (0, 1, -1, 2**31 - 1, -(2**31), 2**31, 2**53, 2**63 - 1, 2**63, -(2**63), 10**40)
_ODD_DAYS = (
    "2026-11-22", "0001-01-01", "9999-12-31", "2026-02-30", "26-1-1", "", "infinity", "2026-11-22T04:00:00Z",
    "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "2026-11-22T04:00:00",
)  # fmt: skip
_ODD_ANYTHING: tuple[Any, ...] = (None, True, 1.5, [], {}, [[]], {"": None}, "x", 0, [None])
_SPOILS = (
    "{",
    "}",
    "(",
    ")",
    "...",
    "@skip(if: true)",
    "$x",
    "!",
    '"',
    "#",
    "\x00",
    "a:",
    "é",
    "[",
    "1e9",
)


@dataclass
class Fuzz:
    """A source of requests for one schema; `known` are ids and numbers that answers held."""

    schema: GraphQLSchema
    seed: int
    known: list[str] = field(default_factory=list)

    def request(self, number: int) -> bytes:
        """Return the body of a request."""
        random = Random(f"{self.seed}:{number}")  # noqa: S311 - a game of chance
        if random.random() < 0.03:
            return bytes(random.randrange(256) for _ in range(random.randrange(400)))
        text, variables = _Draw(self, random).document()
        if random.random() < 0.1:
            text = spoilt(random, text)
        body: dict[str, Any] = {"query": text, "variables": variables}
        if random.random() < 0.05:
            body[random.choice(("query", "variables", "operationName", "x"))] = random.choice(
                _ODD_ANYTHING
            )
        return json.dumps(body).encode()

    def learn(self, answer: str) -> None:
        """Remember what of an answer a later request may name."""
        found = _WORTH_KEEPING.findall(answer)[:20]
        self.known = list(dict.fromkeys([*self.known, *found]))[-MOST_KNOWN:]


def spoilt(random: Random, text: str) -> str:
    """Return a document with a few places cut, doubled or overwritten."""
    for _ in range(random.randint(1, 4)):
        at, upto = sorted(random.randrange(len(text) + 1) for _ in range(2))
        if upto - at > 80:
            upto = at + 80
        wrong = random.choice((*_SPOILS, text[at:upto] * 3, ""))
        text = text[:at] + wrong + text[upto:]
    return text


class _Draw:
    """The drawing of one document."""

    def __init__(self, fuzz: Fuzz, random: Random) -> None:
        self._fuzz = fuzz
        self._random = random
        self._variables: dict[str, Any] = {}
        self._declared: list[str] = []
        self._budget = random.choice((5, 20, 60, 300))

    def document(self) -> tuple[str, dict[str, Any]]:
        """Return a document and its variables."""
        schema, random = self._fuzz.schema, self._random
        kind = random.choice(("query", "query", "mutation"))
        root = schema.mutation_type if kind == "mutation" else schema.query_type
        assert root is not None
        names = sorted(root.fields)
        chosen = [random.choice(names) for _ in range(1 if random.random() < 0.95 else 3)]
        asked = " ".join(self._field(name, root.fields[name], DEPTH) for name in chosen)
        head = f"({', '.join(self._declared)})" if self._declared else ""
        return f"{kind} Q{head} {{ {asked} }}", self._variables

    def _field(self, name: str, declared: GraphQLField, depth: int) -> str:
        self._budget -= 1
        random = self._random
        alias = f"a{random.randrange(3)}: " if random.random() < 0.1 else ""
        skip = " @skip(if: false)" if random.random() < 0.05 else ""
        return f"{alias}{name}{self._arguments(declared)}{skip} {self._selection(declared, depth)}"

    def _arguments(self, declared: GraphQLField) -> str:
        random, given = self._random, []
        for name, argument in declared.args.items():
            is_owed = isinstance(argument.type, GraphQLNonNull) or name in {
                "first",
                "idempotencyKey",
            }
            if random.random() < (0.97 if is_owed else 0.3):
                variable = f"v{len(self._variables)}"
                self._declared.append(f"${variable}: {argument.type}")
                self._variables[variable] = self._value(name, argument.type, 4)
                given.append(f"{name}: ${variable}")
        return f"({', '.join(given)})" if given else ""

    def _selection(self, declared: GraphQLField, depth: int) -> str:
        type_ = get_named_type(declared.type)
        if is_leaf_type(type_):
            return ""
        if isinstance(type_, GraphQLUnionType):
            members = (f"... on {one.name} {self._fields(one, depth)}" for one in type_.types)
            return f"{{ __typename {' '.join(members)} }}"
        assert isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
        return self._fields(type_, depth)

    def _fields(self, type_: GraphQLObjectType | GraphQLInterfaceType, depth: int) -> str:
        parts = ["__typename"]
        for name, declared in type_.fields.items():
            is_leaf = is_leaf_type(get_named_type(declared.type))
            if self._budget > 0 and (is_leaf or depth > 0) and self._random.random() < 0.6:
                parts.append(self._field(name, declared, depth - (not is_leaf)))
        return f"{{ {' '.join(parts)} }}"

    def _value(self, name: str, declared: Any, depth: int) -> Any:
        random = self._random
        if random.random() < 0.01:
            return random.choice(_ODD_ANYTHING)
        if isinstance(declared, GraphQLNonNull):
            return self._value(name, declared.of_type, depth)
        return None if random.random() < 0.03 else self._named(name, declared, depth)

    def _named(self, name: str, declared: Any, depth: int) -> Any:
        random = self._random
        if isinstance(declared, GraphQLList):
            return [self._value(name, declared.of_type, depth) for _ in range(random.randrange(4))]
        if isinstance(declared, GraphQLEnumType):
            return random.choice(list(declared.values))
        if isinstance(declared, GraphQLInputObjectType):
            return {
                inner: self._value(inner, one.type, depth - 1)
                for inner, one in declared.fields.items()
                if depth > 0 and (isinstance(one.type, GraphQLNonNull) or random.random() < 0.4)
            }
        return self._leaf(name, declared.name)

    def _leaf(self, name: str, type_name: str) -> Any:
        random = self._random
        if name == "first" and random.random() < 0.8:
            return random.randint(1, 10)
        if name == "idempotencyKey" and random.random() < 0.9:
            return f"key {random.randrange(10**9)}"
        makers: dict[str, Callable[[], Any]] = {
            "Int": lambda: random.choice((*[random.randint(-5, 100)] * 12, *_ODD_NUMBERS)),
            "Int64": lambda: str(random.choice((random.randint(-5, 10**6), *_ODD_NUMBERS))),
            "Float": lambda: random.choice((0.0, -1.5, 1e308, 3)),
            "Boolean": lambda: random.random() < 0.5,
            "Date": lambda: random.choice((*[_ODD_DAYS[0]] * 9, *_ODD_DAYS)),
            "DateTime": lambda: random.choice((*[_ODD_DAYS[7]] * 9, *_ODD_DAYS)),
            "JSON": lambda: random.choice(_ODD_ANYTHING),
        }
        if type_name == "UUID" and random.random() < 0.95:
            ids = [known for known in self._fuzz.known if len(known) == 36]
            return random.choice(ids) if ids else str(UUID(int=random.randrange(2**128)))
        maker = makers.get(type_name)
        return maker() if maker else self._text()

    def _text(self) -> str:
        known: Sequence[str] = self._fuzz.known
        if known and self._random.random() < 0.7:
            return self._random.choice(known)
        return self._random.choice(_ODD_TEXTS)
