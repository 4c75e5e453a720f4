"""Processes of ours beside a supervisor: started apart, logged apart, ended with it."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

STOP_SECONDS = 15.0
_SUPERVISED = "SERVICECO_SUPERVISED"


@dataclass(frozen=True)
class Child:
    """A running process and where it logs."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def has_ended(self) -> bool:
        """Whether it ended by itself."""
        return self.process.poll() is not None

    def stop(self) -> None:
        """Ask it to finish what it does, and kill it if it does not."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def spawn(
    name: str, *arguments: str, log: Path, environment: Mapping[str, str], sockets: tuple[int, ...]
) -> Child:
    """Start `serviceco …` in a session of its own, so that Ctrl-C reaches its supervisor alone.

    Its standard input is a pipe that only the supervisor holds open: when it closes, however the
    supervisor ended, `follow_supervisor` ends the child.
    """
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            [sys.executable, "-m", "serviceco", *arguments],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            pass_fds=sockets,
            start_new_session=True,
            env={**os.environ, **environment, _SUPERVISED: "1"},
        )
    return Child(name, process, log)


def follow_supervisor() -> None:
    """End this process, in good order, when its supervisor is gone; without one do nothing."""
    if os.environ.get(_SUPERVISED):
        threading.Thread(target=_wait_for_the_end, daemon=True).start()


def _wait_for_the_end() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
