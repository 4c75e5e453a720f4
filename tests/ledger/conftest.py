"""A company whose books have just been opened; nothing it writes is kept."""

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor
from serviceco.ledger.operations import open_chart


@pytest.fixture
async def books(session: AsyncSession, actor: Actor) -> AsyncSession:
    await open_chart(session, actor)
    return session


@pytest.fixture
def bookkeeper(actor: Actor) -> Actor:
    return actor
