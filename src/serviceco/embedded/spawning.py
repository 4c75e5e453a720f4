"""Starting PostgreSQL's programs under the account, in an environment of our own."""

import os
import subprocess
import sys
from pathlib import Path

from serviceco.embedded import child
from serviceco.embedded.words import Account, LaunchError

# Nothing of the user's environment: PGDATA, PGPORT or LD_LIBRARY_PATH would lead us astray.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def spawn(
    account: Account, program: Path, *arguments: str, log: Path, lock: int
) -> subprocess.Popen[bytes]:
    """Start a lasting program in a session of its own, so that Ctrl-C reaches only its supervisor.

    The lock is inherited by the program and all its children.
    """
    with log.open("wb") as output:
        return subprocess.Popen(  # noqa: S603  # our own programs, no shell
            _command(account, program, *arguments),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=[lock],
            start_new_session=True,
            cwd="/",
            env=ENVIRONMENT,
        )


def run(account: Account, program: Path, *arguments: str, stdin: str = "") -> None:
    """Run a program to its end.

    Raises:
        LaunchError: It failed; its last words are in the message.
    """
    done = subprocess.run(  # noqa: S603  # the same
        _command(account, program, *arguments),
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=ENVIRONMENT,
    )
    if done.returncode != 0:
        raise LaunchError(f"{program.name} failed: {done.stderr.strip()[-2000:]}")


def _command(account: Account, program: Path, *arguments: str) -> list[str]:
    python = [sys.executable, "-I", "-S", child.__file__]
    return [*python, str(os.getpid()), str(account.uid), str(account.gid), str(program), *arguments]
