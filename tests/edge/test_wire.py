import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from serviceco.edge.wire import GatheringProtocol, GatheringTransport

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"


class Written:
    """A transport that notes what it is told."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.closed_after: int | None = None

    def write(self, data: bytes) -> None:
        self.pieces.append(data)

    def close(self) -> None:
        self.closed_after = len(self.pieces)

    def is_closing(self) -> bool:
        return self.closed_after is not None


@pytest.fixture
def wire() -> tuple[Written, Any]:
    behind = Written()
    return behind, GatheringTransport(behind)  # type: ignore[arg-type]  # it is one in all that is used


def test_head_and_body_go_out_as_one_piece(wire):
    behind, transport = wire
    transport.write(HEAD)
    assert behind.pieces == []
    transport.write(b"ok")
    assert behind.pieces == [HEAD + b"ok"]


def test_a_large_body_is_not_copied_behind_its_head(wire):
    behind, transport = wire
    transport.write(HEAD)
    transport.write(b"x" * 100_000)
    assert behind.pieces == [HEAD, b"x" * 100_000]


def test_later_pieces_of_a_body_go_out_at_once_even_when_they_look_like_a_head(wire):
    behind, transport = wire
    for piece in (HEAD, b"a", HEAD, b"b"):
        transport.write(piece)
    assert behind.pieces == [HEAD + b"a", HEAD, b"b"]


def test_each_answer_of_a_connection_is_gathered(wire):
    behind, transport = wire
    for _ in range(2):
        transport.write(HEAD)
        transport.write(b"ok")
        transport.end_answer()
    assert behind.pieces == [HEAD + b"ok"] * 2


def test_a_word_to_go_on_does_not_wait(wire):
    behind, transport = wire
    transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert behind.pieces == [b"HTTP/1.1 100 Continue\r\n\r\n"]


def test_a_head_that_waits_goes_out_before_the_end(wire):
    behind, transport = wire
    transport.write(HEAD)
    transport.close()
    assert (behind.pieces, behind.closed_after) == ([HEAD], 1)
    assert transport.is_closing()


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[int]:
    config = uvicorn.Config(app, http=GatheringProtocol, lifespan="off", log_config=None, port=0)
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        await server.shutdown()


async def echo(scope: Any, receive: Any, send: Any) -> None:
    body = (await receive())["body"]
    headers = [(b"content-length", str(len(body) * 2).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body", "body": body})


async def test_a_client_gets_its_answers_whole_one_after_the_other():
    async with served(echo) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for word in (b"first", b"other"):
            writer.write(
                b"POST / HTTP/1.1\r\nhost: here\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n"
            )
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            writer.write(word)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 OK\r\n")
            assert await reader.readexactly(10) == word * 2
        writer.close()
