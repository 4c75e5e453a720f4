"""What may leave the house, and how much comes back."""

from collections.abc import AsyncIterator, Callable

import httpx
import pytest

from serviceco.edge.outbound import MOST_BYTES, GuardedTransport

Inner = Callable[[httpx.Request], httpx.Response]


class Long(httpx.AsyncByteStream):
    """An answer that does not say how long it is."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b"x" * 65_536


def client(inner: Inner, *, is_development: bool = False) -> httpx.AsyncClient:
    transport = GuardedTransport(is_development=is_development, inner=httpx.MockTransport(inner))
    return httpx.AsyncClient(transport=transport, trust_env=False)


def never(_: httpx.Request) -> httpx.Response:
    raise AssertionError("this must not have left")


@pytest.mark.parametrize(
    "url",
    [
        "http://1.1.1.1/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433/",
        "https://nothing.invalid/",
    ],
)
async def test_nothing_leaves_for_a_network_of_its_own_or_without_encryption(url):
    async with client(never) as http:
        with pytest.raises(httpx.TransportError):
            await http.get(url)


async def test_the_checked_address_is_the_one_that_is_asked_in_the_name_of_the_host():
    seen: list[httpx.Request] = []

    def inner(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, text="well")

    async with client(inner) as http:
        assert (await http.get("https://1.1.1.1/x")).text == "well"
    [request] = seen
    assert request.url.host == "1.1.1.1"
    assert request.headers["host"] == "1.1.1.1"
    assert request.extensions["sni_hostname"] == "1.1.1.1"


@pytest.mark.parametrize(
    "answer",
    [
        lambda: httpx.Response(200, headers={"content-length": str(MOST_BYTES + 1)}),
        lambda: httpx.Response(200, stream=Long()),
    ],
)
async def test_a_long_answer_is_not_read_to_its_end(answer):
    async with client(lambda _: answer(), is_development=True) as http:
        with pytest.raises(httpx.TransportError):
            await http.get("http://127.0.0.1/")


async def test_development_may_ask_its_own_machine():
    async with client(lambda _: httpx.Response(200), is_development=True) as http:
        assert (await http.get("http://127.0.0.1:1/")).status_code == 200
