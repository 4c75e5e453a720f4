"""The embedded PostgreSQL serves, keeps its data, and is closed to others."""

import os
import stat
from pathlib import Path

from tests.embedded.supervised import Person, launched


def test_a_second_start_keeps_the_data(person: Person, data_root: Path) -> None:
    with launched(person, data_root) as server:
        server.ask("CREATE TABLE device AS SELECT '手机' AS kind")
        assert server.stop() == 0
    with launched(person, data_root) as server:
        assert server.ask("SELECT kind FROM device") == "手机"


def test_it_never_runs_as_root_and_listens_on_a_private_socket_only(
    person: Person, data_root: Path
) -> None:
    with launched(person, data_root) as server:
        assert Path(f"/proc/{server.postgres}").stat().st_uid != 0
        assert server.ask("SHOW listen_addresses") == ""
        assert server.ask("SHOW password_encryption") == "scram-sha-256"
        assert stat.S_IMODE((data_root / "socket").stat().st_mode) == 0o700
        assert stat.S_IMODE((data_root / "password").stat().st_mode) == 0o600
        assert stat.S_IMODE((data_root / "cluster").stat().st_mode) == 0o700


def test_it_sorts_by_code_point_lowers_every_script_and_lives_in_utc(
    person: Person, data_root: Path
) -> None:
    with launched(person, data_root) as server:
        assert server.ask("SELECT 'B' < 'a'") is True
        assert server.ask("SELECT lower('ÅÉ')") == "åé"
        assert server.ask("SHOW TimeZone") == "UTC"


def test_a_long_data_root_gets_a_short_socket_folder_that_goes_away(
    person: Person, home: Path
) -> None:
    data_root = home / ("服务" * 20) / "data"
    with launched(person, data_root) as server:
        folder = Path(server.ask("SHOW unix_socket_directories").strip('"'))
        assert not folder.is_relative_to(home)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        server.stop()
        assert not folder.exists()


def test_a_first_start_that_was_killed_half_way_is_repeated(person: Person, home: Path) -> None:
    data_root = home / "data"
    half = data_root / "cluster.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    for path in (data_root, half):
        os.chown(path, person.uid, person.gid)
    with launched(person, data_root) as server:
        assert server.ask("SELECT current_database()") == "serviceco"
    assert not half.exists()
