"""What every command needs first: readable settings, a database, a socket."""

import asyncio
import errno
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from asyncpg.exceptions import PostgresError
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from serviceco.embedded.launcher import Server, start
from serviceco.embedded.places import default_data_root
from serviceco.embedded.running import find_running
from serviceco.embedded.words import LaunchError
from serviceco.settings import Settings
from serviceco.storage.engines import open_engine


def read_settings() -> Settings:
    """Read the settings; a wrong one ends the command with a sentence about it."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, fault['loc'])).upper()}: {fault['msg']}"
            for fault in error.errors(include_url=False, include_input=False)
        )
        raise click.ClickException(wrong) from error


def require_development(settings: Settings) -> None:
    """Pass silently, or end the command: everybody can read the password of the demo world.

    Raises:
        ClickException: the settings are those of production.
    """
    if not settings.is_development:
        raise click.ClickException("The demo world has a known password; it is not for production.")


def data_folder(settings: Settings) -> Path:
    """Return the folder in which everything is kept."""
    return settings.data_dir or default_data_root()


@contextmanager
def database(settings: Settings) -> Iterator[str]:
    """Give the owner's URL: the one that is set, else the embedded server's.

    A server that `serviceco run` has on the same data folder is used; without one it is started.
    What prevents that is said in a sentence.
    """
    url = set_database(settings)
    running = find_running(data_folder(settings)) if url is None else None
    if url is not None:
        yield url
    elif running is not None:
        yield running.url()
    else:
        with own_server(settings) as server:
            yield server.url()


def set_database(settings: Settings) -> str | None:
    """Return the URL that is set, if it is and its database answers."""
    if settings.database_url is None:
        return None
    url = settings.database_url.get_secret_value()
    asyncio.run(_require_answer(url))
    return url


@contextmanager
def own_server(settings: Settings) -> Iterator[Server]:
    """Start the embedded server on the data folder and stop it at the end."""
    try:
        with start(data_folder(settings)) as server:
            yield server
    except LaunchError as error:
        raise click.ClickException(str(error)) from error


async def _require_answer(url: str) -> None:
    try:
        engine = open_engine(url, pool_size=1)
        async with engine.connect():
            pass
        await engine.dispose()
    except (OSError, SQLAlchemyError, PostgresError) as error:
        reason = str(error).splitlines()[0]
        raise click.ClickException(f"The database does not answer: {reason}") from error


def listen(settings: Settings) -> socket.socket:
    """Take the port, before anything else is started; a taken one ends the command."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        # Listening now makes a second server fail at once, not when its fronts are ready.
        listening.listen(2048)
    except OSError as error:
        listening.close()
        place = f"{settings.host}:{settings.port}"
        if error.errno == errno.EADDRINUSE:
            sentence = f"Port {place} is taken. Stop what uses it, or set PORT to another one."
        else:
            sentence = f"{place} cannot be served: {os.strerror(error.errno or 0)}."
        raise click.ClickException(sentence) from error
    return listening


def address_of(listening: socket.socket) -> str:
    """Return the address that a browser opens."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
