"""A person whose device went the whole way, and what to look for once they are erased."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Text, cast, func, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.billing.handover import hand_over
from serviceco.billing.payments import take_payment
from serviceco.billing.quotes import decide_quote, send_quote
from serviceco.billing.words import ApprovalChannel, PaymentMethod
from serviceco.claims.operations import open_claim
from serviceco.claims.tables import Claim
from serviceco.core.ids import new_id
from serviceco.evidence.rules import event_hash
from serviceco.evidence.tables import Event
from serviceco.ledger.operations import open_chart
from serviceco.repairs.bench import check_quality, complete_repair, start_repair
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import Outcome, WorkDone
from serviceco.repairs.work_tables import Photo
from serviceco.storage.idempotency import IdempotencyKey
from serviceco.storage.outbox import OutboxEntry
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.rules import system_actor
from tests.isolation.declared import TABLES, TENANT_TABLES
from tests.repairs.shop import NOON, Shop, labour, part
from tests.tenant_constant import unwatched

NAME, PHONE, WORDS = "陈晓明", "13812345678", "昨天摔了一下,屏幕黑了"
# All that was said or typed of the person on the way.
MARKS = (
    NAME,
    PHONE,
    WORDS,
    "356938035643809",
    "F-7",
    "陈太太",
    "POS-881",
    "刮痕是陈先生的",
    "太贵了也修",
)


@dataclass(frozen=True, slots=True)
class Told:
    """An order that went all the way."""

    order: RepairOrder
    claim: Claim | None

    @property
    def customer_id(self) -> UUID:
        assert self.order.customer_id is not None
        return self.order.customer_id


async def told_of(shop: Shop, *, paid: bool = True) -> Told:
    """Bring a device all the way: quoted, approved, repaired, paid, collected by somebody else."""
    session, actor = shop.session, shop.actor
    await open_chart(session, system_actor(shop.make.tenant_id))
    facts = {"bought": None} if paid else {}
    order = await shop.diagnosed(
        part("D-1"),
        labour(2),
        condition_note="刮痕是陈先生的",
        accessories=("陈太太的壳",),
        **facts,
    )
    number = order.number
    if paid:
        await send_quote(session, actor, number, at=NOON)
        await decide_quote(
            session, actor, number, approved=True, channel=ApprovalChannel.PHONE,
            note="太贵了也修", at=NOON,
        )  # fmt: skip
    await add_photo(shop, order)
    await start_repair(session, actor, number, at=NOON)
    done = WorkDone(
        outcome=Outcome.REPAIRED, fault_note="陈太太坐坏的", remedy_note="换屏", labour_minutes=35
    )
    await complete_repair(session, actor, number, done, at=NOON)
    await check_quality(session, await shop.colleague(), number, passed=True, at=NOON)
    if paid:
        await take_payment(
            session, actor, number, amount_minor=order.customer_minor, method=PaymentMethod.CARD,
            reference="POS-881", at=NOON,
        )  # fmt: skip
    await hand_over(
        session, actor, number, accessories=["陈太太的壳"], collector="陈太太", note="", at=NOON
    )
    claim = await open_claim(session, actor, order.id, at=NOON)
    await _leave_traces(session, number)
    return Told(order, claim)


async def add_photo(shop: Shop, order: RepairOrder, slot: str = "serial") -> Photo:
    """Put a photo into a slot of an order."""
    return await shop.make.save(
        Photo(
            tenant_id=order.tenant_id, id=new_id(), order_id=order.id, slot=slot,
            sha256="a" * 64, media_type="image/jpeg", size_bytes=1, width=1, height=1,
            taken_at=NOON, taken_by=new_id(),
        )
    )  # fmt: skip


async def _leave_traces(session: AsyncSession, number: str) -> None:
    """Leave the person where no key leads: an answer kept for repeats, a fault of the worker."""
    tenant_id = tenant_of(session)
    session.add(
        IdempotencyKey(
            tenant_id=tenant_id, client="c", key="k", request_hash="h",
            answer={"data": {"order": {"number": number, "customer": {"name": NAME}}}},
            created_at=NOON,
        )
    )  # fmt: skip
    session.add(
        OutboxEntry(
            tenant_id=tenant_id, id=new_id(), topic="t", payload={}, created_at=NOON, due_at=NOON,
            failed=f"no route to +86{PHONE}",
        )
    )  # fmt: skip
    await session.flush()


async def settle(session: AsyncSession) -> None:
    """Let the last day to file the company's claims have passed."""
    await session.execute(
        update(Claim)
        .where(Claim.tenant_id == tenant_of(session))
        .values(due_on=(NOON - timedelta(days=1)).date())
    )


async def found(session: AsyncSession, marks: tuple[str, ...] = MARKS) -> set[tuple[str, str]]:
    """Return (table, mark) for every mark that stands in any column of any table of the company."""
    await session.flush()
    hits = set()
    with unwatched():
        for name in TENANT_TABLES:
            mine = TABLES[name].c.tenant_id == tenant_of(session)
            # A row as text doubles quotes and escapes nothing else.
            whole = cast(literal_column(name), Text)
            texts = await session.scalars(select(whole).select_from(TABLES[name]).where(mine))
            hits |= {(name, mark) for text in texts for mark in marks if mark in text}
    return hits


async def counts(session: AsyncSession, *names: str) -> dict[str, int]:
    """Return how many rows the company has in each table."""
    return {
        name: await session.scalar(
            select(func.count()).select_from(TABLES[name]).where(
                TABLES[name].c.tenant_id == tenant_of(session)
            )
        ) or 0
        for name in names
    }  # fmt: skip


async def broken_chains(session: AsyncSession) -> list[str]:
    """Return the acts whose hash does not follow from what stands before them in their chain."""
    events = await session.scalars(
        select(Event)
        .where(Event.tenant_id == tenant_of(session))
        .order_by(Event.subject_id, Event.seq)
    )
    ends: dict[object, bytes] = {}
    broken = []
    for event in events:
        digest = event_hash(
            ends.get(event.subject_id, b""), subject_id=event.subject_id, seq=event.seq,
            act=event.act, actor_account_id=event.actor_account_id, at=event.at,
            detail=event.detail,
        )  # fmt: skip
        if digest != event.hash:
            broken.append(event.act)
        ends[event.subject_id] = digest
    return broken
