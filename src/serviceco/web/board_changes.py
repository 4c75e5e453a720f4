"""The board while others work: a stream that says when an order of the branch changed."""

from collections.abc import AsyncIterator
from contextlib import aclosing

from litestar import Controller, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from serviceco.core.actor import Actor, Permission
from serviceco.core.refusals import Refusal
from serviceco.web.desk import Desk
from serviceco.web.doors import Changes

# Proxies close what says nothing for a minute.
_BEAT = b": still here\n\n"
# How long a browser waits before it connects anew: at once, or when the house said no.
_RETRY = b"retry: 1000\n\n"
_RETRY_LATER = b"retry: 60000\n\n"


class BoardChangePages(Controller):
    """Server-sent events for the pages that show a branch's open orders."""

    path = "/b/{branch:str}/board/changes"
    include_in_schema = False

    @get()
    async def listen(
        self,
        desk: NamedDependency[Desk],
        changes: NamedDependency[Changes],
        branch: FromPath[str],
    ) -> Stream:
        """Stream an event for every change; the page then reads itself anew."""
        desk.require(Permission.READ_ORDERS)
        place = desk.branch(branch)
        events = _events(changes, desk.person, place.id)
        return Stream(events, media_type="text/event-stream", headers={"x-accel-buffering": "no"})


async def _events(changes: Changes, actor: Actor, branch_id: str) -> AsyncIterator[bytes]:
    yield _RETRY
    try:
        async with aclosing(changes(actor, "BoardChanges", {"branchId": branch_id})) as told:  # type: ignore[type-var]  # an async generator, which the door's protocol does not say
            async for change in told:
                yield b"event: changed\ndata: %b\n\n" % change.encode() if change else _BEAT
    except Refusal:
        yield _RETRY_LATER
