"""Orders that stand at the counter with lines of every payer, for tests of money."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from serviceco.core.actor import Actor
from serviceco.core.ids import new_id
from serviceco.evidence.tables import Event
from serviceco.ledger.queries import list_balances
from serviceco.policy.operations import publish_policy
from serviceco.policy.tables import PolicyVersion
from serviceco.policy.words import Coverage, LineKind, Payer, Policy
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import LineStatus, Outcome, RepairStatus
from serviceco.repairs.work_tables import OrderLine
from serviceco.storage.outbox import OutboxEntry
from serviceco.tenancy.tables import Branch, Brand
from tests.reports.history import History

AT = datetime(2026, 11, 2, 8, tzinfo=UTC)
BEFORE = AT - timedelta(days=2)

LABOUR = (Payer.CUSTOMER, LineKind.LABOUR, 8_000)
SCREEN = (Payer.CUSTOMER, LineKind.PART, 19_900)
COVERED = (Payer.BRAND, LineKind.LABOUR, 6_000)
BATTERY = (Payer.BRAND, LineKind.PART, 31_000)
KINDNESS = (Payer.TENANT, LineKind.PART, 1_500)
Line = tuple[Payer, LineKind, int]


@dataclass
class Counter:
    """A branch whose company has opened its books, with one brand."""

    history: History
    branch: Branch
    brand: Brand

    async def order(self, *lines: Line, **columns: Any) -> RepairOrder:
        """An inspected order with these lines, proposed and not quoted yet."""
        sums = {payer: sum(line[2] for line in lines if line[0] is payer) for payer in Payer}
        order = await self.history.order(
            self.branch,
            **{
                "closed_at": None,
                "received_at": BEFORE,
                "brand": self.brand,
                "hours": None,
                "coverage": Coverage.MIXED,
                "outcome": None,
                "status": RepairStatus.INSPECTING,
                "diagnosed_at": BEFORE,
                "line_count": len(lines),
                "brand_minor": sums[Payer.BRAND],
                "customer_minor": sums[Payer.CUSTOMER],
                "tenant_minor": sums[Payer.TENANT],
                "other_minor": sums[Payer.OTHER],
            }
            | columns,
        )
        await self.add_lines(order, lines)
        return order

    async def finished(self, *lines: Line, **columns: Any) -> RepairOrder:
        """An order whose repair is done and checked; what the customer owes is approved."""
        order = await self.order(
            *lines,
            **{
                "status": RepairStatus.READY,
                "outcome": Outcome.REPAIRED,
                "approved_at": BEFORE,
                "repaired_at": AT - timedelta(hours=5),
                "ready_at": AT - timedelta(hours=4),
            }
            | columns,
        )
        for line in await self.lines(order):
            line.status = LineStatus.DONE
        await self.history.make.session.flush()
        return order

    async def add_lines(self, order: RepairOrder, lines: Sequence[Line], *, first: int = 1) -> None:
        """Propose lines on an order, with positions from `first` on."""
        for position, (payer, kind, amount_minor) in enumerate(lines, start=first):
            row = OrderLine(
                tenant_id=order.tenant_id,
                id=new_id(),
                order_id=order.id,
                position=position,
                line=kind,
                code=f"{kind.value}-{position}",
                names={"en": kind.value, "zh_hans": "项", "zh_hant": "項"},
                quantity=1,
                price_minor=amount_minor,
                amount_minor=amount_minor,
                currency=order.currency,
                payer=payer,
                status=LineStatus.PROPOSED,
            )
            await self.history.make.save(row)

    async def lines(self, order: RepairOrder) -> Sequence[OrderLine]:
        """The order's lines by position."""
        rows = await self.history.make.session.scalars(
            select(OrderLine)
            .where(OrderLine.tenant_id == order.tenant_id, OrderLine.order_id == order.id)
            .order_by(OrderLine.position)
        )
        return rows.all()

    async def balances(self) -> dict[str, int]:
        """What stands on each account of the company, zero left out."""
        rows = await list_balances(self.history.make.session)
        return {row.account_code: row.amount_minor for row in rows if row.amount_minor}

    async def events(self, order: RepairOrder) -> list[tuple[str, dict[str, Any]]]:
        """Acts and details on the order's chain."""
        rows = await self.history.make.session.scalars(
            select(Event)
            .where(Event.tenant_id == order.tenant_id, Event.subject_id == order.id)
            .order_by(Event.seq)
        )
        return [(row.act, row.detail) for row in rows]

    async def sent(self, topic: str) -> list[dict[str, Any]]:
        """Payloads of that topic in the company's outbox."""
        tenant_id = self.history.make.tenant_id
        rows = await self.history.make.session.scalars(
            select(OutboxEntry.payload)
            .where(OutboxEntry.tenant_id == tenant_id, OutboxEntry.topic == topic)
            .order_by(OutboxEntry.id)
        )
        return list(rows)


async def publish(counter: Counter, actor: Actor, terms: Policy) -> PolicyVersion:
    """Put these terms in force for the counter's brand."""
    own = replace(terms, brand=counter.brand.code)
    return await publish_policy(counter.history.make.session, actor, own, at=BEFORE)
