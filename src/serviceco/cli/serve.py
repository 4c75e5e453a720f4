"""`serviceco serve | worker | migrate`: one process each, for an operator or a supervisor."""

import asyncio
import signal
import socket

import click
import uvicorn

from serviceco.app import build
from serviceco.cli.children import follow_supervisor
from serviceco.cli.surroundings import data_folder, database, listen, read_settings
from serviceco.edge.logs import configure_logs
from serviceco.edge.wire import GatheringProtocol
from serviceco.jobs.worker import Worker, run
from serviceco.storage.engines import Role, open_engine, role_url
from serviceco.storage.migrate import migrate as migrate_database

GRACE_SECONDS = 10


@click.command()
@click.option("--socket-fd", type=int, hidden=True, help="An open socket of the supervisor.")
def serve(socket_fd: int | None) -> None:
    """Serve the pages and GraphQL from this process."""
    settings = read_settings()
    configure_logs()
    listening = listen(settings) if socket_fd is None else socket.socket(fileno=socket_fd)
    host, port = listening.getsockname()[:2]
    settings = settings.model_copy(update={"host": host, "port": port})
    with listening, database(settings) as url:
        follow_supervisor()
        server = uvicorn.Server(
            uvicorn.Config(
                build(settings, url, data_folder(settings)),
                loop="uvloop",
                http=GatheringProtocol,
                ws="none",
                interface="asgi3",
                lifespan="on",
                access_log=False,
                log_config=None,
                server_header=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        server.run(sockets=[listening])
    if not server.started:
        raise SystemExit(1)


@click.command()
def worker() -> None:
    """Deliver the outbox: claims, roll-ups and whatever else follows a change."""
    settings = read_settings()
    configure_logs()
    with database(settings) as url:
        follow_supervisor()
        asyncio.run(_work(url))


@click.command()
def migrate() -> None:
    """Create the database's roles and bring its tables to the newest form."""
    with database(read_settings()) as url:
        asyncio.run(migrate_database(url))
    click.echo("The database has the newest form.")


async def _work(url: str) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop.set)
    app = open_engine(role_url(url, Role.APP))
    relay = open_engine(role_url(url, Role.RELAY), pool_size=1)
    try:
        await run(Worker(app=app, relay=relay), stop)
    finally:
        await app.dispose()
        await relay.dispose()
