"""Requests to addresses that somebody configured: bounded, and never into our own network."""

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx

from serviceco.core.networks import is_public_address

MOST_BYTES = 1_048_576
STEP_SECONDS = 5.0


class OutboundRefused(httpx.TransportError):
    """The request would leave the bounds: its scheme, the address behind its name, or its answer."""


class GuardedTransport(httpx.AsyncBaseTransport):
    """Sends requests by https to public addresses alone, and reads at most 1 MiB of an answer.

    The address that was checked is the one that is connected to: a name may resolve otherwise a
    moment later. In development http and the own machine are allowed.
    """

    def __init__(
        self, *, is_development: bool, inner: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """Choose how strict to be; `inner` sends what passed."""
        self._is_development = is_development
        self._inner = inner or httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request that may be sent.

        Raises:
            OutboundRefused: it may not, or the answer is too long.
        """
        if not self._is_development:
            request = await _pinned(request)
        answer = await self._inner.handle_async_request(request)
        if int(answer.headers.get("content-length", "0")) > MOST_BYTES:
            await answer.aclose()
            raise OutboundRefused("the answer is too long")
        return httpx.Response(
            answer.status_code,
            headers=answer.headers,
            stream=_Bounded(answer.stream),
            extensions=answer.extensions,
        )

    async def aclose(self) -> None:
        """Give the connections back."""
        await self._inner.aclose()


def guarded_client(*, is_development: bool) -> httpx.AsyncClient:
    """Return a client for one errand: no redirects, no proxy of the environment, short waits."""
    return httpx.AsyncClient(
        transport=GuardedTransport(is_development=is_development),
        timeout=STEP_SECONDS,
        follow_redirects=False,
        trust_env=False,
    )


class _Bounded(httpx.AsyncByteStream):
    def __init__(self, stream: httpx.AsyncByteStream | httpx.SyncByteStream) -> None:
        assert isinstance(stream, httpx.AsyncByteStream)  # noqa: S101 - an asynchronous transport
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = MOST_BYTES
        async for chunk in self._stream:
            left -= len(chunk)
            if left < 0:
                raise OutboundRefused("the answer is too long")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


async def _pinned(request: httpx.Request) -> httpx.Request:
    """Return the request to the checked address of its host, which TLS still has to prove."""
    if request.url.scheme != "https":
        raise OutboundRefused("only https leaves this house")
    host = request.url.host
    address = await _checked_address(host, request.url.port or 443)
    return httpx.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": host},
    )


async def _checked_address(host: str, port: int) -> str:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(STEP_SECONDS):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError) as fault:
        raise OutboundRefused(f"{host} has no address") from fault
    addresses = [str(entry[4][0]) for entry in found]
    # One private address among public ones is no accident.
    if not addresses or not all(map(is_public_address, addresses)):
        raise OutboundRefused(f"{host} is inside a network of its own")
    return addresses[0]
