"""`serviceco run`: everything on one machine, from nothing to a served address."""

import asyncio
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import click
import uvloop

from serviceco.cli.children import Child, spawn
from serviceco.cli.seed import print_sign_ins, require_development, seed_if_empty
from serviceco.cli.surroundings import (
    address_of,
    data_folder,
    database,
    listen,
    read_settings,
)
from serviceco.settings import Settings
from serviceco.storage.migrate import migrate

READY_SECONDS = 60.0
_LOOK_SECONDS = 0.2


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
        url = stack.enter_context(database(settings, joins=False))
        folder = data_folder(settings)
        folder.mkdir(parents=True, exist_ok=True)
        asyncio.run(migrate(url))
        if with_demo:
            uvloop.run(seed_if_empty(url, folder))
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
        address = address_of(listening)
        _wait_until_ready(address, children)
        click.echo(f"\nserviceco is at {address}/   (Ctrl-C stops it)")
        click.echo(f"Data and logs are in {folder}\n")
        if with_demo:
            print_sign_ins()
        _watch(children)


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


def _wait_until_ready(address: str, children: Sequence[Child]) -> None:
    until = time.monotonic() + READY_SECONDS
    while not _answers(f"{address}/readyz"):
        _fail_if_ended(children)
        if time.monotonic() > until:
            raise click.ClickException(f"{address} does not answer; see {children[0].log}.")
        time.sleep(_LOOK_SECONDS)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _watch(children: Sequence[Child]) -> None:
    while True:
        _fail_if_ended(children)
        time.sleep(_LOOK_SECONDS)


def _fail_if_ended(children: Sequence[Child]) -> None:
    for child in children:
        if child.has_ended:
            raise click.ClickException(
                f"The {child.name} process ended by itself; its last words are in {child.log}."
            )


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
