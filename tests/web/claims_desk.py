"""Claims of the company behind the pages, opened as the worker opens them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.claims.operations import open_claim, submit_claim
from serviceco.claims.tables import Claim
from serviceco.ledger.operations import open_chart
from serviceco.oversight.operations import rebuild
from serviceco.policy.tables import PolicyVersion
from serviceco.policy.words import ClaimEvidence, ClaimRules
from serviceco.repairs.tables import RepairOrder
from serviceco.storage.unit_of_work import unit_of_work
from tests.billing.counter import AT, COVERED, LABOUR, Counter, Line, publish
from tests.claims.desk import Desk
from tests.policy.factories import policy
from tests.reports.history import History
from tests.web.company import Company

RULES = ClaimRules(
    rule="C-1",
    clause="9.1",
    deadline_days=30,
    evidence=(ClaimEvidence.SERIAL_PHOTO,),
    repeat_unpaid_days=30,
)


@dataclass
class ClaimsDesk:
    """Hands orders over under a policy that asks for a photo of the serial number."""

    company: Company
    version: PolicyVersion

    async def claim(self, *lines: Line, complete: bool = True, **columns: Any) -> Claim:
        """The claim of an order with these covered lines; `complete` with its photo."""
        self.company.sequence += 1
        async with self._at_work() as desk:
            order = await desk.handed_over(
                *(lines or (COVERED,)), number=f"{self.company.sequence:012d}", **columns
            )
            if complete:
                await desk.add_photo(order, "serial")
            claim = await open_claim(_session(desk), desk.actor, order.id, at=AT)
        assert claim is not None
        return claim

    async def add_photo(self, claim: Claim) -> None:
        """Add the photo that the claim lacked."""
        async with self._at_work() as desk:
            order = await _session(desk).get_one(RepairOrder, (claim.tenant_id, claim.order_id))
            await desk.add_photo(order, "serial")

    @asynccontextmanager
    async def _at_work(self) -> AsyncIterator[Desk]:
        async with self.company.at_work() as history:
            yield Desk(_counter(self.company, history), self.company.actor(), self.version)


def _counter(company: Company, history: History) -> Counter:
    assert company.brand is not None
    return Counter(history, company.branches[0], company.brand)


def _session(desk: Desk) -> AsyncSession:
    return desk.counter.history.make.session


async def open_claims_desk(company: Company) -> ClaimsDesk:
    """Open the books and publish the policy."""
    async with company.at_work() as history:
        await open_chart(history.make.session, company.actor())
        terms = policy(claims=RULES)
        version = await publish(_counter(company, history), company.actor(), terms)
    return ClaimsDesk(company, version)


async def file_claim(company: Company) -> str:
    """File a claim with a paid line, tell the brand, and return the number of its order."""
    desk = await open_claims_desk(company)
    assert company.brand is not None
    async with company.at_work() as history:
        contract = await history.make.contract(brand=company.brand, branches=company.branches)
    claim = await desk.claim(COVERED, LABOUR, contract_id=contract.id)
    async with unit_of_work(company.engine, company.tenant_id) as session:
        await submit_claim(session, company.actor(), claim.id, at=AT)
        await rebuild(session, at=AT)
    return f"{company.sequence:012d}"
