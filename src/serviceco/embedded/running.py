"""Finding a server that another process of ours already runs on the same data root."""

import socket
from pathlib import Path

from serviceco.embedded.launcher import Server
from serviceco.embedded.places import SOCKET_NAME
from serviceco.embedded.words import DataRoot

# postmaster.pid, as PostgreSQL writes it: line 1 the process, line 5 the folder of the socket.
_PROCESS_LINE, _SOCKET_LINE = 0, 4


def find_running(data_root: Path) -> Server | None:
    """Return the server of the data root if one accepts connections, else None."""
    root = DataRoot(data_root.absolute())
    try:
        lines = (root.cluster / "postmaster.pid").read_text().splitlines()
        password = root.password.read_text()
    except FileNotFoundError:
        return None
    if len(lines) <= _SOCKET_LINE:
        return None
    folder = Path(lines[_SOCKET_LINE].strip())
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        try:
            line.connect(str(folder / SOCKET_NAME))
        except OSError:
            return None
    return Server(int(lines[_PROCESS_LINE]), folder, password)
