"""The contract with clients: described, deprecated in time, its codes listed, and never broken unsaid."""

import re
from collections.abc import Mapping

import pytest
from graphql import build_schema, find_breaking_changes

from serviceco.api.error_codes import OTHERS, errors_page
from serviceco.api.schema import service_schema
from serviceco.core.places import project_folder
from tests.tidy.contract import badly_deprecated, undescribed
from tests.tidy.tree import files, read

SCHEMA = service_schema().graphql
FOLDER = project_folder("graphql")
RELEASED = (FOLDER / "released.graphql").read_text("utf-8")
# Breaking changes since `graphql/released.graphql` that were decided: what breaks, and why.
# At a release `graphql/schema.graphql` is copied over it, and this list is emptied.
_ENTERED = "named `enteredSince` and `enteredUntil`, as orders name theirs, before a client used it"
ACCEPTED: Mapping[str, str] = {
    "Argument Query.auditRecords(since:) was removed.": _ENTERED,
    "Argument Query.auditRecords(until:) was removed.": _ENTERED,
}


def test_every_part_of_the_schema_is_described() -> None:
    """What an argument or an enum value means stands in api/described.py and api/enum_words.py."""
    assert undescribed(SCHEMA) == []


def test_what_is_deprecated_names_its_replacement_and_a_day() -> None:
    assert badly_deprecated(SCHEMA) == []


def test_the_released_schema_is_broken_only_where_that_was_decided() -> None:
    broken = find_breaking_changes(build_schema(RELEASED), SCHEMA)
    undecided = {change.description for change in broken} - ACCEPTED.keys()
    assert undecided == set(), "mend it, or list it in ACCEPTED with the reason"


def test_every_accepted_break_is_one_and_has_a_reason() -> None:
    broken = {
        change.description for change in find_breaking_changes(build_schema(RELEASED), SCHEMA)
    }
    assert ACCEPTED.keys() <= broken
    assert all(ACCEPTED.values())


def test_the_page_of_error_codes_is_that_of_the_code() -> None:
    printed = (FOLDER / "errors.md").read_text("utf-8")
    assert printed == errors_page(), "run `make schema` and look at the difference"


def test_every_code_has_a_meaning() -> None:
    rows = [line for line in errors_page().splitlines() if line.startswith("| `")]
    assert len(rows) > 40
    assert [row for row in rows if len(row.rstrip(" |").rpartition("|")[2].strip()) < 10] == []


def test_the_codes_of_the_edge_are_listed() -> None:
    edge = "".join(read(path) for path in files("src/serviceco/edge/") if path.suffix == ".py")
    used = set(re.findall(r"refuse\([^)]*?\"([A-Z_]{4,})\"", edge, re.DOTALL))
    assert "INVALID_KEY" in used
    listed = set(re.findall(r"`([A-Z_]{4,})`", errors_page()))
    assert used - listed == set(), f"say what they mean in error_codes.py: {sorted(OTHERS)}"


OLD = 'type Query { "x" a(b: Int): Int  "x" c: Int }'


@pytest.mark.parametrize(
    ("new", "breaks"),
    [
        (OLD, False),
        ("type Query { a(b: Int, d: Int): Int c: Int e: Int }", False),
        ("type Query { a(b: Int): Int }", True),
        ("type Query { a(b: Int!): Int c: Int }", True),
        ("type Query { a(b: Int, d: Int!): Int c: Int }", True),
        ("type Query { a(b: Int): String c: Int }", True),
    ],
)
def test_a_break_is_found(new: str, *, breaks: bool) -> None:
    assert bool(find_breaking_changes(build_schema(OLD), build_schema(new))) is breaks


@pytest.mark.parametrize(
    ("reason", "wrong"),
    [
        ("Use `Query.c` instead; may go on 2027-06-30.", []),
        ("Use `Query.gone` instead; may go on 2027-06-30.", ["Query.a"]),
        ("Use `Query.a` instead; may go on 2027-06-30.", ["Query.a"]),
        ("Use `Query.c` instead.", ["Query.a"]),
        ("No longer supported", ["Query.a"]),
    ],
)
def test_a_deprecation_without_notice_is_found(reason: str, wrong: list[str]) -> None:
    schema = build_schema(f'type Query {{ a: Int @deprecated(reason: "{reason}") c: Int }}')
    assert badly_deprecated(schema) == wrong


def test_what_is_not_described_is_found() -> None:
    schema = build_schema(
        '"q" type Query { "f" a(b: Int): E } enum E { ONE } input I { "x" y: Int }'
    )
    assert undescribed(schema) == ["Query.a(b)", "E", "E.ONE", "I"]
