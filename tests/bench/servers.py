"""Starting the contestants and reading what they cost."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.bench.world import World

UVICORN = [
    "-m", "uvicorn", "--host", "127.0.0.1", "--loop", "uvloop", "--http", "httptools",
    "--no-access-log", "--log-level", "warning",
]  # fmt: skip
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
START_SECONDS = 60


@dataclass(frozen=True)
class Contestant:
    """A running server of one process."""

    name: str
    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """CPU time that the process has used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_S

    def rss_mb(self) -> float:
        """Resident memory now, in MiB."""
        return int(Path(f"/proc/{self.pid}/statm").read_text().split()[1]) * PAGE_BYTES / 2**20


@contextmanager
def contestants(owner_url: str, world: World) -> Iterator[list[Contestant]]:
    """Run LIMIT and serviceco on free ports of this machine until the block is left."""
    settings = {
        **os.environ,
        "BENCH_OWNER_URL": owner_url,
        "BENCH_TENANT": str(world.tenant_id(0)),
        "DATABASE_URL": owner_url,
        "ENVIRONMENT": "development",
    }
    started: list[subprocess.Popen[bytes]] = []
    try:
        running = []
        for name in ("limit", "serviceco"):
            port = _free_port()
            command = _command(name, port)
            process = subprocess.Popen(
                command, env={**settings, "PORT": str(port)}, stderr=subprocess.DEVNULL
            )
            started.append(process)
            running.append(Contestant(name, port, process.pid))
        for contestant, process in zip(running, started, strict=True):
            _wait_for(contestant, process)
        yield running
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(30)


def _command(name: str, port: int) -> list[str]:
    if name == "limit":
        return [sys.executable, *UVICORN, "--port", str(port), "tests.bench.limit:app"]
    return [sys.executable, "-m", "serviceco", "serve"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(contestant: Contestant, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", contestant.port)) == 0:
                return
        with suppress(subprocess.TimeoutExpired):
            raise RuntimeError(f"{contestant.name} ended with status {process.wait(0.1)}")
    raise TimeoutError(f"{contestant.name} does not listen on port {contestant.port}")
