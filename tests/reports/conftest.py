"""A history to report on."""

import pytest

import serviceco.policy.tables  # noqa: F401 - a foreign key of the order leads there
from tests.factories import Factory
from tests.reports.history import History, open_history


@pytest.fixture
async def history(make: Factory) -> History:
    """Orders in the test's transaction."""
    return await open_history(make)
