"""The middleware itself: one pass over each request, in the order in which it may end."""

import itertools
import secrets
import time
from collections.abc import Awaitable, Callable
from functools import partial

from serviceco.edge.asgi import Application, Message, Receive, Scope, Send, answer, refuse
from serviceco.edge.authentication import Authenticator, InvalidKey
from serviceco.edge.guards import BodyTooLarge, bounded, is_declared, is_forged
from serviceco.edge.headers import CommonHeaders
from serviceco.edge.logs import log, log_request
from serviceco.edge.metrics import PATH as METRICS_PATH
from serviceco.edge.metrics import Metrics
from serviceco.edge.sockets import Handshake
from serviceco.edge.wire import whole_answers

# Below these a client says who it is in its own way, and gets what lets it in elsewhere.
OWN_CREDENTIALS = ("/oauth/", "/.well-known/")
# RFC 6750, 3: what a client does about it is to get a new token.
CHALLENGE = (b"www-authenticate", b'Bearer realm="serviceco", error="invalid_token"')
Readiness = Callable[[], Awaitable[bool]]

# Ids of requests: the process and its nth request, because random bits cost a call of the kernel.
_PROCESS = secrets.token_hex(4)
_COUNT = itertools.count(1)


class Edge:
    """Wraps the application that stands behind it.

    It sets `scope["actor"]` (None for a visitor), `scope["request_id"]`, and
    `scope["renew_actor"]`: a front calls the latter when a statement found that the actor's
    sign-in no longer lives as it is remembered.
    """

    def __init__(
        self,
        inner: Application,
        authenticator: Authenticator,
        *,
        ready: Readiness,
        https: bool,
        hang_up: Callable[[], None] = lambda: None,
        metrics: Metrics | None = None,
    ) -> None:
        """Keep what stands behind; `ready` tells whether the database answers.

        The server calls `hang_up` when it stops: it ends what would stay open for hours.
        """
        self.hang_up = hang_up
        self._inner = inner
        self._authenticator = authenticator
        self._ready = ready
        self._headers = CommonHeaders(https=https)
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or hand the server's start and stop through."""
        if scope["type"] == "http":
            await _Exchange(scope, send, self._headers, self._metrics).run(self._serve, receive)
        elif scope["type"] == "lifespan":
            await self._inner(scope, receive, send)
        else:
            await Handshake(scope, self._authenticator).run(self._inner, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path in {"/healthz", "/readyz"}:
            await self._health(path, send)
        elif path == METRICS_PATH and self._metrics is not None:
            await self._metrics.serve(scope, send)
        elif is_forged(scope):
            await refuse(scope, send, 403, "FORGED_REQUEST", "Another site sent this request.")
        else:
            body = await self._admitted(scope, receive, send)
            if body is not None:
                await self._inner(scope, body, send)

    async def _admitted(self, scope: Scope, receive: Receive, send: Send) -> Receive | None:
        """Return the request's bounded body, or answer why it goes no further."""
        try:
            # Who asks comes first: a visitor's body is not worth the memory of an upload.
            if not scope["path"].startswith(OWN_CREDENTIALS):
                known = self._authenticator.remembered(scope)
                scope["actor"] = known or await self._authenticator.actor(scope)
            scope["renew_actor"] = partial(self._authenticator.renewed, scope)
            return receive if is_declared(scope) else await bounded(scope, receive)
        except BodyTooLarge:
            await refuse(scope, send, 413, "BODY_TOO_LARGE", "The request is larger than 1 MiB.")
        except InvalidKey:
            sentence = "The key is unknown, expired or revoked."
            await refuse(scope, send, 401, "INVALID_KEY", sentence, CHALLENGE)
        return None

    async def _health(self, path: str, send: Send) -> None:
        if path == "/healthz" or await self._ready():
            await answer(send, 200, b"ok")
        else:
            await answer(send, 503, b"the database does not answer")


class _Exchange:
    """One request and its answer: adds the headers, notes the status, catches what was not caught."""

    __slots__ = ("_common", "_head", "_metrics", "_scope", "_send", "_status")

    def __init__(
        self, scope: Scope, send: Send, common: CommonHeaders, metrics: Metrics | None
    ) -> None:
        self._metrics = metrics
        self._scope = scope
        self._send = send
        self._common = common
        self._status = 0
        self._head: Message | None = None
        scope["request_id"] = f"{_PROCESS}{next(_COUNT):08x}"
        scope["actor"] = None

    async def run(self, serve: Application, receive: Receive) -> None:
        began = time.perf_counter()
        try:
            await serve(self._scope, receive, self._answer)
        except Exception:
            # Logged once, with the id that the client sees; the client learns nothing else.
            log.exception("fault", id=self._scope["request_id"])
            if self._status and self._head is None:
                raise
            sentence = f"Something broke. Please tell us this number: {self._scope['request_id']}"
            await refuse(self._scope, self._answer, 500, "FAULT", sentence)
        finally:
            took = time.perf_counter() - began
            log_request(self._scope, self._status, took)
            if self._metrics is not None:
                self._metrics.note(self._scope, self._status, took)

    async def _answer(self, message: Message) -> None:
        """Hold the head until the body comes; a body of one piece goes out together with it."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            self._head = message
            return
        head, self._head = self._head, None
        if head is not None:
            is_whole = message["type"] == "http.response.body" and not message.get("more_body")
            if is_whole and self._sent_whole(head, message.get("body", b"")):
                return
            headers = self._common.added_to(head.get("headers", []), self._scope["request_id"])
            await self._send({**head, "headers": headers})
        await self._send(message)

    def _sent_whole(self, head: Message, body: bytes) -> bool:
        send = whole_answers(self._scope)
        if send is None or self._scope["method"] == "HEAD":
            return False
        own = head.get("headers", [])
        lines = self._common.lines(own, self._scope["request_id"], len(body))
        return lines is not None and send(self._status, lines, body)
