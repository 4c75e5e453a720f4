"""What cannot work is said at once, with the way out."""

import os
from pathlib import Path

from tests.embedded.supervised import Person, launched, refused


def test_a_second_launcher_is_refused_and_the_first_goes_on(
    person: Person, data_root: Path
) -> None:
    with launched(person, data_root) as server:
        words = refused(person, data_root)
        assert f"in use by process {server.launcher.pid}" in words
        assert "set DATA_DIR" in words
        assert server.ask("SELECT 1") == 1


def test_a_data_root_behind_a_closed_folder_names_that_folder_and_leaves_nothing(
    person: Person, home: Path
) -> None:
    closed = home / "closed"
    closed.mkdir(mode=0o700 if os.geteuid() == 0 else 0)
    words = refused(person, closed / "data")
    assert f"may not pass through {closed}. Set DATA_DIR" in words
    closed.chmod(0o700)
    assert list(closed.iterdir()) == []


def test_a_data_root_that_is_a_file_is_refused(person: Person, home: Path) -> None:
    (home / "data").write_text("")
    assert "Set DATA_DIR" in refused(person, home / "data")


def test_a_broken_cluster_is_refused_with_what_postgres_said(
    person: Person, data_root: Path
) -> None:
    (data_root / "cluster" / "PG_VERSION").write_text("14\n")
    words = refused(person, data_root)
    assert "database files are incompatible with server" in words
    assert str(data_root / "postgres.log") in words
