"""serviceco as it is deployed: processes over a database, and a socket on which they are asked."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.database import ROOT

START_SECONDS = 60.0


@dataclass(frozen=True)
class Served:
    """A server that answers at `url`; the process behind it can be measured, or killed."""

    url: str
    process: subprocess.Popen[bytes]


@contextmanager
def serving(owner_url: str, folder: Path, **environment: str) -> Iterator[Served]:
    """Run `serviceco serve` on a free port of this machine; `folder` takes its log and its files."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with running(("serve",), owner_url, folder, listener, **environment) as process:
        # The socket listens already: the answer comes as soon as the server has started.
        assert httpx.get(f"{url}/readyz", timeout=START_SECONDS).status_code == 200
        yield Served(url, process)


@contextmanager
def running(
    command: tuple[str, ...],
    owner_url: str,
    folder: Path,
    listener: socket.socket | None = None,
    **environment: str,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command of serviceco, with an open socket if it serves, and stop it at the end."""
    sockets: tuple[int, ...] = ()
    if listener is not None:
        listener.set_inheritable(True)
        sockets = (listener.fileno(),)
        command = (*command, "--socket-fd", str(listener.fileno()))
    with (folder / f"{command[0]}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "serviceco", *command],
            env={
                **os.environ,
                "DATABASE_URL": owner_url,
                "DATA_DIR": str(folder),
                "PYTHONPATH": str(ROOT / "src"),
                **environment,
            },
            stdout=log,
            stderr=log,
            pass_fds=sockets,
        )
    if listener is not None:
        # The server's alone from now on: who asks after its end is refused and does not wait.
        listener.close()
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)
