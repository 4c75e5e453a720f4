"""A courier process that somebody kills while it calls: `doomed_courier OWNER_URL`."""

import asyncio
import sys

from serviceco.jobs.calls import Caller
from serviceco.jobs.courier import Courier
from serviceco.storage.engines import Role, open_engine, role_url


async def main(owner_url: str) -> None:
    """Send what is due, as the worker does."""
    courier = Courier(
        app=open_engine(role_url(owner_url, Role.APP)),
        relay=open_engine(role_url(owner_url, Role.RELAY)),
        caller=Caller(also_loopback=True),
    )
    await courier.run(asyncio.Event())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
