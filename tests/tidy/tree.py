"""The tree as git sees it, and what the style says about it."""

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import PurePosixPath

from tests.database import ROOT


@cache
def tracked() -> tuple[PurePosixPath, ...]:
    """Every file of the tree that is, or is about to be, under version control."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    paths = (PurePosixPath(line) for line in listed.stdout.splitlines())
    return tuple(sorted(path for path in paths if (ROOT / path).is_file()))


def files(*patterns: str) -> tuple[PurePosixPath, ...]:
    """The files below the folders, or with the endings, that the patterns name."""
    return tuple(
        path for path in tracked() if any(path.match(p) or is_below(path, p) for p in patterns)
    )


def is_below(path: PurePosixPath, folder: str) -> bool:
    """Whether the path lies in the folder, at any depth."""
    return folder.endswith("/") and path.is_relative_to(folder)


def read(path: PurePosixPath | str) -> str:
    """The text of a file of the tree."""
    return (ROOT / path).read_text(encoding="utf-8")


def python_files() -> tuple[PurePosixPath, ...]:
    """Every Python file, ours and the tests'."""
    return files("*.py")


@cache
def parsed(path: PurePosixPath) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(read(path))


def functions(path: PurePosixPath) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a Python file."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def rooms() -> set[str]:
    """The packages of `serviceco`."""
    inits = files("src/serviceco/")
    return {path.parts[2] for path in inits if len(path.parts) > 3 and path.suffix == ".py"}


@cache
def room_contract() -> tuple[frozenset[str], frozenset[str]]:
    """The rooms that open to role files, and the roles, as the import contract lists them."""
    contracts = tomllib.loads(read("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    contract = next(each for each in contracts if each["name"].startswith("Inside a room"))
    containers = frozenset(name.removeprefix("serviceco.") for name in contract["containers"])
    return containers, frozenset(layer.strip("()") for layer in contract["layers"])
