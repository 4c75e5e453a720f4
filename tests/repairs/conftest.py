"""A shop in the test's transaction."""

from pathlib import Path

import pytest

from serviceco.storage.files import Files
from tests.factories import Factory
from tests.repairs.shop import Shop, open_shop


@pytest.fixture
async def shop(make: Factory) -> Shop:
    """A branch under contract; nothing it writes is kept."""
    return await open_shop(make)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A folder of files for this test."""
    return Files(tmp_path)
