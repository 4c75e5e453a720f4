"""The tree keeps the house style where no linter looks."""

import ast
import re
from pathlib import PurePosixPath

import pytest

from tests.tidy.tree import (
    files,
    functions,
    parsed,
    python_files,
    read,
    room_contract,
    rooms,
    tracked,
)

FILE_LINES = 400
TEST_FILE_LINES = 500
FUNCTION_LINES = 40
VAGUE_NOUNS = {"item", "data", "info", "manager", "helper", "util", "utils"}
VAGUE_VERBS = {"process", "handle"}
# The cursor-connection specification of GraphQL, websockets and httpx name them so.
GIVEN_NAMES = {"handle_async_request", "handle_websocket_upgrade", "PageInfo", "page_info"}
THIS_FOLDER = "tests/tidy/"
# The allowed skips: set-up without apt has no Chromium and no Node.js. CI has both and fails on
# any skip.
WITHOUT_PROGRAMS = {"tests/browser/conftest.py", "tests/node/conftest.py"}


def test_files_are_short() -> None:
    too_long = {}
    for path in python_files():
        lines = len(read(path).splitlines())
        if lines > (TEST_FILE_LINES if path.parts[0] == "tests" else FILE_LINES):
            too_long[str(path)] = lines
    assert too_long == {}


def test_functions_are_short() -> None:
    too_long = {
        f"{path}:{function.lineno} {function.name}": lines
        for path in python_files()
        if not path.is_relative_to("migrations/versions")  # one list of statements each
        for function in functions(path)
        if (lines := _code_lines(function)) > FUNCTION_LINES
    }
    assert too_long == {}


def _code_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The lines of the body: a signature and a docstring may be as long as they need."""
    documented = ast.get_docstring(function) is not None
    statements = function.body[1:] if documented else function.body
    return (function.end_lineno or 0) - statements[0].lineno + 1 if statements else 0


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path)
        for path in python_files()
        if not path.name.startswith("test_")  # those say it in the names of their tests
        and read(path).strip()
        and ast.get_docstring(parsed(path)) is None
    ]
    assert silent == []


def test_names_say_what_they_are() -> None:
    vague = [
        f"{path}:{name}"
        for path in files("src/")
        if path.suffix == ".py"
        for name in {path.stem, *_defined_names(path)}
        if name.strip("_") not in GIVEN_NAMES
        and (_words(name)[-1] in VAGUE_NOUNS or _words(name)[0] in VAGUE_VERBS)
    ]
    assert vague == []


def _defined_names(path: PurePosixPath) -> list[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [node.name for node in ast.walk(parsed(path)) if isinstance(node, kinds)]


def _words(name: str) -> list[str]:
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower().strip("_").split("_")


def test_rooms_open_to_role_files_and_others_only_with_a_reason_in_the_map() -> None:
    containers, roles = room_contract()
    unexplained = [
        str(path)
        for path in files("src/serviceco/")
        if len(path.parts) > 3
        and path.parts[2] in containers
        and (name := path.parts[3].removesuffix(".py")) not in roles | {"__init__"}
        and f"`{name}" not in _map_row(path.parts[2])
    ]
    assert unexplained == []


def test_the_map_shows_every_room_and_every_folder() -> None:
    folders = {path.parts[0] for path in tracked() if len(path.parts) > 1}
    missing = [name for name in sorted(rooms() | folders) if not _map_row(name)]
    assert missing == []


def _map_row(name: str) -> str:
    rows = (line for line in read("README.md").splitlines() if line.startswith(f"| `{name}/`"))
    return next(rows, "")


@pytest.mark.parametrize("word", ["TODO", "FIXME", "XXX", "HACK"])
def test_nothing_is_left_for_later(word: str) -> None:
    wanting = [
        str(path)
        for path in files("*.py", "*.html", "*.css", "*.js", "*.graphql", "*.md", "Makefile")
        if not str(path).startswith(THIS_FOLDER) and re.search(rf"\b{word}\b", read(path))
    ]
    assert wanting == []


@pytest.mark.parametrize(
    "way_out", [r"(?<!@)\bskip(if)?\(", r"importorskip", r"\bxfail\b", r"\bsleep\("]
)
def test_tests_neither_give_up_nor_wait_blindly(way_out: str) -> None:
    weak = [
        str(path)
        for path in files("tests/")
        if path.suffix == ".py"
        and not str(path).startswith(THIS_FOLDER)
        and str(path) not in WITHOUT_PROGRAMS
        and re.search(way_out, read(path))
    ]
    assert weak == []


def test_locks_hold_hashes_and_no_address() -> None:
    for path in files("requirements/"):
        lock = read(path)
        assert not re.search(r"://|--(extra-)?index-url|--find-links", lock), path
        pins = re.findall(r"^\S+==.*", lock, re.MULTILINE)
        assert pins, path
        assert all(pin.endswith("\\") for pin in pins), f"{path}: a pin without a hash"


def test_no_lock_with_addresses_is_kept() -> None:
    assert files("uv.lock", "pylock*.toml", "poetry.lock") == ()


def test_graphql_is_no_package() -> None:
    """It would shadow graphql-core."""
    assert files("graphql/__init__.py") == ()
