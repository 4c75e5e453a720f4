"""Two locks on the data root: one launcher at a time, and no start while an old server still lives."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from serviceco.embedded.words import DataRoot, LaunchError

PATIENCE_SECONDS = 60.0
"""How long a server whose supervisor was killed may take for its shutdown checkpoint."""


@contextmanager
def only_launcher(root: DataRoot) -> Iterator[None]:
    """Hold the data root for this process.

    Raises:
        LaunchError: Another launcher holds it; said at once.
    """
    with _opened(root.launcher_lock) as lock:
        if not _acquire(lock):
            holder = os.pread(lock, 20, 0).decode() or "unknown"
            raise LaunchError(
                f"The data folder {root.folder} is in use by process {holder}."
                " Stop that one, or set DATA_DIR to another folder."
            )
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        yield


@contextmanager
def no_server_left(root: DataRoot) -> Iterator[int]:
    """Wait until every process of an earlier server is gone, and give the lock that says so.

    Let the new server inherit it. The kernel frees it when the last process that inherited it
    ends, so the holder knows what no process id can tell: a pid file may name a zombie or a
    stranger, and a killed server leaves children that still write.

    Raises:
        LaunchError: The earlier server does not end.
    """
    with _opened(root.server_lock) as lock:
        until = time.monotonic() + PATIENCE_SECONDS
        while not _acquire(lock):
            if time.monotonic() > until:
                raise LaunchError(f"An earlier PostgreSQL in {root.folder} does not shut down.")
            time.sleep(0.01)
        yield lock


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _acquire(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
