"""Start the embedded PostgreSQL, supervise it, and stop it."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from serviceco.embedded import cluster, spawning
from serviceco.embedded.binaries import find_binaries
from serviceco.embedded.locks import no_server_left, only_launcher
from serviceco.embedded.places import open_data_root, server_account, socket_folder
from serviceco.embedded.words import Account, DataRoot, LaunchError

START_SECONDS = 120.0
STOP_SECONDS = 30.0


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL that listens on a unix socket only."""

    pid: int
    socket_folder: Path
    password: str = field(repr=False)
    superuser: str = cluster.SUPERUSER

    @property
    def has_ended(self) -> bool:
        """Whether the server has ended by itself; only the process that started it may ask."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def url(
        self, database: str = cluster.DATABASE, *, user: str = "", password: str | None = None
    ) -> str:
        """Return the address for SQLAlchemy and asyncpg, as the superuser unless told otherwise."""
        name = quote(user or self.superuser, safe="")
        secret = quote(self.password if password is None else password, safe="")
        host = quote(str(self.socket_folder))
        return f"postgresql+asyncpg://{name}:{secret}@/{database}?host={host}&port=5432"


@contextmanager
def start(data_root: Path, *, durable: bool = True) -> Iterator[Server]:
    """Run PostgreSQL on this data root until the block is left.

    The first start creates the cluster and its database `serviceco`. The server also ends, cleanly,
    when the calling *thread* ends in any way: call this from the main thread. `durable=False`
    trades safety against power loss for speed; it is for tests.

    Raises:
        LaunchError: The folder is in use, out of reach or broken, or this machine cannot run it.
    """
    account = server_account()
    root = open_data_root(data_root, account)
    with only_launcher(root), socket_folder(root, account) as sockets:
        with no_server_left(root) as lock:
            process, password = _launch(root, account, sockets, lock, durable=durable)
        try:
            _wait_until_ready(root, process)
            yield Server(process.pid, sockets, password)
        finally:
            _stop(process)


def _launch(
    root: DataRoot, account: Account, sockets: Path, lock: int, *, durable: bool
) -> tuple[subprocess.Popen[bytes], str]:
    binaries = find_binaries()
    password = cluster.ensure_cluster(root, binaries, account)
    # No process of an earlier server lives (the lock says so), whatever process the file names now.
    (root.cluster / "postmaster.pid").unlink(missing_ok=True)
    if root.log.exists():
        root.log.replace(root.log.with_name("postgres.log.1"))
    arguments = cluster.server_arguments(root, sockets, durable=durable)
    process = spawning.spawn(account, binaries.postgres, *arguments, log=root.log, lock=lock)
    return process, password


def _wait_until_ready(root: DataRoot, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while not cluster.is_ready(root, process.pid):
        if process.poll() is not None or time.monotonic() > until:
            last_words = root.log.read_text(errors="replace").strip()[-2000:]
            raise LaunchError(f"PostgreSQL did not start ({root.log}):\n{last_words}")
        time.sleep(0.01)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask for a fast shutdown, then for an immediate one; recovery repairs the latter."""
    for ask in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        process.send_signal(ask)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return
