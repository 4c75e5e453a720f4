"""`serviceco run` as a person starts it: a process, its words, its end."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from threading import Thread

from tests.database import ROOT

START_SECONDS = 120
# A shell lets what it starts in the background ignore Ctrl-C, and so would all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
_ADDRESS = re.compile(r"serviceco is at (http://\S+)/ ")


def environment_of(**variables: str) -> dict[str, str]:
    """Return an environment in which nothing but these variables is set for serviceco."""
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {"PYTHONPATH": str(ROOT / "src"), **inherited, **variables}


class Run:
    """One running `serviceco run`, and everything that it says."""

    def __init__(self, **environment: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "serviceco", "run", "--no-demo"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=ROOT,
            env=environment_of(PORT="0") | environment,
        )
        self.said: list[str] = []
        self._addresses: Queue[str] = Queue()
        self._listener = Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def address(self) -> str:
        """The address that it prints once it is ready."""
        address = self._addresses.get(timeout=START_SECONDS)
        assert address, self.words
        return address

    @property
    def words(self) -> str:
        """What it said so far."""
        return "".join(self.said)

    def ended(self) -> int:
        """Wait for its end and return its exit code."""
        code = self.process.wait(START_SECONDS)
        self._listener.join()
        return code

    def stop(self, sign: signal.Signals = signal.SIGINT) -> int:
        """End it as Ctrl-C does."""
        self.process.send_signal(sign)
        return self.ended()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self.said.append(line)
                found = _ADDRESS.search(line)
                if found:
                    self._addresses.put(found[1])
        self._addresses.put("")


@contextmanager
def running(**environment: str) -> Iterator[Run]:
    """Start `serviceco run`; whatever the test did, it is gone afterwards."""
    run = Run(**environment)
    try:
        yield run
    finally:
        if run.process.poll() is None:
            run.stop()
        run.ended()


@contextmanager
def own_data_folder() -> Iterator[Path]:
    """Give a place for a data folder that PostgreSQL's account can reach."""
    with tempfile.TemporaryDirectory(prefix="serviceco-run-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "data"


def processes_of(run_pid: int) -> set[int]:
    """Return the children of a process, theirs too."""
    found: set[int] = set()
    waiting = [run_pid]
    while waiting:
        parent = waiting.pop()
        listed = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        waiting.extend(map(int, listed))
        found.update(map(int, listed))
    return found


def is_alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
