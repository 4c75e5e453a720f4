"""Whole answers, as a real connection gets them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from serviceco.edge.wire import WholeAnswerProtocol, whole_answers

LINES = b"content-type: text/plain\r\nx-own: 1\r\n"
POST = b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 5\r\n\r\n"
Application = Callable[..., Awaitable[None]]


@asynccontextmanager
async def served(app: Application) -> AsyncIterator[int]:
    config = uvicorn.Config(app, http=WholeAnswerProtocol, lifespan="off", log_config=None, port=0)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    server.server_state.default_headers = [(b"server", b"here")]
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        await server.shutdown()


@asynccontextmanager
async def connected(
    app: Application,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    async with served(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        yield reader, writer
        writer.close()


async def head_of(reader: asyncio.StreamReader) -> dict[bytes, bytes]:
    """Read a head; return its headers, with the status line under an empty name."""
    status, *lines = (await reader.readuntil(b"\r\n\r\n")).strip().split(b"\r\n")
    head = {b"": status}
    for line in lines:
        name, value = line.split(b": ", 1)
        head[name] = value
    return head


async def body_of(receive: Any) -> bytes:
    return bytes((await receive())["body"])


async def whole(scope: Any, receive: Any, send: Any) -> None:
    body = await body_of(receive)
    send_whole = whole_answers(scope)
    assert send_whole is not None
    assert send_whole(200, LINES, body)
    assert not send_whole(200, LINES, b"twice")


async def test_a_whole_answer_has_the_head_that_the_server_would_write():
    async with connected(whole) as (reader, writer):
        for word in (b"first", b"other"):
            writer.write(POST + word)
            head = await head_of(reader)
            assert head == {
                b"": b"HTTP/1.1 200 OK",
                b"server": b"here",
                b"content-type": b"text/plain",
                b"x-own": b"1",
                b"content-length": b"5",
            }
            assert await reader.readexactly(5) == word


async def test_answers_to_what_was_asked_in_one_breath_come_in_order():
    async with connected(whole) as (reader, writer):
        writer.write(POST + b"first" + POST + b"other")
        for word in (b"first", b"other"):
            assert (await head_of(reader))[b"content-length"] == b"5"
            assert await reader.readexactly(5) == word


async def test_a_connection_ends_where_the_client_wants_no_other_answer():
    async with connected(whole) as (reader, writer):
        writer.write(POST.replace(b"here", b"here\r\nconnection: close") + b"first")
        assert (await head_of(reader))[b"connection"] == b"close"
        assert await reader.read() == b"first"


@pytest.mark.parametrize("size", [65_536, 65_537, 3_000_000])
async def test_a_large_body_arrives_behind_its_head(size):
    async def large(scope: Any, receive: Any, _send: Any) -> None:
        await receive()
        send_whole = whole_answers(scope)
        assert send_whole is not None
        assert send_whole(200, LINES, b"x" * size)

    async with connected(large) as (reader, writer):
        writer.write(POST + b"first")
        assert int((await head_of(reader))[b"content-length"]) == size
        assert await reader.readexactly(size) == b"x" * size


async def test_a_client_that_waits_before_its_body_is_told_to_go_on():
    async with connected(whole) as (reader, writer):
        writer.write(POST.replace(b"here", b"here\r\nexpect: 100-continue"))
        assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        writer.write(b"first")
        assert (await head_of(reader))[b"content-length"] == b"5"
        assert await reader.readexactly(5) == b"first"


async def test_no_whole_answer_goes_to_a_client_that_has_left():
    gone = asyncio.get_running_loop().create_future()

    async def late(scope: Any, receive: Any, _send: Any) -> None:
        await receive()
        assert (await receive())["type"] == "http.disconnect"
        send_whole = whole_answers(scope)
        assert send_whole is not None
        gone.set_result(send_whole(200, LINES, b"late"))

    async with connected(late) as (_, writer):
        writer.write(POST + b"first")
        await writer.drain()
        writer.close()
        assert await gone is False


def test_without_that_server_there_are_no_whole_answers():
    assert whole_answers({"type": "http"}) is None
    assert whole_answers({"type": "http", "extensions": {}}) is None
