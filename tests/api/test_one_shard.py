"""Every statement names its tenant as a constant on every tenant table: one shard answers it.

What is printed is looked at for the statements of operations, as they are sent (tests/conftest.py);
here the trees of planned documents are walked, those of the pages and those that Hypothesis draws.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import Alias, BindParameter, Column, Select, TableClause, literal, select
from sqlalchemy.sql import operators, visitors
from sqlalchemy.sql.elements import BinaryExpression

from serviceco.api.documents import Documents
from serviceco.api.errors import Rejection
from serviceco.api.plan import planner as planning
from serviceco.api.plan.access import Rights
from serviceco.api.plan.operations import OperationKind, Operations
from serviceco.api.plan.planner import Planner
from serviceco.api.schema import service_schema
from serviceco.core.actor import ActorKind, Permission
from serviceco.core.ids import new_id
from serviceco.core.places import project_folder
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.work_tables import OrderLine
from tests.api.plan.authors import Author
from tests.api.schema import SCHEMA
from tests.api.test_documents import everything_given, rights_for
from tests.tenant_constant import tenant_tables

SERVICE = service_schema()
PAGES = Documents.read(project_folder("graphql") / "operations")
RIGHTS = [
    Rights(ActorKind.STAFF, frozenset(Permission), is_scoped, is_checked=True)
    for is_scoped in (False, True)
]


def forgotten(tree: Any) -> set[str]:
    """The tenant tables that the tree mentions without comparing their tenant with a parameter."""
    mentioned: set[Any] = set()
    aliased: set[Any] = set()
    named: set[Any] = set()
    for part in _parts(tree):
        if isinstance(part, Alias) and isinstance(part.element, TableClause):
            mentioned.add(part)
            aliased.add(part.element)
        elif isinstance(part, TableClause):
            mentioned.add(part)
        elif _names_tenant(part):
            named.add(part.left.table)
    # A table stands below each of its aliases; it is not mentioned by that.
    return {source.description for source in mentioned - aliased - named if _is_a_tenants(source)}


def _parts(tree: Any) -> Iterator[Any]:
    """Every part of a tree, and of each FROM in it."""
    for part in visitors.iterate(tree):
        yield part
        if isinstance(part, Select):
            for source in part.get_final_froms():
                yield from visitors.iterate(source)


def _names_tenant(part: Any) -> bool:
    return (
        isinstance(part, BinaryExpression)
        and part.operator is operators.eq
        and isinstance(part.left, Column)
        and part.left.key == "tenant_id"
        and isinstance(part.right, BindParameter)
    )


def _is_a_tenants(source: Any) -> bool:
    table: Any = source.element if isinstance(source, Alias) else source
    return table.name in tenant_tables()


@pytest.fixture
def trees(monkeypatch):
    """The trees that planners print meanwhile."""
    seen: list[Any] = []
    printed = planning.printed  # type: ignore[attr-defined]  # what the planner prints with

    def note(statement: Any) -> Any:
        seen.append(statement)
        return printed(statement)

    monkeypatch.setattr(planning, "printed", note)
    return seen


@pytest.mark.parametrize("is_scoped", [False, True])
@pytest.mark.parametrize("name", list(PAGES))
def test_a_document_of_the_pages_asks_one_shard(trees, name, is_scoped):
    operation = Operations(SERVICE.model).operation(PAGES.text(name))
    if operation.kind is OperationKind.PLANNED:
        sides = rights_for(operation, is_scoped=is_scoped)
        for rights in sides:
            Planner(SERVICE.model).query(operation, rights, everything_given(operation))
        assert len(trees) == len(sides)
    assert [forgotten(tree) for tree in trees if forgotten(tree)] == []


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_a_document_that_is_drawn_asks_one_shard(trees, data, fixit):
    author, operations = Author(data.draw, fixit), Operations(SCHEMA.model)
    document, planner = author.document(), Planner(SCHEMA.model)
    try:
        operation = operations.operation(document)
        variables = operations.variables(operation, author.variables)
        planner.query(operation, data.draw(st.sampled_from(RIGHTS)), variables)
    except Rejection:
        assume(condition=False)
    assert forgotten(trees[-1]) == set(), document


def test_a_tree_that_forgets_is_found():
    line, order = OrderLine.__table__, RepairOrder.__table__
    other, tenant = line.alias("other"), literal(new_id())
    joined = select(order.c.id).join(other, other.c.tenant_id == order.c.tenant_id)
    assert forgotten(joined.where(order.c.tenant_id == tenant)) == {"other"}
    assert forgotten(select(order.c.id)) == {"repair_order"}
    within = select(other.c.id).where(other.c.order_id == order.c.id).scalar_subquery()
    assert forgotten(select(within).where(order.c.tenant_id == tenant)) == {"other"}
    assert (
        forgotten(joined.where(order.c.tenant_id == tenant, other.c.tenant_id == tenant)) == set()
    )
