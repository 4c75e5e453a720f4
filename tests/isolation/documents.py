"""Writes a document for any root field of the schema, asking for as much as one may."""

from collections.abc import Mapping
from typing import Any

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

DEPTH = 2
MOST_FIELDS = 40
# Arguments without which nothing is answered, though they may be given in another way.
_ALWAYS = frozenset({"first", "idempotencyKey"})
# Lists without pages, whose rows hold lists again: more than one document may ask for.
_LONG = frozenset({"models"})


class Writer:
    """Knows the schema, and what to fill in by the name of an argument."""

    def __init__(self, schema: GraphQLSchema, known: Mapping[str, object]) -> None:
        self._schema = schema
        self._known = known

    def query(self, name: str, *, bare: bool = False) -> tuple[str, dict[str, Any]]:
        """Return a query of one root field, with its variables; `bare` selects nothing of it."""
        assert self._schema.query_type is not None
        return self._document("query", name, self._schema.query_type.fields[name], bare=bare)

    def node(self, row: Mapping[str, object], type_: str) -> tuple[str, dict[str, Any]]:
        """Return a query of a row by its id alone, with what a row of that type has of its own."""
        declared = self._schema.type_map[type_]
        assert isinstance(declared, GraphQLObjectType)
        asked = f"__typename ... on {type_} {self._fields(declared, 0)}"
        return f"query X($id: UUID!) {{ node(id: $id) {{ {asked} }} }}", {"id": str(row["id"])}

    def mutation(self, name: str, *, bare: bool = False) -> tuple[str, dict[str, Any]]:
        """Return a mutation of one root field, with its variables; `bare` selects nothing of it."""
        assert self._schema.mutation_type is not None
        return self._document("mutation", name, self._schema.mutation_type.fields[name], bare=bare)

    def subscription(self, name: str) -> tuple[str, dict[str, Any]]:
        """Return a subscription to one root field, with its variables."""
        assert self._schema.subscription_type is not None
        return self._document("subscription", name, self._schema.subscription_type.fields[name])

    def _document(
        self,
        kind: str,
        name: str,
        field: GraphQLField,
        *,
        bare: bool = False,
    ) -> tuple[str, dict[str, Any]]:
        given = {
            argument: self._value(argument, declared.type)
            for argument, declared in field.args.items()
            if isinstance(declared.type, GraphQLNonNull)
            or argument in _ALWAYS
            or (argument in self._known and not bare)
        }
        header = ", ".join(f"${argument}: {field.args[argument].type}" for argument in given)
        passed = ", ".join(f"{argument}: ${argument}" for argument in given)
        depth = 0 if name in _LONG else DEPTH
        selection = self._bare(field) if bare else self._selection(field, depth)
        asked = f"{name}{f'({passed})' if passed else ''} {selection}"
        return f"{kind} X{f'({header})' if header else ''} {{ {asked} }}", given

    def _value(self, name: str, declared: Any) -> Any:
        if name in self._known:
            return self._known[name]
        if isinstance(declared, GraphQLNonNull):
            return self._value(name, declared.of_type)
        if isinstance(declared, GraphQLList):
            return [self._value(name, declared.of_type)]
        if isinstance(declared, GraphQLEnumType):
            return next(iter(declared.values))
        if isinstance(declared, GraphQLInputObjectType):
            return {
                field: self._value(field, inner.type)
                for field, inner in declared.fields.items()
                if isinstance(inner.type, GraphQLNonNull) or field in self._known
            }
        return self._known[f"any {declared.name}"]

    def _bare(self, field: GraphQLField) -> str:
        return "" if is_leaf_type(get_named_type(field.type)) else "{ __typename }"

    def _selection(self, field: GraphQLField, depth: int) -> str:
        declared = get_named_type(field.type)
        if is_leaf_type(declared):
            return ""
        if isinstance(declared, GraphQLUnionType):
            members = " ".join(
                f"... on {member.name} {self._fields(member, depth)}" for member in declared.types
            )
            return f"{{ __typename {members} }}"
        if isinstance(declared, GraphQLInterfaceType):
            # One after the other: a document that asks for all of them at once is too large.
            types = self._schema.get_possible_types(declared)
            own = " ".join(f"... on {type_.name} {{ id }}" for type_ in types)
            return f"{{ __typename id {own} }}"
        assert isinstance(declared, GraphQLObjectType)
        return self._fields(declared, depth)

    def _fields(self, declared: GraphQLObjectType, depth: int) -> str:
        # What wraps a page costs no depth: the rows are what matters.
        is_page = declared.name.endswith(("Connection", "Edge"))
        parts = ["__typename"]
        for name, field in declared.fields.items():
            needs = [a for a in field.args.values() if isinstance(a.type, GraphQLNonNull)]
            if needs or name == "totalCount":  # a list says whether it is counted
                continue
            if is_leaf_type(get_named_type(field.type)):
                parts.append(name)
            elif depth > 0 or is_page:
                page = "(first: 2)" if "first" in field.args else ""
                parts.append(f"{name}{page} {self._selection(field, depth - (not is_page))}")
        return f"{{ {' '.join(parts[:MOST_FIELDS])} }}"
