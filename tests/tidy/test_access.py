"""Every field of the schema is decided: who may touch it stands in a table, written by hand."""

from serviceco.api.schema import service_schema
from tests.isolation.cells import accesses
from tests.isolation.expected import stale_names

SCHEMA = service_schema()


def test_every_field_declares_what_the_table_expects():
    """A new field is entered in tests/isolation/expected.py; until then it is undecided."""
    wrong = [
        f"{what}: declares {declared}, expected {need}"
        for what, declared, need in accesses(SCHEMA)
        if need is None
        or (need.permission, need.kinds, need.of_brand)
        != (declared.permission, declared.kinds, declared.of_brand)
    ]
    assert wrong == []
    assert stale_names(what for what, _, _ in accesses(SCHEMA)) == set()
