"""`serviceco serve`: one web process, for an operator or a supervisor."""

import gc
import socket
from collections.abc import Callable

import click
import uvicorn

from serviceco.api.limits import MAX_BODY_BYTES
from serviceco.app import build
from serviceco.cli.children import follow_supervisor
from serviceco.cli.surroundings import data_folder, database, listen, read_settings
from serviceco.edge.logs import configure_logs
from serviceco.edge.wire import WholeAnswerProtocol

GRACE_SECONDS = 10
PING_SECONDS = 20.0
MOST_UNREAD = 16
# Objects made before the youngest are searched for cycles: an answer makes hundreds, few in cycles.
NEW_BEFORE_SEARCH = 20_000


class Server(uvicorn.Server):
    """A server that ends open streams before it waits for them: they would never end by themselves."""

    def __init__(self, config: uvicorn.Config, hang_up: Callable[[], None]) -> None:
        """Take what ends them."""
        super().__init__(config)
        self._hang_up = hang_up

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then keep what stands by now out of every later search for garbage."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        gc.set_threshold(NEW_BEFORE_SEARCH)

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
