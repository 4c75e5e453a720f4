"""A launcher in a process of its own, so that it can be killed, and as the person who runs it."""

import asyncio
import json
import os
import pwd
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import NullPool, text
from sqlalchemy.ext.asyncio import create_async_engine

from serviceco.embedded.binaries import copy_binaries, site_folder
from tests.database import ROOT

PATIENCE_SECONDS = 60
LAUNCHER = """
import json, sys
from pathlib import Path
from serviceco.embedded.launcher import start
with start(Path(sys.argv[1])) as server:
    print(json.dumps({"pid": server.pid, "url": server.url()}), flush=True)
    sys.stdin.read()
"""


@dataclass(frozen=True)
class Person:
    """Who runs the launcher, and with which interpreter and code."""

    uid: int
    gid: int
    python: str
    code: tuple[Path, ...]

    def command(self, data_root: Path) -> dict[str, Any]:
        """What to give to `Popen` or `run`."""
        return {
            "args": [self.python, "-c", LAUNCHER, str(data_root)],
            "env": {"PYTHONPATH": ":".join(map(str, self.code)), "PATH": os.environ["PATH"]},
            "cwd": "/",
            "text": True,
            **self.identity(),
        }

    def identity(self) -> dict[str, Any]:
        """Another account than our own, where that is needed."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def ourselves() -> Person:
    """Whoever runs the tests: root on a build machine, a normal user at a desk."""
    return Person(os.geteuid(), os.getegid(), sys.executable, (ROOT / "src", site_folder()))


def normal_user(stage: Path) -> Person:
    """`nobody`, with code and an interpreter outside of root's home."""
    nobody = pwd.getpwnam("nobody")
    identity = Person(nobody.pw_uid, nobody.pw_gid, "", ()).identity()
    site = copy_binaries(site_folder(), stage / "site")
    package = stage / "src" / "serviceco"
    shutil.copytree(ROOT / "src" / "serviceco" / "embedded", package / "embedded")
    package.joinpath("__init__.py").touch()
    for python in (sys.executable, "/usr/local/bin/python3", "/usr/bin/python3"):
        probe = [python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
        try:
            subprocess.run(probe, check=True, cwd="/", **identity)
        except (OSError, subprocess.CalledProcessError):
            continue
        return Person(nobody.pw_uid, nobody.pw_gid, python, (stage / "src", site))
    raise AssertionError("a normal user can reach no Python of 3.11 or newer on this machine")


@dataclass(frozen=True)
class Supervised:
    """A launcher that serves, the process id of its PostgreSQL, and its URL."""

    launcher: "subprocess.Popen[str]"
    postgres: int
    url: str

    def ask(self, statement: str) -> Any:
        """Run one statement, and return its only value if it has any."""
        return asyncio.run(self._ask(statement))

    async def _ask(self, statement: str) -> Any:
        engine = create_async_engine(self.url, poolclass=NullPool)
        try:
            async with engine.begin() as connection:
                result = await connection.execute(text(statement))
                return result.scalar() if result.returns_rows else None
        finally:
            await engine.dispose()

    def stop(self) -> int:
        """Let the launcher leave its block; return its exit status."""
        self.launcher.communicate(timeout=PATIENCE_SECONDS)
        return self.launcher.returncode


@contextmanager
def launched(person: Person, data_root: Path) -> Iterator[Supervised]:
    """Start a launcher and wait until it serves."""
    pipe = subprocess.PIPE
    launcher = subprocess.Popen(**person.command(data_root), stdin=pipe, stdout=pipe, stderr=pipe)
    with launcher:
        assert launcher.stdout is not None
        assert launcher.stderr is not None
        line = launcher.stdout.readline()
        assert line, launcher.stderr.read()
        served = json.loads(line)
        try:
            yield Supervised(launcher, served["pid"], served["url"])
        finally:
            if launcher.returncode is None:
                launcher.communicate(timeout=PATIENCE_SECONDS)


def refused(person: Person, data_root: Path) -> str:
    """Start a launcher that must fail; return what it says."""
    done = subprocess.run(
        **person.command(data_root),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode != 0, "the launcher served, but should have refused"
    return str(done.stderr)


def wait_for_end(pid: int) -> None:
    """Return when the process is gone, whoever its parent is."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([descriptor], [], [], PATIENCE_SECONDS)[0], f"{pid} still lives"
    finally:
        os.close(descriptor)
