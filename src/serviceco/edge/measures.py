"""What a web process tells of itself beside its requests: the outbox, and its connections."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

from serviceco.api.plan.pool import ReadPool
from serviceco.edge.metrics import Read, Reading
from serviceco.storage.relay import read_lag

PATIENCE_SECONDS = 2.0
_POOL = "serviceco_pool_connections"
_POOL_HELP = "Connections of a pool: lent out, idle, or waited for."


def reader(
    relay: AsyncEngine, engines: Mapping[str, AsyncEngine], reads: Mapping[str, ReadPool]
) -> Read:
    """Return what reads the values of now."""

    async def read() -> Sequence[Reading]:
        return [*await _outbox(relay), *_engines(engines), *_reads(reads)]

    return read


async def _outbox(relay: AsyncEngine) -> list[Reading]:
    """Read the lag; a database that does not answer is told by what is missing."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            lag = await read_lag(relay, at=datetime.now(UTC))
    except (TimeoutError, OSError, SQLAlchemyError):
        return []
    return [
        Reading("serviceco_outbox_due", "Entries that are due and not done.", lag.due),
        Reading(
            "serviceco_outbox_lag_seconds",
            "How long the oldest of them is due.",
            lag.oldest_seconds,
        ),
        Reading("serviceco_outbox_parked", "Entries that the worker has given up.", lag.parked),
    ]


def _engines(engines: Mapping[str, AsyncEngine]) -> list[Reading]:
    found = []
    for name, engine in engines.items():
        pool = engine.sync_engine.pool
        if isinstance(pool, QueuePool):
            found += _of_pool(name, lent=pool.checkedout(), idle=pool.checkedin())
    return found


def _reads(pools: Mapping[str, ReadPool]) -> list[Reading]:
    found = []
    for name, pool in pools.items():
        use = pool.use
        found += _of_pool(name, lent=use.lent, idle=use.idle, waiting=use.waiting)
    return found


def _of_pool(name: str, **counts: int) -> list[Reading]:
    return [
        Reading(_POOL, _POOL_HELP, count, (("pool", name), ("state", state)))
        for state, count in counts.items()
    ]
