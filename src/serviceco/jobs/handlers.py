"""Which room hears of which topic."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor
from serviceco.storage.relay import Delivery

Hear = Callable[[AsyncSession, Actor, Sequence[Delivery], datetime], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """A room's ear. `hear` gets at most `most` deliveries of one tenant in one unit of work.

    It must be idempotent: the same delivery may come again, also after it was heard.
    """

    name: str
    topics: frozenset[str]
    hear: Hear
    most: int = 1


HANDLERS: tuple[Handler, ...] = ()
