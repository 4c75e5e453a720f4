"""The worked examples of the README, run as they stand there by a shell and by Python."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from serviceco.core.order_numbers import is_order_number
from tests.browser.live import found_alone
from tests.database import ROOT, own_database
from tests.served import serving

README = (ROOT / "README.md").read_text("utf-8")
SITE = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
async def owner_of_one(server_url: str) -> AsyncIterator[str]:
    """A database with the company that the examples name."""
    async with own_database(server_url, "readme") as owner_url:
        await found_alone(owner_url)
        yield owner_url


async def said(owner_url: str, command: str) -> str:
    """What a shell prints that runs the command over this database."""
    process = await asyncio.create_subprocess_exec(
        "bash",
        "-euc",
        command.replace(".venv/bin/serviceco", f"{sys.executable} -m serviceco"),
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": owner_url, "PYTHONPATH": str(ROOT / "src")},
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0
    return printed.decode()


async def test_the_worked_example_gets_a_token_and_takes_a_device_in(
    owner_of_one: str, tmp_path: Path
) -> None:
    [shell] = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    [python] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    program = tmp_path / "example.py"
    with serving(owner_of_one, tmp_path) as served:
        program.write_text(python.replace(SITE, served.url), "utf-8")
        command = f"{shell.replace(SITE, served.url)}\necho\n{sys.executable} {program}"
        token, received = (await said(owner_of_one, command)).splitlines()
    assert '"token_type":"Bearer"' in token
    assert is_order_number(received.split()[0]), received


async def test_the_first_question_is_answered(owner_of_one: str, tmp_path: Path) -> None:
    key = re.search(r"^    key=\$\(.*?\)", README, re.MULTILINE)
    asked = re.search(r"^    curl .*?/graphql.*?(?=\n    \.venv)", README, re.MULTILINE | re.DOTALL)
    assert key
    assert asked
    with serving(owner_of_one, tmp_path) as served:
        command = f"{key[0]}\n{asked[0]}".replace(SITE, served.url)
        answer = await said(owner_of_one, command)
    assert answer.startswith('{"data":{"board":{"nodes":[')
