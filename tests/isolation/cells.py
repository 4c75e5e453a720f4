"""The matrix: every field, asked by every kind of actor, against the table of expectations.

A cell is one field and one actor. What it is asked with says nothing of rows: whether somebody
may touch a field is one thing, which rows they then see another (test_matrix.py holds both).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import msgspec
from graphql import (
    FieldNode,
    OperationDefinitionNode,
    get_named_type,
    is_leaf_type,
    parse,
)

from serviceco.api.building import ApiSchema
from serviceco.api.errors import Forbidden
from serviceco.api.plan.access import Access, Rights
from serviceco.api.plan.arguments import Source
from serviceco.api.plan.compiler import Compiler
from serviceco.api.plan.fields import Rows
from serviceco.api.plan.model import PlannedField, PlannedType
from serviceco.api.plan.selection import Given, Selections
from serviceco.api.service import Api
from serviceco.core.actor import Actor, ActorKind
from tests.isolation.documents import Writer
from tests.isolation.expected import MUTATIONS, QUERIES, Need, need_of

REFUSED = frozenset({"FORBIDDEN", "NOT_PERMITTED"})
_KEY = Source("any row", lambda _: None)


@dataclass
class Matrix:
    """What was found so far: how many cells, which are undecided, and which came out otherwise."""

    cells: int = 0
    undecided: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def enter(
        self, what: str, who: str, need: Need | None, actor: Actor, *, admitted: bool
    ) -> None:
        """Hold one outcome against what is expected."""
        self.cells += 1
        if need is None:
            self.undecided.append(f"{what} for {who}")
        elif need.admits(actor) is not admitted:
            self.wrong.append(f"{what} {'admits' if admitted else 'refuses'} {who}")

    def __str__(self) -> str:
        """Return the figures."""
        return f"{self.cells} cells, {len(self.undecided)} undecided, {len(self.wrong)} wrong"


def enter_types(matrix: Matrix, schema: ApiSchema, people: Mapping[str, Actor]) -> None:
    """Compile each field of each planned type for everybody."""
    for type_ in schema.model.types.values():
        for name in type_.fields:
            enter_field(matrix, schema, (type_.name, name), people)


def enter_field(
    matrix: Matrix, schema: ApiSchema, path: tuple[str, str], people: Mapping[str, Actor]
) -> None:
    """Compile one field of a planned type for everybody."""
    type_ = schema.model.types[path[0]]
    for who, actor in people.items():
        admitted = _compiles(schema, type_, type_.fields[path[1]], actor)
        matrix.enter(".".join(path), who, need_of(*path), actor, admitted=admitted)


async def enter_queries(
    matrix: Matrix, api: Api, writer: Writer, schema: ApiSchema, people: Mapping[str, Actor]
) -> None:
    """Ask each query field of everybody, over the API."""
    assert schema.graphql.query_type is not None
    for name in schema.graphql.query_type.fields:
        document = writer.query(name, bare=True)
        for who, actor in people.items():
            code = await _code(api, actor, document)
            matrix.enter(name, who, QUERIES.get(name), actor, admitted=code not in REFUSED)


async def enter_mutations(
    matrix: Matrix, api: Api, writer: Writer, schema: ApiSchema, people: Mapping[str, Actor]
) -> None:
    """Ask each mutation of everybody, with rights that changed since: nothing is ever done.

    Whether somebody may is decided before it is asked whether their sign-in still lives.
    """
    assert schema.graphql.mutation_type is not None
    for name in schema.graphql.mutation_type.fields:
        document = writer.mutation(name, bare=True)
        for who, actor in people.items():
            stale = replace(actor, version=actor.version + 1)
            if actor.kind is ActorKind.SYSTEM:
                continue  # it acts without a sign-in, so it would be done
            code = await _code(api, stale, document)
            assert code in REFUSED | {"UNAUTHENTICATED"}, (name, who, code)
            matrix.enter(name, who, changing(name), actor, admitted=code not in REFUSED)


def changing(name: str) -> Need | None:
    """Return who may run a mutation: support looks on and changes nothing, whatever is declared."""
    need = MUTATIONS.get(name)
    return replace(need, kinds=need.kinds - {ActorKind.SUPPORT}) if need else None


def accesses(schema: ApiSchema) -> Iterator[tuple[str, Access, Need | None]]:
    """Yield every field of the schema with the access that it declares and that is expected."""
    for name, root in schema.model.roots.items():
        yield name, root.needs, QUERIES.get(name)
    for name, computed in schema.computed.items():
        yield name, computed.needs, QUERIES.get(name)
    for name, mutation in schema.mutations.items():
        yield name, mutation.needs, MUTATIONS.get(name)
    for name, subscription in schema.subscriptions.items():
        yield name, subscription.needs, QUERIES.get(name)
    for type_ in schema.model.types.values():
        yield type_.name, type_.plan.needs, need_of(type_.name, "")
        for planned in type_.fields.values():
            what = f"{type_.name}.{planned.name}"
            yield what, planned.needs, need_of(type_.name, planned.name)


def _compiles(schema: ApiSchema, type_: PlannedType, planned: PlannedField, actor: Actor) -> bool:
    if "id" not in type_.plan.table.__table__.columns:
        return planned.needs.admits(Rights.of(actor))  # it is only reached from other types
    selections = Selections(schema.graphql, {}, Given({}))
    compiler = Compiler(schema.model, selections, Rights.of(actor))
    try:
        compiler.by_id(type_, (_asked(planned),), _KEY)
    except Forbidden:
        return False
    return True


def _asked(planned: PlannedField) -> FieldNode:
    """Return the selection of one field, with a page where it has pages."""
    is_paged = isinstance(planned.declaration, Rows) and planned.declaration.is_paged
    below = "" if is_leaf_type(get_named_type(planned.graphql.type)) else "{ __typename }"
    text = f"{{ row {{ {planned.name}{'(first: 1)' if is_paged else ''} {below} }} }}"
    (operation,) = parse(text).definitions
    assert isinstance(operation, OperationDefinitionNode)
    (row,) = operation.selection_set.selections
    assert isinstance(row, FieldNode)
    return row


async def _code(api: Api, actor: Actor, document: tuple[str, dict[str, object]]) -> str:
    """Return the code of the first error of an answer, or of its refusal; empty for neither."""
    answer = msgspec.json.decode((await api.respond(actor, *document)).body)
    errors = answer.get("errors") or []
    return str(errors[0]["extensions"]["code"]) if errors else ""
