"""Become one of PostgreSQL's programs: leave root, die with the supervisor, execute.

Runs as a file in a fresh, isolated interpreter (`spawning`), not between fork and exec, where a
program with threads may deadlock. It therefore imports nothing of ours.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
"""linux/prctl.h"""


def become(supervisor: int, uid: int, gid: int, command: list[str]) -> None:
    """Replace this process by the command; SIGINT is PostgreSQL's fast and clean shutdown."""
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    os.umask(0o077)
    # After the change of user, which clears it.
    if ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGINT)) != 0:
        sys.exit("the kernel refuses PR_SET_PDEATHSIG")
    if os.getppid() != supervisor:
        sys.exit("the supervisor died before its child was ready")
    os.execv(command[0], command)  # noqa: S606  # no shell is wanted


if __name__ == "__main__":
    become(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
