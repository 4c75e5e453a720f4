"""The documents of the pages are within the limits and compile, for those who may read everything."""

from typing import Any

import pytest
from graphql import FieldNode

from serviceco.api.documents import Documents
from serviceco.api.plan.access import Rights
from serviceco.api.plan.operations import Operation, OperationKind, Operations
from serviceco.api.plan.planner import Planner
from serviceco.api.schema import service_schema
from serviceco.core.actor import ActorKind, Permission
from serviceco.core.places import project_folder
from tests.tenant_constant import missing_constants, tenant_tables

SCHEMA = service_schema()
OPERATIONS = Operations(SCHEMA.model)
PLANNER = Planner(SCHEMA.model)
DOCUMENTS = Documents.read(project_folder("graphql") / "operations")
FROM_THE_BACK = {"last", "before", "orderBy"}


def everything_given(operation: Operation) -> dict[str, Any]:
    """Something for every variable; a plan asks no more of most than whether they are null."""
    definitions = operation.node.variable_definitions or ()
    names = {definition.variable.name.value for definition in definitions}
    return dict.fromkeys(names - FROM_THE_BACK, "given")


def rights_for(operation: Operation, *, is_scoped: bool) -> list[Rights]:
    """Every permission on each side for which a document is: a company's, a brand's or both."""
    first = operation.node.selection_set.selections[0]
    assert isinstance(first, FieldNode)
    side = SCHEMA.model.roots[first.name.value].needs.of_brand
    kinds = {False: ActorKind.STAFF, True: ActorKind.BRAND}
    return [
        Rights(kind, frozenset(Permission), is_scoped, is_checked=True, of_brand=of_brand)
        for of_brand, kind in kinds.items()
        if side in (None, of_brand)
    ]


@pytest.mark.parametrize("name", list(DOCUMENTS))
@pytest.mark.parametrize("is_scoped", [False, True])
def test_a_document_of_the_pages_compiles_with_its_tenant_everywhere(name, is_scoped):
    operation = OPERATIONS.operation(DOCUMENTS.text(name))
    if operation.kind is OperationKind.PLANNED:
        for rights in rights_for(operation, is_scoped=is_scoped):
            plan = PLANNER.query(operation, rights, everything_given(operation))
            assert missing_constants(plan.sql, tenant_tables()) == []


def test_documents_are_known_to_the_letter():
    documents = Documents({"One": "{ __typename }"})
    assert documents.text("One") in documents
    assert "{ __typename } " not in documents
    assert list(documents) == ["One"]
