"""What one request brings along: never a session, because fields may resolve side by side."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from serviceco.api.errors import Unauthenticated
from serviceco.core.actor import Actor
from serviceco.core.refusals import Refusal
from serviceco.identity.queries import require_live
from serviceco.identity.words import SignInEnded
from serviceco.storage.engines import Role

Clock = Callable[[], datetime]
Say = Callable[[Refusal, str], str]


def utc_now() -> datetime:
    """Return the present instant in UTC."""
    return datetime.now(UTC)


def in_english(refusal: Refusal, _language: str) -> str:
    """Say a refusal as the room did; composition gives a function that knows the languages."""
    return refusal.message


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """The actor, the engine of each role that something runs as, the clock, the words for refusals.

    `key` is the idempotency key of the request's header, if it has one.
    """

    actor: Actor
    engines: Mapping[Role, AsyncEngine]
    clock: Clock = utc_now
    say: Say = in_english
    key: str | None = None


async def require_live_sign_in(session: AsyncSession, actor: Actor, *, at: datetime) -> None:
    """Pass silently if the actor's sign-in still lives with the same rights.

    Raises:
        Unauthenticated: it ended, expired, or its account's rights changed.
    """
    try:
        await require_live(session, actor, at=at)
    except SignInEnded as ended:
        raise Unauthenticated("The sign-in has ended. Sign in again.") from ended
