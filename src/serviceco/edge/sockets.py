"""Websockets under the edge: the handshake is a request like any other, and is refused like one."""

import secrets
import time
from functools import partial

from serviceco.edge.asgi import Application, Message, Receive, Scope, Send, refuse
from serviceco.edge.authentication import Authenticator, InvalidKey
from serviceco.edge.guards import is_forged
from serviceco.edge.logs import log, log_request

_SWITCHING = 101


class Handshake:
    """One request to open a websocket, and what became of it.

    The browser sends its cookie with a websocket of any site, and asks nobody first: so the
    origin is compared here, and whoever is not signed in gets no websocket.
    """

    def __init__(self, scope: Scope, authenticator: Authenticator) -> None:
        """Give the request its id; a handshake is a GET, but not a safe one."""
        self._scope = scope
        self._authenticator = authenticator
        self._status = 0
        scope["request_id"] = secrets.token_hex(8)
        scope["actor"] = None
        scope["method"] = "WEBSOCKET"

    async def run(self, inner: Application, receive: Receive, send: Send) -> None:
        """Let the request through, or refuse it; note it in the log when the connection ends."""
        began = time.perf_counter()
        scope, answer = self._scope, partial(self._answer, send)
        try:
            if is_forged(scope):
                await refuse(
                    scope, answer, 403, "FORGED_REQUEST", "Another site sent this request."
                )
                return
            scope["actor"] = await self._authenticator.actor(scope)
            if scope["actor"] is None:
                await refuse(scope, answer, 401, "UNAUTHENTICATED", "Sign in, or send a key.")
                return
            scope["renew_actor"] = partial(self._authenticator.renewed, scope)
            await inner(scope, receive, answer)
        except InvalidKey:
            sentence = "The key is unknown, expired or revoked."
            await refuse(scope, answer, 401, "INVALID_KEY", sentence)
        except Exception:
            # The client sees no more than that the connection broke.
            log.exception("fault", id=scope["request_id"])
            raise
        finally:
            log_request(scope, self._status, time.perf_counter() - began)

    async def _answer(self, send: Send, message: Message) -> None:
        kind = message["type"]
        if kind.startswith("http.response."):
            # The server's extension by which a handshake is answered in plain HTTP.
            kind = f"websocket.{kind}"
        if kind == "websocket.http.response.start":
            self._status = message["status"]
        elif kind == "websocket.accept":
            self._status = _SWITCHING
        await send({**message, "type": kind})
