"""Handed-over orders under a policy with claim rules, for tests of claims."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from serviceco.billing.handover import hand_over
from serviceco.billing.payments import take_payment
from serviceco.billing.words import PaymentMethod
from serviceco.core.actor import Actor
from serviceco.core.ids import new_id
from serviceco.customers.tables import ProofOfPurchase
from serviceco.policy.tables import PolicyVersion
from serviceco.policy.words import ProofKind, SaleChannel, document_of
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.work_tables import CoverageDecision, Photo
from tests.billing.counter import AT, BEFORE, Counter, Line
from tests.policy.factories import decide, facts


@dataclass
class Desk:
    """The claims desk of a company: orders leave the counter under one published policy."""

    counter: Counter
    actor: Actor
    version: PolicyVersion

    async def handed_over(self, *lines: Line, **columns: Any) -> RepairOrder:
        """An order that left the branch at `AT`; the customer's lines are paid."""
        order = await self.counter.finished(
            *lines,
            **{
                "policy_version_id": self.version.id,
                "symptom_codes": ["no_display"],
                "fault_note": "display cable torn",
                "remedy_note": "display replaced",
            }
            | columns,
        )
        await self._decide(order)
        session = self.counter.history.make.session
        if order.customer_minor:
            await take_payment(
                session,
                self.actor,
                order.number,
                amount_minor=order.customer_minor,
                method=PaymentMethod.CASH,
                at=AT,
            )
        return await hand_over(session, self.actor, order.number, accessories=[], at=AT)

    async def prove_purchase(self, order: RepairOrder) -> None:
        """Add an invoice to the order's device."""
        await self.counter.history.make.save(
            ProofOfPurchase(
                tenant_id=order.tenant_id,
                id=new_id(),
                device_id=order.device_id,
                proof=ProofKind.INVOICE,
                dated_on=date(2026, 1, 5),
                channel=SaleChannel.DEALER,
                is_verified=True,
                recorded_at=BEFORE,
            )
        )

    async def add_photo(self, order: RepairOrder, slot: str) -> None:
        """Put a photo into a slot of the order."""
        await self.counter.history.make.save(
            Photo(
                tenant_id=order.tenant_id,
                id=new_id(),
                order_id=order.id,
                slot=slot,
                sha256="0" * 64,
                media_type="image/jpeg",
                size_bytes=1,
                width=1,
                height=1,
                taken_at=BEFORE,
                taken_by=self.actor.account_id,
            )
        )

    async def _decide(self, order: RepairOrder) -> None:
        decided = facts()
        for line in await self.counter.lines(order):
            row = CoverageDecision(
                tenant_id=order.tenant_id,
                id=new_id(),
                order_id=order.id,
                line_id=line.id,
                payer=line.payer,
                policy_version_id=self.version.id,
                law_codes=[],
                facts=document_of(decided),
                decision=document_of(decide(decided)),
                decided_at=BEFORE,
                decided_by=self.actor.account_id,
            )
            line.decision_id = (await self.counter.history.make.save(row)).id
        await self.counter.history.make.session.flush()
