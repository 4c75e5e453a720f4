"""Requests as the pages take them, and whom the edge recognised behind one."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection

from serviceco.core.actor import Actor

PageRequest = Request[Any, Any, Any]
Renew = Callable[[], Awaitable[Actor | None]]
Connection = ASGIConnection[Any, Any, Any, Any]


def actor_of(connection: Connection) -> Actor | None:
    """Return whom the edge recognised, None for a visitor."""
    actor = connection.scope.get("actor")
    return actor if isinstance(actor, Actor) else None


async def renewed_actor(connection: Connection) -> Actor | None:
    """Let the edge authenticate again from the database; return whom it recognises now."""
    renew: Renew | None = connection.scope.get("renew_actor")  # type: ignore[assignment]  # the edge's own key
    return await renew() if renew else None
