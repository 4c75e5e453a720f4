"""Plans: one compiled statement per operation, rights and form, kept in a bounded cache."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode

from serviceco.api.limits import check_rows
from serviceco.api.plan.access import Rights
from serviceco.api.plan.arguments import Source
from serviceco.api.plan.cache import Cache
from serviceco.api.plan.clauses import alias_of
from serviceco.api.plan.compiler import Compiler
from serviceco.api.plan.model import Model
from serviceco.api.plan.operations import Operation
from serviceco.api.plan.parameters import Fill
from serviceco.api.plan.places import Cost, Filling
from serviceco.api.plan.selection import Given, Measure, Selections
from serviceco.api.plan.statement import bound, printed, unbound
from serviceco.core.actor import Actor

MAX_FORMS = 16
KEY = "id of the row"


@dataclass(frozen=True, slots=True)
class Plan:
    """One statement, good for certain rights, and for variables that agree with its guards.

    `cost` is how many rows it may bring: a number, or what computes it from the variables.
    """

    sql: str
    fills: tuple[Fill, ...]
    fillings: tuple[Filling, ...]
    cost: Cost | int
    values: Mapping[str, Any]
    nulls: Mapping[str, bool]
    sizes: tuple[tuple[str, Measure, Hashable], ...]

    def fits(self, variables: Mapping[str, Any]) -> bool:
        """Tell whether the statement has the form that these variables ask for."""
        # Loops rather than generators: this is asked at every read.
        for name, value in self.values.items():
            if variables.get(name) != value:
                return False
        for name, null in self.nulls.items():
            if (variables.get(name) is None) is not null:
                return False
        return all(measure(variables.get(name)) == size for name, measure, size in self.sizes)

    def rows(self, variables: Mapping[str, Any]) -> int:
        """Return the most rows that a request with these variables may bring.

        Raises:
            InvalidArgument: a page size is none.
            LimitExceeded: they are too many.
        """
        if isinstance(self.cost, int):
            return self.cost
        rows = self.cost.rows(variables)
        check_rows(rows)
        return rows

    def arguments(self, actor: Actor, variables: Mapping[str, Any]) -> list[Any]:
        """Return the values of `$1`, `$2`, … for one request, whose `rows` were counted before.

        Raises:
            InvalidArgument: a cursor is none.
        """
        return [fill(actor, variables) for fill in self.fills]


class Planner:
    """Compiles operations over one model."""

    def __init__(self, model: Model, *, size: int = 512) -> None:
        """Start with an empty cache of `size` operations, each with a few forms."""
        self._model = model
        for type_ in model.types.values():
            _ = alias_of(type_.plan.table, 1).c  # made now, so that no request waits for it
        self._plans: Cache[tuple[object, Rights], list[Plan]] = Cache(size)

    def query(self, operation: Operation, rights: Rights, variables: Mapping[str, Any]) -> Plan:
        """Return the plan of a planned query.

        Raises:
            NotCompilable: a field has no plan here.
            Forbidden: the actor may not touch a field.
            InvalidArgument: no page is asked, or a required argument is null.
        """
        forms = self._forms(operation, rights)
        return _fitting(forms, variables) or self._compile_query(
            forms, operation, rights, variables
        )

    def result(
        self,
        operation: Operation,
        nodes: tuple[FieldNode, ...],
        type_name: str,
        rights: Rights,
        variables: Mapping[str, Any],
    ) -> Plan:
        """Return the plan that reads a mutation's result by its id, which stands under `KEY`.

        It runs in the mutation's transaction, where the tenant is bound already.
        """
        forms = self._forms(operation, rights)
        return _fitting(forms, variables) or self._compile_row(
            forms, (operation, nodes, type_name, rights, variables), is_bound=False
        )

    def watched(
        self,
        operation: Operation,
        nodes: tuple[FieldNode, ...],
        type_name: str,
        rights: Rights,
        variables: Mapping[str, Any],
    ) -> Plan:
        """Return the plan that reads the row of which a subscription tells, by its id under `KEY`.

        It binds the tenant and checks the sign-in by itself, as the plan of a query does.
        """
        forms = self._forms(operation, rights)
        return _fitting(forms, variables) or self._compile_row(
            forms, (operation, nodes, type_name, rights, variables), is_bound=True
        )

    def _compile_row(
        self,
        forms: list[Plan],
        asked: tuple[Operation, tuple[FieldNode, ...], str, Rights, Mapping[str, Any]],
        *,
        is_bound: bool,
    ) -> Plan:
        operation, nodes, type_name, rights, variables = asked
        compiler = self._compiler(operation, rights, variables)
        key = Source(KEY, lambda values: values[KEY])
        data = compiler.by_id(self._model.types[type_name], nodes, key)
        statement = bound(data, compiler.parameters, rights) if is_bound else unbound(data)
        return _kept(forms, compiler, *printed(statement))

    def _compile_query(
        self,
        forms: list[Plan],
        operation: Operation,
        rights: Rights,
        variables: Mapping[str, Any],
    ) -> Plan:
        compiler = self._compiler(operation, rights, variables)
        root = self._model.schema.query_type
        if root is None:
            raise TypeError("A schema has a query type.")
        data = compiler.operation(operation.node.selection_set, root)
        statement = bound(data, compiler.parameters, rights)
        return _kept(forms, compiler, *printed(statement))

    def _compiler(
        self, operation: Operation, rights: Rights, variables: Mapping[str, Any]
    ) -> Compiler:
        selections = Selections(self._model.schema, operation.fragments, Given(variables))
        return Compiler(self._model, selections, rights)

    def _forms(self, operation: Operation, rights: Rights) -> list[Plan]:
        key = (operation.key, rights)
        forms = self._plans.find(key)
        return self._plans.keep(key, []) if forms is None else forms


def _fitting(forms: list[Plan], variables: Mapping[str, Any]) -> Plan | None:
    for plan in forms:
        if plan.fits(variables):
            return plan
    return None


def _kept(forms: list[Plan], compiler: Compiler, sql: str, names: list[str]) -> Plan:
    given = compiler.selections.given
    fills = tuple(compiler.parameters.fills[name] for name in names)
    cost = compiler.cost if compiler.cost.varies else compiler.cost.rows({})
    if isinstance(cost, int):
        check_rows(cost)
    sizes = tuple((name, measure, size) for (name, measure), size in given.sizes.items())
    plan = Plan(sql, fills, tuple(compiler.fillings), cost, given.values, given.nulls, sizes)
    forms.insert(0, plan)
    del forms[MAX_FORMS:]
    return plan
