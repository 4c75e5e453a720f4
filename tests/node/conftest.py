"""Programs of Node.js that look at a served company from outside."""

import asyncio
import json
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
HAS_NODE = shutil.which("node") is not None and (HERE / "node_modules").is_dir()
Node = Callable[..., Awaitable[Any]]


@pytest.fixture(scope="session")
def node() -> Node:
    """Run a program of this folder and return the JSON that it prints.

    Set-up without npm has no Node.js: then, and only then, these tests are skipped. The run's
    summary counts them, and CI, which has it, fails on any skip.
    """
    if not HAS_NODE:
        pytest.skip("there is no Node.js here, or `make test` has not yet fetched its packages")

    async def run(program: str, *arguments: str) -> Any:
        process = await asyncio.create_subprocess_exec(
            "node", str(HERE / program), *arguments, stdout=asyncio.subprocess.PIPE
        )
        printed, _ = await process.communicate()
        assert process.returncode == 0
        return json.loads(printed)

    return run
