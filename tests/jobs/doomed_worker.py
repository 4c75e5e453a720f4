"""A worker process that hangs in a handler until somebody kills it: `doomed_worker OWNER_URL`."""

import asyncio
import sys

from serviceco.jobs.worker import Worker, run
from serviceco.storage.engines import Role, open_engine, role_url
from tests.jobs.ears import ear, hang


async def main(owner_url: str) -> None:
    """Work with one handler that commits and, after it, one that hangs."""
    worker = Worker(
        app=open_engine(role_url(owner_url, Role.APP)),
        relay=open_engine(role_url(owner_url, Role.RELAY)),
        handlers=(ear(name="commits"), ear(hang, name="hangs")),
    )
    await run(worker, asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
