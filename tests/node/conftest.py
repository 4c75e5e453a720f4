"""Programs of Node.js that look at a served company from outside."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
HAS_NODE = shutil.which("node") is not None and (HERE / "node_modules").is_dir()
Node = Callable[..., Awaitable[Any]]
NodeServer = Callable[..., AbstractAsyncContextManager[Any]]


def _require_node() -> None:
    """Leave a test out where Node.js is missing.

    Set-up without npm has none: then, and only then, these tests are skipped. The run's summary
    counts them, and CI, which has it, fails on any skip.
    """
    if not HAS_NODE:
        pytest.skip("there is no Node.js here, or `make test` has not yet fetched its packages")


@pytest.fixture(scope="session")
def node_server() -> NodeServer:
    """Run a program of this folder until the context ends; give the JSON of its first line."""
    _require_node()

    @asynccontextmanager
    async def run(program: str, *arguments: str) -> AsyncIterator[Any]:
        process = await asyncio.create_subprocess_exec(
            "node",
            str(HERE / program),
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert process.stdin
        assert process.stdout
        try:
            yield json.loads(await process.stdout.readline())
        finally:
            process.stdin.close()
            await process.communicate()

    return run


@pytest.fixture(scope="session")
def node() -> Node:
    """Run a program of this folder and return the JSON that it prints."""
    _require_node()

    async def run(program: str, *arguments: str) -> Any:
        process = await asyncio.create_subprocess_exec(
            "node", str(HERE / program), *arguments, stdout=asyncio.subprocess.PIPE
        )
        printed, _ = await process.communicate()
        assert process.returncode == 0
        return json.loads(printed)

    return run
