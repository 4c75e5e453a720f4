"""`serviceco run`: everything on one machine, from nothing to a served address."""

import asyncio
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Protocol

import click

from serviceco.cli.children import Child, spawn
from serviceco.cli.surroundings import (
    address_of,
    data_folder,
    listen,
    own_server,
    read_settings,
    require_development,
    set_database,
)
from serviceco.embedded.launcher import Server
from serviceco.embedded.words import DataRoot
from serviceco.settings import Settings
from serviceco.storage.migrate import migrate

READY_SECONDS = 60.0
_LOOK_SECONDS = 0.2


class Watched(Protocol):
    """A process without which the others are of no use."""

    @property
    def name(self) -> str:
        """What a person calls it."""
        ...

    @property
    def log(self) -> Path:
        """Where its last words are."""
        ...

    @property
    def has_ended(self) -> bool:
        """Whether it ended by itself."""
        ...


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """The embedded server, watched like the children."""

    server: Server
    log: Path
    name: str = "PostgreSQL"

    @property
    def has_ended(self) -> bool:
        """Whether it ended by itself."""
        return self.server.has_ended


@click.command()
@click.option(
    "--demo/--no-demo",
    default=None,
    help="Fill an empty database with the demo world; never in production.",
)
def run(*, demo: bool | None) -> None:
    """Start PostgreSQL, migrate, fill an empty database with the demo world, and serve it.

    PORT, HOST and DATA_DIR move it; DATABASE_URL uses a PostgreSQL of your own. Ctrl-C stops
    everything; the next run finds the data as they were.
    """
    settings = read_settings()
    with_demo = settings.is_development if demo is None else demo
    if with_demo:
        require_development(settings)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        _run(settings, with_demo=with_demo)
    except KeyboardInterrupt:
        click.echo("\nStopped.")


def _run(settings: Settings, *, with_demo: bool) -> None:
    with ExitStack() as stack:
        listening = stack.enter_context(listen(settings))
        folder = data_folder(settings)
        watched: list[Watched] = []
        url = set_database(settings)
        if url is None:
            server = stack.enter_context(own_server(settings))
            url = server.url()
            watched.append(PostgreSQL(server, DataRoot(folder).log))
        folder.mkdir(parents=True, exist_ok=True)
        asyncio.run(migrate(url))
        if with_demo:
            _fill_if_empty(url, folder)
        environment = {"DATABASE_URL": url}
        fd = str(listening.fileno())
        children = stack.enter_context(
            _children(
                [("web", "serve", "--socket-fd", fd)] * settings.web_processes
                + [("worker", "worker")],
                folder,
                environment,
                (listening.fileno(),),
            )
        )
        watched.extend(children)
        address = address_of(listening)
        _wait_until_ready(address, watched)
        click.echo(f"\nserviceco is at {address}/   (Ctrl-C stops it)")
        click.echo(f"Data and logs are in {folder}\n")
        if with_demo:
            _print_sign_ins()
        _watch(watched)


# The demo world loads most of the rooms; a run without it starts sooner.
def _fill_if_empty(url: str, folder: Path) -> None:
    from serviceco.cli.seed import fill_if_empty  # noqa: PLC0415 - loads most of the rooms

    fill_if_empty(url, folder)


def _print_sign_ins() -> None:
    from serviceco.cli.seed import print_sign_ins  # noqa: PLC0415 - loads most of the rooms

    print_sign_ins()


@contextmanager
def _children(
    commands: Sequence[tuple[str, ...]],
    folder: Path,
    environment: dict[str, str],
    sockets: tuple[int, ...],
) -> Iterator[list[Child]]:
    """Run the commands as children; at the end stop them, the first started first."""
    children: list[Child] = []
    try:
        for name, *arguments in commands:
            log = folder / f"{name}.log"
            children.append(
                spawn(name, *arguments, log=log, environment=environment, sockets=sockets)
            )
        yield children
    finally:
        # A second Ctrl-C must not leave PostgreSQL to recover from what the first one stopped.
        for sign in (signal.SIGINT, signal.SIGTERM):
            signal.signal(sign, signal.SIG_IGN)
        for child in children:
            child.stop()


def _wait_until_ready(address: str, watched: Sequence[Watched]) -> None:
    until = time.monotonic() + READY_SECONDS
    while not _answers(f"{address}/readyz"):
        _fail_if_ended(watched)
        if time.monotonic() > until:
            logs = ", ".join(sorted({str(process.log) for process in watched}))
            raise click.ClickException(f"{address} does not answer; see {logs}.")
        time.sleep(_LOOK_SECONDS)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _watch(watched: Sequence[Watched]) -> None:
    while True:
        _fail_if_ended(watched)
        time.sleep(_LOOK_SECONDS)


def _fail_if_ended(watched: Sequence[Watched]) -> None:
    for process in watched:
        if process.has_ended:
            raise click.ClickException(
                f"The {process.name} process ended by itself; its last words are in {process.log}."
            )


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
