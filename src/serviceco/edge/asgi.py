"""The words of ASGI that the edge speaks: it wraps raw applications, so no framework helps here."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
_BY_NAME = "serviceco.headers"


def header(scope: Scope, name: bytes) -> bytes | None:
    """Return the first value of a request header; `name` is in lower case."""
    by_name: dict[bytes, bytes] | None = scope.get(_BY_NAME)
    if by_name is None:
        # Kept, because every request is asked for half a dozen of them.
        by_name = scope[_BY_NAME] = dict(reversed(scope["headers"]))
    return by_name.get(name)


async def answer(
    send: Send,
    status: int,
    body: bytes,
    *more: tuple[bytes, bytes],
    media_type: bytes = b"text/plain; charset=utf-8",
) -> None:
    """Send a whole small answer, with `more` headers."""
    headers = [(b"content-type", media_type), (b"content-length", str(len(body)).encode()), *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def refuse(
    scope: Scope, send: Send, status: int, code: str, sentence: str, *more: tuple[bytes, bytes]
) -> None:
    """Answer a request that goes no further, in the form that its client reads."""
    if scope["path"].startswith("/graphql"):
        # Codes and sentences are our own literals, so nothing in them needs escaping.
        text = f'{{"errors":[{{"message":"{sentence}","extensions":{{"code":"{code}"}}}}]}}'
        await answer(send, status, text.encode(), *more, media_type=b"application/json")
    else:
        await answer(send, status, sentence.encode(), *more)
