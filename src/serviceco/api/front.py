"""`POST /graphql`: a raw ASGI application, because a router would cost a third of the reads."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any

import msgspec

from serviceco.api.documents import Documents
from serviceco.api.errors import (
    BodyTooLarge,
    Forbidden,
    InvalidRequest,
    Rejection,
    Unauthenticated,
    UnsupportedMediaType,
)
from serviceco.api.limits import MAX_BODY_BYTES
from serviceco.api.service import Api, Response
from serviceco.core.actor import Actor, Permission

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = tuple[tuple[bytes, bytes], ...]
Renew = Callable[[], Awaitable[Actor | None]]

JSON = b"application/json"
# Clients that know this type get a status that says what became of the request.
GRAPHQL_JSON = b"application/graphql-response+json"
IDEMPOTENCY_KEY = b"idempotency-key"
ALLOW = (b"allow", b"POST")
# RFC 6750, 3: what whoever asks lacks, by the status of the answer; the edge refuses dead tokens.
CHALLENGES: Mapping[int, Headers] = {
    401: ((b"www-authenticate", b'Bearer realm="serviceco"'),),
    403: ((b"www-authenticate", b'Bearer realm="serviceco", error="insufficient_scope"'),),
}


class Asked(msgspec.Struct, rename="camel", frozen=True):
    """The members of a request's body."""

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None


_READ = msgspec.json.Decoder(Asked)


class GraphQLFront:
    """Reads a request, asks the API, sends the bytes.

    `scope["actor"]` is set by the edge, as is `scope["renew_actor"]`, which is asked once when a
    statement finds that the actor's sign-in no longer lives as remembered.
    """

    def __init__(self, api: Api, known: Documents) -> None:
        """Take the API, and the documents that everybody may run."""
        self._api = api
        self._known = known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        headers = dict(scope["headers"])
        if scope["method"] != "POST":
            await _send(send, 405, _rejected(InvalidRequest("Ask by POST.")), JSON, ALLOW)
            return
        try:
            response = await self._answer(scope, headers, receive)
        except Rejection as rejection:
            await _send(send, rejection.status, _rejected(rejection), JSON)
            return
        wants_status = GRAPHQL_JSON in headers.get(b"accept", b"")
        status = 200
        more: Sequence[tuple[bytes, bytes]] = ()
        if response.rejected is not None:
            more = response.rejected.headers
            if wants_status or response.rejected.status in {401, 429}:
                status = response.rejected.status
        await _send(send, status, response.body, GRAPHQL_JSON if wants_status else JSON, *more)

    async def _answer(
        self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive
    ) -> Response:
        actor: Actor | None = scope.get("actor")
        if actor is None:
            raise Unauthenticated("Sign in, or send a machine key.")
        if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != JSON:
            raise UnsupportedMediaType("Send application/json.")
        asked = read_body(await _body(headers, receive))
        key = headers.get(IDEMPOTENCY_KEY)
        response = await self._run(actor, asked, key)
        renew: Renew | None = scope.get("renew_actor")
        if isinstance(response.rejected, Unauthenticated) and renew is not None:
            # Nothing was done yet: the rights may have changed since the edge remembered them.
            renewed = await renew()
            return response if renewed is None else await self._run(renewed, asked, key)
        return response

    async def _run(self, actor: Actor, asked: Asked, key: bytes | None) -> Response:
        if not actor.may(Permission.ADHOC_DOCUMENTS) and asked.query not in self._known:
            raise Forbidden("You may run the documents of the web pages only.")
        return await self._api.respond(
            actor,
            asked.query,
            asked.variables or {},
            asked.operation_name,
            key=None if key is None else key.decode("latin-1"),
        )


def read_body(body: bytes) -> Asked:
    """Return what a request's body asks.

    Raises:
        InvalidRequest: it is no JSON object with a query.
    """
    if body.lstrip()[:1] == b"[":
        raise InvalidRequest("Batches are not answered; send one request for each document.")
    try:
        return _READ.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidRequest(f"The body is no request in JSON: {error}") from None


async def _body(headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
    """Read the body; stop at once when it is declared, or turns out, to be too long."""
    declared = headers.get(b"content-length", b"0")
    if not declared.isdigit() or int(declared) > MAX_BODY_BYTES:
        raise BodyTooLarge(f"A body has at most {MAX_BODY_BYTES:,} bytes.")
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise InvalidRequest("The body ended early.")
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            raise BodyTooLarge(f"A body has at most {MAX_BODY_BYTES:,} bytes.")
        if not message.get("more_body", False):
            return bytes(body)


def _rejected(rejection: Rejection) -> bytes:
    return msgspec.json.encode({"errors": rejection.entries()})


async def _send(
    send: Send,
    status: int,
    body: bytes,
    content_type: bytes,
    *more: tuple[bytes, bytes],
) -> None:
    headers = [
        (b"content-type", content_type + b"; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        *CHALLENGES.get(status, more),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
