"""Whoever is killed, the next start finds whole data and no server is left behind."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.embedded.supervised import Person, Supervised, launched, wait_for_end

RECOVERY = "not properly shut down; automatic recovery in progress"


def kill_postgres(server: Supervised) -> None:
    os.kill(server.postgres, signal.SIGKILL)
    server.stop()


def test_a_killed_supervisor_takes_postgres_with_it_and_that_shuts_down_cleanly(
    person: Person, data_root: Path
) -> None:
    with launched(person, data_root) as server:
        server.ask("CREATE TABLE device AS SELECT 1 AS id")
        server.launcher.kill()
        wait_for_end(server.postgres)
    assert not (data_root / "cluster" / "postmaster.pid").exists()
    with launched(person, data_root) as server:
        assert server.ask("SELECT id FROM device") == 1
    assert RECOVERY not in (data_root / "postgres.log").read_text()


def test_a_start_right_after_the_kill_waits_for_the_old_server(
    person: Person, data_root: Path
) -> None:
    with launched(person, data_root) as server:
        server.ask("CREATE TABLE device AS SELECT generate_series(1, 200000) AS id")
        server.launcher.kill()
        with launched(person, data_root) as successor:
            assert successor.ask("SELECT count(*) FROM device") == 200_000
    assert RECOVERY not in (data_root / "postgres.log").read_text()


def test_a_killed_postgres_recovers_at_the_next_start(person: Person, data_root: Path) -> None:
    with launched(person, data_root) as server:
        server.ask("CREATE TABLE device AS SELECT 1 AS id")
        kill_postgres(server)
    with launched(person, data_root) as server:
        assert server.ask("SELECT id FROM device") == 1
    assert RECOVERY in (data_root / "postgres.log").read_text()


@contextmanager
def zombie(person: Person) -> Iterator[int]:
    with subprocess.Popen(["/bin/true"], cwd="/", **person.identity()) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        yield process.pid


@contextmanager
def stranger(person: Person) -> Iterator[int]:
    with subprocess.Popen(
        ["/bin/cat"], stdin=subprocess.PIPE, cwd="/", **person.identity()
    ) as process:
        yield process.pid


@contextmanager
def nothing(person: Person) -> Iterator[int]:
    with zombie(person) as pid:
        pass
    yield pid


def test_a_pid_file_that_names_a_process_other_than_postgres_is_not_believed(
    people: dict[str, Person], person: Person, data_root: Path
) -> None:
    pid_file = data_root / "cluster" / "postmaster.pid"
    for other in (zombie, stranger, nothing):
        with launched(person, data_root) as server:
            kill_postgres(server)
        _pid, *rest = pid_file.read_text().splitlines()
        # PostgreSQL itself is fooled only by a process of the account that it runs as.
        with other(people["user"]) as pid:
            pid_file.write_text("\n".join([str(pid), *rest]))
            with launched(person, data_root) as server:
                assert server.ask("SELECT 1") == 1
