"""Folders and the account: where data may live, and who must be able to reach it."""

import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from serviceco.embedded.words import Account, DataRoot, LaunchError

SYSTEM_FOLDER = Path("/var/lib/serviceco")
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_BYTES = 107
"""unix(7): `sun_path` holds 108 bytes, one of them the closing zero."""


def default_data_root() -> Path:
    """Return the folder used when nobody names one: the system's as root, else the user's own."""
    if os.geteuid() == 0:
        return SYSTEM_FOLDER / "data"
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "serviceco"


def server_account() -> Account:
    """Return the account that runs PostgreSQL: ourselves, or as root an unprivileged one.

    As root that is `serviceco` where the machine has such an account, else `nobody`: initdb
    refuses a user id without an entry in the password database, and adding accounts to
    somebody's machine is not for a program to do.
    """
    if os.geteuid() != 0:
        return _account(pwd.getpwuid(os.geteuid()))
    for name in ("serviceco", "nobody"):
        try:
            return _account(pwd.getpwnam(name))
        except KeyError:
            continue
    raise LaunchError(
        "PostgreSQL does not run as root, and this machine has neither an account 'serviceco' nor"
        " 'nobody'. Add one (useradd --system serviceco) or set DATABASE_URL."
    )


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def open_data_root(folder: Path, account: Account) -> DataRoot:
    """Create the folder, let the account (and nobody else) pass through it, and return it.

    Parents are created as needed but never opened: whoever closed a folder had a reason.

    Raises:
        LaunchError: The folder cannot be made, or the account cannot reach it.
    """
    folder = folder.absolute()
    try:
        _check_reach(folder, account)
        _make_folders(folder)
        if os.geteuid() == 0:
            os.chown(folder, 0, account.gid)
            folder.chmod(0o710)
        else:
            folder.chmod(0o700)
    except OSError as error:
        raise LaunchError(
            f"The data folder {folder} cannot be used by '{account.name}': {error.strerror}."
            " Set DATA_DIR to a folder that is yours."
        ) from error
    return DataRoot(folder)


def _check_reach(folder: Path, account: Account) -> None:
    for parent in reversed(folder.parents):
        if parent.exists() and not _can_pass(parent, account):
            raise LaunchError(
                f"The data folder {folder} is out of reach: PostgreSQL runs as '{account.name}', who"
                f" may not pass through {parent}. Set DATA_DIR to a folder outside of it, for"
                f" example {default_data_root()}."
            )


def _make_folders(folder: Path) -> None:
    missing = [path for path in folder.parents if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        path.chmod(0o755)
    folder.mkdir(exist_ok=True)


def _can_pass(folder: Path, account: Account) -> bool:
    entry = folder.stat()
    if entry.st_uid == account.uid:
        return bool(entry.st_mode & stat.S_IXUSR)
    if entry.st_gid == account.gid:
        return bool(entry.st_mode & stat.S_IXGRP)
    return bool(entry.st_mode & stat.S_IXOTH)


def make_private_folder(folder: Path, account: Account) -> None:
    """Create an empty folder that only the account can enter; what stood there is removed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(folder, account.uid, account.gid)


@contextmanager
def socket_folder(root: DataRoot, account: Account) -> Iterator[Path]:
    """Give a folder whose socket path fits into the kernel's limit, for as long as it is needed."""
    folder = root.folder / "socket"
    if len(os.fsencode(folder / SOCKET_NAME)) > SOCKET_PATH_BYTES:
        # Not in TMPDIR, which may be as long; mkdtemp makes it private.
        folder = Path(tempfile.mkdtemp(prefix="serviceco-", dir="/tmp"))
    make_private_folder(folder, account)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
