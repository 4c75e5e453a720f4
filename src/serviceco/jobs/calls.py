"""Calling an address that somebody outside chose: checked, bounded, and never followed elsewhere."""

import asyncio
import socket
import ssl
import time
from collections.abc import Sequence
from ipaddress import ip_address

import httpx

from serviceco.exchange.rules.webhooks import Address, is_public
from serviceco.exchange.words.webhooks import CallFailure, CallOutcome, WebhookCall

CONNECT_SECONDS = 5.0
CALL_SECONDS = 15.0
# Of an answer no more is read than a person looks at.
MOST_ANSWER_BYTES = 2_048
_GONE = 410


class Caller:
    """Makes calls, one connection each: what was checked is what is connected to.

    The name is resolved once; if any of its addresses is not public the call is refused, else the
    first is called, by the name's certificate. `also_loopback` is for development and tests.
    """

    def __init__(
        self,
        *,
        also_loopback: bool = False,
        trust: ssl.SSLContext | None = None,
        call_seconds: float = CALL_SECONDS,
    ) -> None:
        """Load the trusted authorities once; that takes longer than a call does."""
        self._also_loopback = also_loopback
        self._trust = trust or httpx.create_ssl_context(trust_env=False)
        self._call_seconds = call_seconds

    async def post(self, call: WebhookCall) -> CallOutcome:
        """Send a message, and say what came of it; only a fault of ours raises."""
        began = time.monotonic()
        code, answer, failure = await self._tried(call)
        duration_ms = round((time.monotonic() - began) * 1_000)
        return CallOutcome(
            duration_ms=duration_ms, response_code=code, answer=answer, failure=failure
        )

    async def _tried(self, call: WebhookCall) -> tuple[int | None, str, CallFailure | None]:
        try:
            async with asyncio.timeout(self._call_seconds):
                url = httpx.URL(call.url)
                found = await _resolved(
                    url.host, url.port or (443 if url.scheme == "https" else 80)
                )
                if not all(is_public(one, also_loopback=self._also_loopback) for one in found):
                    return None, "", CallFailure.ADDRESS_REFUSED
                code, answer = await self._sent(call, url, found[0])
        except (TimeoutError, httpx.TimeoutException):
            return None, "", CallFailure.TIMEOUT
        except (socket.gaierror, UnicodeError):
            return None, "", CallFailure.UNRESOLVED
        except (httpx.HTTPError, httpx.InvalidURL, OSError):
            return None, "", CallFailure.CONNECTION
        return code, answer, _failure(code)

    async def _sent(self, call: WebhookCall, url: httpx.URL, address: Address) -> tuple[int, str]:
        headers = {
            **call.headers,
            "host": url.netloc.decode(),
            "content-type": "application/json",
            "user-agent": "serviceco-webhooks/1",
            "accept-encoding": "identity",
        }
        # The environment's proxies would resolve the name anew, and undo the check.
        async with (
            httpx.AsyncClient(
                verify=self._trust,
                trust_env=False,
                follow_redirects=False,
                timeout=httpx.Timeout(self._call_seconds, connect=CONNECT_SECONDS),
            ) as client,
            client.stream(
                "POST",
                url.copy_with(host=str(address)),
                headers=headers,
                content=call.body,
                extensions={"sni_hostname": url.host},
            ) as response,
        ):
            answer = bytearray()
            async for chunk in response.aiter_raw():
                answer += chunk
                if len(answer) >= MOST_ANSWER_BYTES:
                    break
            return response.status_code, answer[:MOST_ANSWER_BYTES].decode(errors="replace")


async def _resolved(host: str, port: int) -> Sequence[Address]:
    """Return the addresses of a name, each once, in the resolver's order."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(str(place[0])) for *_, place in found))


def _failure(code: int) -> CallFailure | None:
    if 200 <= code < 300:
        return None
    if code == _GONE:
        return CallFailure.GONE
    return CallFailure.REDIRECTED if 300 <= code < 400 else CallFailure.STATUS
