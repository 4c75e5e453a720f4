"""The claims desk."""

import pytest

from serviceco.core.actor import Actor
from serviceco.ledger.operations import open_chart
from serviceco.policy.words import ClaimEvidence, ClaimRules
from tests.billing.counter import Counter, publish
from tests.claims.desk import Desk
from tests.factories import Factory
from tests.policy.factories import policy
from tests.reports.history import open_history


@pytest.fixture
async def desk(make: Factory, actor: Actor) -> Desk:
    """Claims need a proof of purchase and a photo of the serial within 30 days; a repeat is unpaid."""
    await open_chart(make.session, actor)
    counter = Counter(await open_history(make), await make.branch(), await make.brand())
    rules = ClaimRules(
        rule="C-1",
        clause="1",
        deadline_days=30,
        evidence=(ClaimEvidence.PROOF_OF_PURCHASE, ClaimEvidence.SERIAL_PHOTO),
        repeat_unpaid_days=30,
    )
    return Desk(counter, actor, await publish(counter, actor, policy(claims=rules)))
