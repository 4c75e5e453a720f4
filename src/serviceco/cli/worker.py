"""`serviceco worker`: one process that delivers the outbox, for an operator or a supervisor."""

import asyncio
import signal
from pathlib import Path

import click

from serviceco.cli.children import follow_supervisor
from serviceco.cli.surroundings import data_folder, database, read_settings
from serviceco.edge.logs import configure_logs
from serviceco.jobs.calls import Caller
from serviceco.jobs.chores import Broom
from serviceco.jobs.courier import Courier
from serviceco.jobs.handlers import HANDLERS
from serviceco.jobs.privacy import file_remover, sign_in_forgetter
from serviceco.jobs.worker import Worker, run
from serviceco.settings import Settings
from serviceco.storage.engines import Role, open_engine, role_url
from serviceco.storage.files import Files


@click.command()
def worker() -> None:
    """Deliver the outbox: claims, roll-ups, webhooks and whatever else follows a change."""
    settings = read_settings()
    configure_logs()
    with database(settings) as url:
        follow_supervisor()
        asyncio.run(_work(url, settings, data_folder(settings) / "files"))


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
