"""`serviceco serve | worker | migrate`: one process each, for an operator or a supervisor."""

import asyncio
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import click
import uvicorn

from serviceco.api.limits import MAX_BODY_BYTES
from serviceco.app import build
from serviceco.cli.children import follow_supervisor
from serviceco.cli.surroundings import data_folder, database, listen, read_settings
from serviceco.edge.logs import configure_logs
from serviceco.edge.wire import WholeAnswerProtocol
from serviceco.jobs.calls import Caller
from serviceco.jobs.chores import Broom
from serviceco.jobs.courier import Courier
from serviceco.jobs.handlers import HANDLERS
from serviceco.jobs.privacy import file_remover, sign_in_forgetter
from serviceco.jobs.worker import Worker, run
from serviceco.settings import Settings
from serviceco.storage.engines import Role, open_engine, role_url
from serviceco.storage.files import Files
from serviceco.storage.migrate import migrate as migrate_database

GRACE_SECONDS = 10
PING_SECONDS = 20.0
MOST_UNREAD = 16


class Server(uvicorn.Server):
    """A server that ends open streams before it waits for them: they would never end by themselves."""

    def __init__(self, config: uvicorn.Config, hang_up: Callable[[], None]) -> None:
        """Take what ends them."""
        super().__init__(config)
        self._hang_up = hang_up

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say goodbye, then stop."""
        self._hang_up()
        await super().shutdown(sockets)


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
        application = build(settings, url, data_folder(settings))
        server = Server(
            uvicorn.Config(
                application,
                loop="uvloop",
                http=WholeAnswerProtocol,
                ws="websockets-sansio",
                ws_max_size=MAX_BODY_BYTES,
                ws_max_queue=MOST_UNREAD,
                ws_ping_interval=PING_SECONDS,
                ws_ping_timeout=PING_SECONDS,
                # Deflate would keep a window of memory per connection for messages of a few bytes.
                ws_per_message_deflate=False,
                interface="asgi3",
                lifespan="on",
                access_log=False,
                log_config=None,
                server_header=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            ),
            application.hang_up,
        )
        server.run(sockets=[listening])
    if not server.started:
        raise SystemExit(1)


@click.command()
def worker() -> None:
    """Deliver the outbox: claims, roll-ups, webhooks and whatever else follows a change."""
    settings = read_settings()
    configure_logs()
    with database(settings) as url:
        follow_supervisor()
        asyncio.run(_work(url, settings, data_folder(settings) / "files"))


@click.command()
def migrate() -> None:
    """Create the database's roles and bring its tables to the newest form."""
    with database(read_settings()) as url:
        asyncio.run(migrate_database(url))
    click.echo("The database has the newest form.")


async def _work(url: str, settings: Settings, folder: Path) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop.set)
    app = open_engine(role_url(url, Role.APP))
    relay = open_engine(role_url(url, Role.RELAY), pool_size=2)
    auth = open_engine(role_url(url, Role.AUTH), pool_size=1)
    handlers = (*HANDLERS, file_remover(Files(folder)), sign_in_forgetter(auth))
    broom = Broom(app=app, auth=auth)
    caller = Caller(also_loopback=settings.webhooks_to_loopback)
    try:
        await asyncio.gather(
            run(Worker(app=app, relay=relay, handlers=handlers, broom=broom), stop),
            Courier(app=app, relay=relay, caller=caller).run(stop),
        )
    finally:
        await auth.dispose()
        await app.dispose()
        await relay.dispose()
