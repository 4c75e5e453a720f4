"""`/graphql` as a websocket: subscriptions over graphql-transport-ws, bounded at every turn.

Size of messages, pings and the number of messages that wait unread are the server's to bound.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Literal

import msgspec

from serviceco.api.documents import Documents
from serviceco.api.errors import Forbidden, LimitExceeded, Rejection, Unauthenticated, entry, masked
from serviceco.api.front import Asked, Message, Receive, Scope, Send
from serviceco.api.live import Feed, Live
from serviceco.api.watching import Connection, End, WatchEnded
from serviceco.core.actor import Actor, Permission

PROTOCOL = "graphql-transport-ws"
INIT_SECONDS = 5.0
# Who does not read what was sent for so long is cut off.
SEND_SECONDS = 10.0
LONGEST_ID = 100

# Codes of the protocol's specification; 1012 and 1013 are of the registry of RFC 6455.
BAD_MESSAGE = 4400
UNAUTHORIZED = 4401
SUBPROTOCOL = 4406
INIT_TIMEOUT = 4408
ID_TAKEN = 4409
TOO_MANY_INITS = 4429
RESTARTING = 1012
TRY_LATER = 1013

_CLOSINGS = {
    End.SIGN_IN_ENDED: UNAUTHORIZED,
    End.NOT_READING: TRY_LATER,
    End.STOPPING: RESTARTING,
}
_FELL_BEHIND = entry(
    "More changed than you read. Read the board anew, and subscribe again.", code="FELL_BEHIND"
)


class Sent(msgspec.Struct, frozen=True):
    """A message of the client."""

    type: Literal["connection_init", "ping", "pong", "subscribe", "complete"]
    id: str | None = None
    payload: msgspec.Raw = msgspec.Raw(b"null")


class Closing(Exception):  # noqa: N818 - how a connection ends, not a fault
    """The connection ends with this code."""

    def __init__(self, code: int, reason: str) -> None:
        """Keep the code and the reason that the client is told."""
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Unsent(Exception):  # noqa: N818 - the client's way to leave, not a fault
    """The client is gone, or does not read."""


_READ = msgspec.json.Decoder(Sent)
_READ_ASKED = msgspec.json.Decoder(Asked)


class SocketFront:
    """Serves websockets. `scope["actor"]` is who asks, as the edge has found at the handshake."""

    def __init__(self, live: Live, known: Documents, *, init_seconds: float = INIT_SECONDS) -> None:
        """Take the door to live updates, and the documents that everybody may subscribe to."""
        self._live = live
        self._known = known
        self._init_seconds = init_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection to its end."""
        await receive()  # the request to connect
        offered = PROTOCOL in scope["subprotocols"]
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL if offered else None})
        # What the edge remembers may be old; who stays for hours is looked up once.
        actor: Actor | None = await scope["renew_actor"]()
        if not offered:
            await _close(send, Closing(SUBPROTOCOL, f"Offer the subprotocol {PROTOCOL}."))
        elif actor is None:
            await _close(send, Closing(UNAUTHORIZED, "The sign-in has ended. Sign in again."))
        else:
            await self._admit(actor, receive, send)

    async def _admit(self, actor: Actor, receive: Receive, send: Send) -> None:
        try:
            with self._live.connection(actor) as connection:
                await self._serve(connection, receive, send)
        except Closing as closing:
            await _close(send, closing)
        except LimitExceeded as limit:
            await _close(send, Closing(TRY_LATER, limit.message))

    async def _serve(self, connection: Connection, receive: Receive, send: Send) -> None:
        """Talk until the client hangs up or the connection is ended for it."""
        talk = _Talk(connection, self._live, self._known, send)
        talking = asyncio.ensure_future(talk.go_on(receive, self._init_seconds))
        ending = asyncio.ensure_future(connection.ended())
        try:
            await asyncio.wait({talking, ending}, return_when=asyncio.FIRST_COMPLETED)
            if talking.done():
                with suppress(Unsent):
                    talking.result()
            else:
                raise Closing(_CLOSINGS[ending.result()], ending.result().value)
        finally:
            for task in (talking, ending, *talk.answering.values()):
                task.cancel()


class _Talk:
    """What was said on one connection, and the subscriptions that are being answered."""

    def __init__(self, connection: Connection, live: Live, known: Documents, send: Send) -> None:
        self.answering: dict[str, asyncio.Task[None]] = {}
        self._connection = connection
        self._live = live
        self._known = known
        self._send = send
        self._is_greeted = False

    async def go_on(self, receive: Receive, init_seconds: float) -> None:
        """Take messages until the client hangs up.

        Raises:
            Closing: the client broke the protocol.
        """
        try:
            async with asyncio.timeout(init_seconds):
                is_open = await self._take(await receive())
                while is_open and not self._is_greeted:
                    is_open = await self._take(await receive())
        except TimeoutError:
            raise Closing(INIT_TIMEOUT, "Connection initialisation timeout") from None
        while is_open:
            is_open = await self._take(await receive())

    async def _take(self, message: Message) -> bool:
        """Do what a message asks; return whether the connection is still open."""
        if message["type"] != "websocket.receive":
            return False
        sent = _read(message)
        match sent.type:
            case "connection_init":
                await self._greet()
            case "ping":
                await self._say("pong")
            case "subscribe":
                await self._subscribe(sent)
            case "complete" if sent.id in self.answering:
                self.answering.pop(sent.id).cancel()
        return True

    async def _greet(self) -> None:
        if self._is_greeted:
            raise Closing(TOO_MANY_INITS, "Too many initialisation requests")
        self._is_greeted = True
        await self._say("connection_ack")

    async def _subscribe(self, sent: Sent) -> None:
        """Open a subscription before the next message is taken: a pong tells that it is open."""
        if not self._is_greeted:
            raise Closing(UNAUTHORIZED, "Unauthorized")
        id_ = sent.id
        if not id_ or len(id_) > LONGEST_ID:
            raise Closing(BAD_MESSAGE, f"An id has 1 to {LONGEST_ID} letters.")
        if id_ in self.answering:
            raise Closing(ID_TAKEN, f"Subscriber for {id_} already exists")
        try:
            asked = _READ_ASKED.decode(sent.payload)
        except (msgspec.MsgspecError, RecursionError):
            raise Closing(BAD_MESSAGE, "The payload is no request.") from None
        opened = asyncio.Event()
        self.answering[id_] = asyncio.create_task(self._answer(id_, asked, opened))
        await opened.wait()

    async def _answer(self, id_: str, asked: Asked, opened: asyncio.Event) -> None:
        """Send what a subscription tells until it ends, and why it ended."""
        try:
            await self._tell(id_, asked, opened)
        except Unauthenticated:
            self._connection.end(End.SIGN_IN_ENDED)
        except Unsent:
            self._connection.end(End.NOT_READING)
        except WatchEnded as ended:
            # What else ends a watch ends its connection.
            if ended.why is End.FELL_BEHIND:
                await self._fail(id_, [_FELL_BEHIND])
        except Rejection as rejection:
            await self._fail(id_, rejection.entries())
        except Exception as fault:
            await self._fail(id_, [masked(fault)])
        finally:
            self.answering.pop(id_, None)
            opened.set()

    async def _tell(self, id_: str, asked: Asked, opened: asyncio.Event) -> None:
        feed = await self._opened(asked)
        opened.set()
        try:
            while True:
                await self._say("next", id_, await feed.next())
        finally:
            self._live.leave(self._connection, feed)

    async def _fail(self, id_: str, errors: list[dict[str, object]]) -> None:
        with suppress(Unsent):
            await self._say("error", id_, msgspec.json.encode(errors))

    async def _opened(self, asked: Asked) -> Feed:
        may = self._connection.actor.may
        if not may(Permission.ADHOC_DOCUMENTS) and asked.query not in self._known:
            raise Forbidden("You may run the documents of the web pages only.")
        return await self._live.subscribe(
            self._connection, asked.query, asked.variables or {}, asked.operation_name
        )

    async def _say(self, kind: str, id_: str | None = None, payload: bytes | None = None) -> None:
        message: dict[str, Any] = {"type": kind}
        if id_ is not None:
            message["id"] = id_
        if payload is not None:
            message["payload"] = msgspec.Raw(payload)
        text = msgspec.json.encode(message).decode()
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._send({"type": "websocket.send", "text": text})
        except OSError:  # a timeout is one, too
            raise Unsent from None


def _read(message: Message) -> Sent:
    text = message.get("text")
    if text is None:
        raise Closing(BAD_MESSAGE, "Messages are text.")
    try:
        return _READ.decode(text)
    except (msgspec.MsgspecError, RecursionError):
        raise Closing(BAD_MESSAGE, "This is no message of the protocol.") from None


async def _close(send: Callable[[Message], Awaitable[None]], closing: Closing) -> None:
    # Who is gone already needs no farewell; a stopping server has said one by itself.
    with suppress(OSError, RuntimeError):
        await send({"type": "websocket.close", "code": closing.code, "reason": closing.reason})
