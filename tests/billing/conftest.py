"""A counter where money changes hands."""

import pytest

from serviceco.core.actor import Actor
from serviceco.ledger.operations import open_chart
from tests.billing.counter import Counter
from tests.factories import Factory
from tests.reports.history import open_history


@pytest.fixture
async def counter(make: Factory, actor: Actor) -> Counter:
    await open_chart(make.session, actor)
    return Counter(await open_history(make), await make.branch(), await make.brand())
