"""What every test of the worker begins with."""

import pytest

from tests.bench.turns import connect

LEFT_OVER = """
UPDATE outbox_entry SET done_at = now() WHERE done_at IS NULL AND parked_at IS NULL;
UPDATE webhook_delivery SET status = 'failed' WHERE status = 'pending';
"""


@pytest.fixture(scope="module", autouse=True)
async def nothing_left_over(owner_url: str) -> None:
    """Let the worker find its own work alone: other tests of this database leave theirs undone."""
    owner = await connect(owner_url)
    await owner.execute(LEFT_OVER)
    await owner.close()
