"""The pages of many applications, built once: they hold nothing of any, and take long to build."""

from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any

from serviceco.edge.doors import IdentityDoors
from serviceco.web.doors import Doors
from serviceco.web.site import web_app

Asgi = Callable[[MutableMapping[str, Any], Callable[..., Any], Callable[..., Any]], Awaitable[None]]
_DOORS: ContextVar[Doors] = ContextVar("doors")


class _Door:
    """A door of whichever application the request at hand belongs to."""

    def __init__(self, *names: str) -> None:
        """Take the names that lead to it from the doors on."""
        self._reach = attrgetter(".".join(names))

    def __getattr__(self, name: str) -> Any:
        """Find what stands behind the door."""
        return getattr(self._reach(_DOORS.get()), name)

    def __call__(self, *given: Any, **named: Any) -> Any:
        """Go through it."""
        return self._reach(_DOORS.get())(*given, **named)


@cache
def _pages(csrf_key: bytes, *, https: bool, development: bool) -> Any:
    switched: dict[str, Any] = {field.name: _Door(field.name) for field in fields(Doors)}
    # Pages ask for these by their class, so only what they hold is switched.
    named: dict[str, Any] = {
        field.name: _Door("identity", field.name) for field in fields(IdentityDoors)
    }
    doors = Doors(**switched | {"identity": IdentityDoors(**named)})
    return web_app(doors=doors, csrf_key=csrf_key, https=https, development=development)


def shared_pages(*, doors: Doors, csrf_key: bytes, https: bool, development: bool = False) -> Asgi:
    """Return what `web_app` returns, with these doors behind the same pages."""
    pages = _pages(csrf_key, https=https, development=development)

    async def serve(
        scope: MutableMapping[str, Any], receive: Callable[..., Any], send: Callable[..., Any]
    ) -> None:
        if scope["type"] == "lifespan":
            # The pages outlive every application, and nothing of them starts or stops.
            for word in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{word}.complete"})
            return
        _DOORS.set(doors)
        await pages(scope, receive, send)

    return serve
