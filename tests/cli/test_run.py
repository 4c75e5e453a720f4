"""One machine, one command: what starts together, ends together, and keeps its data."""

import asyncio
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from serviceco.embedded.running import find_running
from serviceco.storage.engines import open_engine
from tests.cli.running import is_alive, own_data_folder, processes_of, running

GONE_SECONDS = 60


def status_of(address: str) -> int:
    return httpx.get(address, timeout=30).status_code


def until(fact: Callable[[], bool]) -> bool:
    """Tell whether something comes true within a minute."""
    deadline = time.monotonic() + GONE_SECONDS
    while time.monotonic() < deadline:
        if fact():
            return True
    return False


async def asked(url: str, sql: str) -> object:
    engine = open_engine(url, pool_size=1)
    async with engine.begin() as connection:
        answer = await connection.execute(text(sql))
        row = answer.scalar() if answer.returns_rows else None
    await engine.dispose()
    return row


@pytest.fixture
def folder():
    with own_data_folder() as data:
        yield data


def test_it_serves_ends_cleanly_and_finds_its_data_again(folder: Path):
    with running(DATA_DIR=str(folder)) as first:
        address = first.address
        assert status_of(f"{address}/healthz") == 200
        assert status_of(f"{address}/readyz") == 200
        assert status_of(f"{address}/sign-in") == 200
        started = processes_of(first.process.pid)
        server = find_running(folder)
        assert server is not None
        asyncio.run(asked(server.url(), "CREATE TABLE kept AS SELECT 7 AS number"))
        assert first.stop() == 0
        assert "Stopped." in first.words
    assert len(started) >= 3
    assert not [pid for pid in started if is_alive(pid)]
    assert find_running(folder) is None
    with pytest.raises(httpx.ConnectError):
        status_of(f"{address}/healthz")
    with running(DATA_DIR=str(folder)) as second:
        assert status_of(f"{second.address}/readyz") == 200
        server = find_running(folder)
        assert server is not None
        assert asyncio.run(asked(server.url(), "SELECT number FROM kept")) == 7


def test_a_killed_supervisor_takes_everything_along(folder: Path):
    with running(DATA_DIR=str(folder)) as run:
        assert run.address
        started = processes_of(run.process.pid)
        run.process.kill()
        run.ended()
        assert until(lambda: not any(map(is_alive, started)))


def test_a_web_process_that_dies_ends_the_run_with_a_word_about_it(folder: Path):
    with running(DATA_DIR=str(folder)) as run:
        assert run.address
        started = processes_of(run.process.pid)
        [web] = [pid for pid in started if "--socket-fd" in _command(pid)]
        os.kill(web, signal.SIGKILL)
        assert run.ended() == 1
        assert "The web process ended by itself" in run.words
        assert str(folder / "web.log") in run.words
        assert not [pid for pid in started if is_alive(pid)]


def test_a_killed_postgresql_ends_the_run_and_the_next_one_recovers(folder: Path):
    with running(DATA_DIR=str(folder)) as run:
        assert run.address
        server = find_running(folder)
        assert server is not None
        started = processes_of(run.process.pid)
        os.kill(server.pid, signal.SIGKILL)
        assert run.ended() == 1
        assert "The PostgreSQL process ended by itself" in run.words
        assert until(lambda: not any(map(is_alive, started)))
    with running(DATA_DIR=str(folder)) as run:
        assert status_of(f"{run.address}/readyz") == 200


def test_a_taken_port_is_said_before_anything_is_started(folder: Path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        with running(DATA_DIR=str(folder), PORT=port) as run:
            assert run.ended() == 1
    assert f"Port 127.0.0.1:{port} is taken" in run.words
    assert not folder.exists()


@pytest.mark.parametrize("port", ["many", "-1", "65536", "80.5"])
def test_a_port_that_is_none_is_said_in_a_sentence(folder: Path, port: str):
    with running(DATA_DIR=str(folder), PORT=port) as run:
        assert run.ended() == 1
    assert run.words.startswith("Error: PORT: ")
    assert len(run.said) == 1
    assert not folder.exists()


def test_a_postgresql_of_ones_own_is_used_and_left_running(folder: Path, owner_url: str):
    with running(DATA_DIR=str(folder), DATABASE_URL=owner_url) as run:
        assert status_of(f"{run.address}/readyz") == 200
        assert not (folder / "cluster").exists()
        assert run.stop(signal.SIGTERM) == 0
    assert asyncio.run(asked(owner_url, "SELECT 1")) == 1


def _command(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
