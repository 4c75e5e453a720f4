"""How much one account may ask of this process: a bucket that fills as time goes by.

A request takes points: one for each row that it may bring, and more for work that no plan bounds.
Each process keeps its own buckets, so what an account may ask of the server is that many times it.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from serviceco.api.errors import RateLimited
from serviceco.core.actor import Actor, ActorKind

FOR_A_READ = 5
FOR_A_MUTATION = 100
FOR_A_COMPUTED_FIELD = 200
FOR_THE_SCHEMA = 1_000
FOR_A_NEW_DOCUMENT = 500
MOST_ACCOUNTS = 20_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """Points that flow in each second, and how many lie ready for whoever was idle."""

    per_second: float
    ready: float


class Meter:
    """Buckets by account; kinds of actor without an allowance are not limited.

    A bucket is kept as the moment at which it would be full again, so that taking costs one
    look-up. The account that came first is forgotten where there are too many.
    """

    def __init__(
        self,
        allowances: Mapping[ActorKind, Allowance],
        *,
        clock: Callable[[], float] = time.monotonic,
        size: int = MOST_ACCOUNTS,
    ) -> None:
        """Start with every bucket full; `clock` counts seconds."""
        self._allowances = allowances
        self._clock = clock
        self._size = size
        self._full_at: dict[UUID, float] = {}

    def take(self, actor: Actor, points: float) -> None:
        """Take points from the actor's bucket; who is refused loses none.

        Raises:
            RateLimited: too few are left; the error says when there will be enough.
        """
        allowance = self._allowances.get(actor.kind)
        if allowance is None:
            return
        now, account = self._clock(), actor.account_id
        full_at = max(self._full_at.get(account, now), now) + points / allowance.per_second
        missing_s = full_at - now - allowance.ready / allowance.per_second
        if missing_s > 0:
            raise RateLimited(_sentence(allowance), retry_after_s=math.ceil(missing_s))
        self._full_at[account] = full_at
        if len(self._full_at) > self._size:
            del self._full_at[next(iter(self._full_at))]

    def __len__(self) -> int:
        """Return how many accounts are remembered."""
        return len(self._full_at)


def _sentence(allowance: Allowance) -> str:
    return (
        f"The limit of an account is {allowance.per_second:,.0f} points per second,"
        f" {allowance.ready:,.0f} at once. Wait, or ask for less."
    )
