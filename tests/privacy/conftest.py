"""A shop in the test's transaction."""

import pytest

from tests.factories import Factory
from tests.repairs.shop import Shop, open_shop


@pytest.fixture
async def shop(make: Factory) -> Shop:
    """A branch under contract; nothing it writes is kept."""
    return await open_shop(make)
