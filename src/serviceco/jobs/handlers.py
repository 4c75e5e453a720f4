"""Which room hears of which topic."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.claims.operations import open_claim, recheck_order
from serviceco.core.actor import Actor
from serviceco.exchange.corrections import name_brand
from serviceco.exchange.deliveries import address_entries, brand_news
from serviceco.exchange.words.webhooks import KINDS
from serviceco.oversight.operations import hear_news
from serviceco.oversight.words import HEARD
from serviceco.privacy.retention import DUE, carry_out
from serviceco.reports.replays import STEP_DUE, take_step
from serviceco.reports.rollups import apply_entries
from serviceco.reports.words import TOPICS
from serviceco.storage.relay import Delivery

# What others than the company are to be told, by whose it is.
News = Mapping[UUID, Sequence[Delivery]]
Hear = Callable[[AsyncSession, Actor, Sequence[Delivery], datetime], Awaitable[News | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """A room's ear. `hear` gets at most `most` deliveries of one tenant in one unit of work.

    What it returns is news for brands: each is told in a unit of work of its own afterwards.
    It must be idempotent: the same delivery may come again, also after it was heard.
    """

    name: str
    topics: frozenset[str]
    hear: Hear
    most: int = 1


async def _claim(
    session: AsyncSession, actor: Actor, deliveries: Sequence[Delivery], at: datetime
) -> None:
    for delivery in deliveries:
        await open_claim(session, actor, UUID(delivery.payload["order_id"]), at=at)


async def _recheck(
    session: AsyncSession, actor: Actor, deliveries: Sequence[Delivery], at: datetime
) -> None:
    for delivery in deliveries:
        await recheck_order(session, actor, UUID(delivery.payload["order_id"]), at=at)


async def _count(
    session: AsyncSession, _actor: Actor, deliveries: Sequence[Delivery], at: datetime
) -> None:
    await apply_entries(session, deliveries, at=at)


async def _show(
    session: AsyncSession, _actor: Actor, deliveries: Sequence[Delivery], at: datetime
) -> News:
    await hear_news(session, deliveries, at=at)
    return await brand_news(session, deliveries)


async def _name(
    session: AsyncSession, actor: Actor, deliveries: Sequence[Delivery], at: datetime
) -> None:
    for delivery in deliveries:
        await name_brand(session, actor, UUID(delivery.payload["alias_id"]), at=at)


async def _retain(
    session: AsyncSession, actor: Actor, deliveries: Sequence[Delivery], at: datetime
) -> None:
    for delivery in deliveries:
        await carry_out(session, actor, delivery.payload, at=at)


async def _replay(
    session: AsyncSession, _actor: Actor, deliveries: Sequence[Delivery], at: datetime
) -> None:
    for delivery in deliveries:
        replay_id, done = UUID(delivery.payload["replay_id"]), delivery.payload["done"]
        await take_step(session, replay_id, done, at=at)


async def _tell(
    session: AsyncSession, _actor: Actor, deliveries: Sequence[Delivery], at: datetime
) -> None:
    await address_entries(session, deliveries, at=at)


# Imported history does not act: `repair.imported` reaches the roll-ups and nobody else.
HANDLERS: tuple[Handler, ...] = (
    Handler(name="claims", topics=frozenset({"repair.handed_over"}), hear=_claim),
    Handler(name="evidence", topics=frozenset({"repair.evidence_added"}), hear=_recheck),
    Handler(name="reports", topics=TOPICS, hear=_count, most=1_000),
    Handler(name="oversight", topics=HEARD, hear=_show, most=500),
    Handler(name="privacy", topics=frozenset({DUE}), hear=_retain),
    Handler(name="exchange", topics=frozenset({"brand_alias.decided"}), hear=_name),
    Handler(name="replays", topics=frozenset({STEP_DUE}), hear=_replay),
    Handler(name="webhooks", topics=frozenset(KINDS), hear=_tell, most=200),
)
