"""Requests as the pages take them, and whom the edge recognised behind one."""

from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection

from serviceco.core.actor import Actor

PageRequest = Request[Any, Any, Any]
Connection = ASGIConnection[Any, Any, Any, Any]


def actor_of(connection: Connection) -> Actor | None:
    """Return whom the edge recognised, None for a visitor."""
    actor = connection.scope.get("actor")
    return actor if isinstance(actor, Actor) else None
