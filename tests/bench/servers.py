"""Starting the contestants and reading what they cost."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from serviceco.storage.engines import Role, normal_url, role_url
from tests.bench.statements import READS
from tests.bench.world import World

NODE = Path(__file__).parent.parent / "node"

UVICORN = [
    "-m", "uvicorn", "--host", "127.0.0.1", "--loop", "uvloop", "--http", "httptools",
    "--no-access-log", "--log-level", "warning",
]  # fmt: skip
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
START_SECONDS = 60


@dataclass(frozen=True)
class Contestant:
    """A running server of one process, but for the connections of its database."""

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


@dataclass(frozen=True)
class Stage:
    """What the contestants share: the database, the world, a folder, and PostGraphile's template."""

    owner_url: str
    world: World
    folder: Path

    @property
    def rows(self) -> Path:
        """Where the rows of one intake lie, once serviceco has taken it."""
        return self.folder / "intake.json"

    @property
    def settings(self) -> dict[str, str]:
        """The environment of every contestant."""
        statements = self.folder / "statements.json"
        return {
            **os.environ,
            "BENCH_OWNER_URL": self.owner_url,
            "BENCH_TENANT": str(self.world.tenant_id(0)),
            "BENCH_ROWS": str(self.rows),
            "BENCH_STATEMENTS": str(statements),
            "ENVIRONMENT": "development",
            # The limit is on, but one account stands here for a whole company.
            "STAFF_POINTS_PER_S": "1e12",
            "MACHINE_POINTS_PER_S": "1e12",
        }


@contextmanager
def contestants(stage: Stage) -> Iterator[list[Contestant]]:
    """Run the contestants on free ports of this machine until the block is left."""
    reads = {name: statement for name, (statement, _) in READS.items()}
    (stage.folder / "statements.json").write_text(json.dumps(reads), "utf-8")
    started: list[subprocess.Popen[bytes]] = []
    try:
        running = []
        for name in names():
            port = _free_port()
            url = stage.owner_url if name == "serviceco" else _app_url(stage.owner_url)
            process = subprocess.Popen(
                _command(name, port),
                env={**stage.settings, "PORT": str(port), "DATABASE_URL": url},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
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


def names() -> list[str]:
    """Return who takes part here: those of Node.js where their packages are installed."""
    installed = shutil.which("node") and (NODE / "node_modules/postgraphile").is_dir()
    return ["limit", "serviceco", *(("postgraphile", "mercurius") if installed else ())]


def _command(name: str, port: int) -> list[str]:
    if name == "limit":
        return [sys.executable, *UVICORN, "--port", str(port), "tests.bench.limit:app"]
    if name == "serviceco":
        return [sys.executable, "-m", "serviceco", "serve"]
    return ["node", str(NODE / f"{name}.mjs")]


def _app_url(owner_url: str) -> str:
    """Return the application's URL as the clients of Node.js read it: a socket's folder as host."""
    url = normal_url(role_url(owner_url, Role.APP))
    host, port = url.query.get("host", url.host), url.query.get("port", url.port or 5432)
    place = f"localhost:{port}/{url.database}?host={quote(str(host), safe='')}"
    return f"postgresql://{url.username}:{quote(str(url.password))}@{place}"


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
