"""Values of the launcher and the one error that it shows to a person."""

from dataclasses import dataclass
from pathlib import Path


class LaunchError(Exception):
    """The embedded PostgreSQL cannot run; the message says why and what to do about it."""


@dataclass(frozen=True)
class Account:
    """The account of the operating system as which PostgreSQL runs; it refuses to be root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class DataRoot:
    """Everything that one embedded PostgreSQL keeps, in one folder."""

    folder: Path

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.folder / "cluster"

    @property
    def password(self) -> Path:
        """The superuser's password, readable by the account alone."""
        return self.folder / "password"

    @property
    def log(self) -> Path:
        """What PostgreSQL said since its last start; the run before it is in `postgres.log.1`."""
        return self.folder / "postgres.log"

    @property
    def launcher_lock(self) -> Path:
        """Held by the process that supervises PostgreSQL."""
        return self.folder / "launcher.lock"

    @property
    def server_lock(self) -> Path:
        """Held by PostgreSQL and all its children, by inheritance."""
        return self.folder / "server.lock"
