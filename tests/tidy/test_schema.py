"""The printed schema is in step with the code, and the documents of the pages with the schema."""

import pytest
from graphql import OperationDefinitionNode, parse, validate

from serviceco.api.documents import Documents
from serviceco.api.schema import service_schema
from serviceco.core.places import project_folder

SCHEMA = service_schema()
FOLDER = project_folder("graphql")
DOCUMENTS = Documents.read(FOLDER / "operations")


def test_the_printed_schema_is_that_of_the_code():
    printed = (FOLDER / "schema.graphql").read_text("utf-8")
    assert printed == SCHEMA.printed(), "run `make schema` and look at the difference"


@pytest.mark.parametrize("name", list(DOCUMENTS))
def test_a_document_of_the_pages_is_valid_and_named_as_its_file(name):
    document = parse(DOCUMENTS.text(name))
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    assert [one.name.value for one in operations if one.name] == [name]
    assert validate(SCHEMA.graphql, document) == []
