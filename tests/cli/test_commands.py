"""Commands for operators, on a PostgreSQL of their own."""

import subprocess
import sys
from collections.abc import AsyncIterator

import click
import pytest
from sqlalchemy import text

from serviceco.cli import COMMANDS, main
from serviceco.core.ids import new_id
from serviceco.storage.engines import Role, open_engine, role_url
from serviceco.storage.unit_of_work import global_work
from tests.cli.running import environment_of
from tests.database import empty_database, own_database
from tests.factories import tenant_row


def serviceco(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "serviceco", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment_of(**environment),
    )


@pytest.fixture
async def empty_url(server_url: str) -> AsyncIterator[str]:
    async with empty_database(server_url, "commands") as url:
        yield url


@pytest.fixture
async def used_url(server_url: str) -> AsyncIterator[str]:
    """A database in which somebody's company stands."""
    async with own_database(server_url, "commands") as url:
        engine = open_engine(role_url(url, Role.ADMIN), pool_size=1)
        async with global_work(engine) as session:
            session.add(tenant_row(new_id()))
        await engine.dispose()
        yield url


def test_help_names_every_command():
    said = serviceco("--help").stdout
    for command in ("run", "serve", "worker", "migrate", "seed", "policy", "import"):
        assert f"\n  {command} " in said


def test_help_says_of_each_command_what_it_says_of_itself():
    context = click.Context(main)
    for name, (_, sentence) in COMMANDS.items():
        command = main.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert " ".join((command.help or "").split("\n\n")[0].split()) == sentence
    assert list(COMMANDS) == sorted(COMMANDS)


def test_help_loads_no_command():
    loaded = "import sys, serviceco.cli as cli; cli.main(['--help'], standalone_mode=False); "
    counted = "print([name for name in sys.modules if name.startswith('serviceco.')])"
    said = subprocess.run(
        [sys.executable, "-c", loaded + counted],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        env=environment_of(),
    ).stdout
    assert said.endswith("\n['serviceco.cli']\n")


async def test_migrating_brings_an_empty_database_to_the_newest_form(empty_url):
    done = serviceco("migrate", DATABASE_URL=empty_url)
    assert (done.returncode, done.stderr) == (0, "")
    engine = open_engine(role_url(empty_url, Role.ADMIN), pool_size=1)
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM tenant")) == 0
    await engine.dispose()


def test_the_demo_world_is_not_written_beside_somebodys_company(used_url):
    done = serviceco("seed", DATABASE_URL=used_url)
    assert done.returncode == 1
    assert done.stderr == "Error: The database is not empty; nothing was written.\n"


def test_a_database_that_does_not_answer_is_said_in_a_sentence():
    done = serviceco("migrate", DATABASE_URL="postgresql://owner:x@127.0.0.1:1/none")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: The database does not answer: ")
    assert "Traceback" not in done.stderr
