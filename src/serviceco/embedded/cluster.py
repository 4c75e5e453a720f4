"""The data directory: made once and whole, then opened with the settings of a small machine."""

import os
import secrets
from pathlib import Path

from serviceco.embedded import spawning
from serviceco.embedded.binaries import Binaries
from serviceco.embedded.places import make_private_folder
from serviceco.embedded.words import Account, DataRoot

SUPERUSER = "postgres"
DATABASE = "serviceco"

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": "5432",
    "max_connections": "60",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "1GB",
    "TimeZone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    # Statements and details of errors carry customers' names; the log is not the place for them.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
SETTINGS_OF_TESTS = {
    # Every process of a test run keeps its own pools.
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


def ensure_cluster(root: DataRoot, binaries: Binaries, account: Account) -> str:
    """Create the cluster and its database on the first start; return the superuser's password.

    It is built beside its place and moved there when complete, so that a start which was killed
    half-way leaves nothing that a later one would mistake for a cluster.
    """
    if root.cluster.exists():
        return root.password.read_text()
    password = _new_password(root.password, account)
    fresh = root.folder / "cluster.new"
    make_private_folder(fresh, account)
    spawning.run(
        account,
        binaries.initdb,
        f"--pgdata={fresh}",
        f"--username={SUPERUSER}",
        f"--pwfile={root.password}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        # The same order and the same upper and lower case everywhere, without ICU or system locales.
        "--no-locale",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
    )
    # Single-user mode spares a start with a connection.
    create = f"CREATE DATABASE {DATABASE};\n"
    spawning.run(account, binaries.postgres, "--single", "-D", str(fresh), SUPERUSER, stdin=create)
    fresh.rename(root.cluster)
    return password


def _new_password(path: Path, account: Account) -> str:
    password = secrets.token_urlsafe(24)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(password)
    if os.geteuid() == 0:
        os.chown(path, account.uid, account.gid)
    return password


def server_arguments(root: DataRoot, socket_folder: Path, *, durable: bool) -> list[str]:
    """Return the command line of `postgres`: its settings come from here, not from a stored file."""
    settings = SETTINGS | {"unix_socket_directories": f'"{socket_folder}"'}
    if not durable:
        settings |= SETTINGS_OF_TESTS
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return ["-D", str(root.cluster), *options]


def is_ready(root: DataRoot, pid: int) -> bool:
    """Whether this very server accepts connections: line 1 of its pid file names it, line 8 its state."""
    try:
        lines = (root.cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"
