"""What a log line may hold."""

import asyncio
import json
import subprocess
import sys

from serviceco.edge.log_lines import BATCH_SECONDS, MOST_WAITING, LogLines

FAULT = """
from serviceco.edge.logs import configure_logs, log

def sign_in(password):
    raise ValueError("broken")

configure_logs()
try:
    sign_in("correct horse")
except ValueError as fault:
    log.error("page.fault", exc_info=fault)
"""

FORGED = """
import logging
from serviceco.edge.logs import configure_logs

configure_logs()
try:
    raise ValueError("wrong\\nINFO root all is well")
except ValueError as fault:
    logging.getLogger("room").error("fault %s", "one\\ntwo", exc_info=fault)
"""

LAST = """
import asyncio
from serviceco.edge.log_lines import LogLines

async def log():
    LogLines().write_soon(b"last")

asyncio.run(log())
"""


def run(program: str) -> str:
    """Run a program in a process of its own, because the configuration is the process's."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True, timeout=30
    )
    return done.stderr


def test_no_line_of_a_log_is_forged_by_what_somebody_typed() -> None:
    [line] = run(FORGED).splitlines()
    written = json.loads(line)
    assert written["event"] == "fault one\ntwo"
    assert "wrong\nINFO root all is well" in written["exception"]


def test_a_fault_is_logged_without_the_values_at_hand() -> None:
    said = run(FAULT)
    line = json.loads(said)
    assert line["exception"][0]["frames"][-1]["name"] == "sign_in"
    assert "horse" not in said
    assert "locals" not in said


class Written(LogLines):
    """Lines that are kept as they were written."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        super().__init__(self.writes.append)

    async def log_and_wait(self, line: bytes) -> None:
        self.write_soon(line)
        turn = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_later(BATCH_SECONDS * 2, turn.set_result, None)
        await turn


async def test_lines_of_requests_are_written_together_after_a_moment():
    lines = Written()
    lines.write_soon(b"first\n")
    assert lines.writes == []
    await lines.log_and_wait(b"second\n")
    assert lines.writes == [b"first\nsecond\n"]


async def test_a_fault_is_written_at_once_after_what_came_before():
    lines = Written()
    lines.write_soon(b"request\n")
    lines.write(b"fault\n")
    assert lines.writes == [b"request\nfault\n"]


async def test_a_full_batch_does_not_wait():
    lines = Written()
    for _ in range(MOST_WAITING):
        lines.write_soon(b"request\n")
    assert lines.writes == [b"request\n" * MOST_WAITING]


def test_lines_without_an_event_loop_are_written_at_once():
    lines = Written()
    lines.write_soon(b"request\n")
    assert lines.writes == [b"request\n"]


def test_lines_of_a_loop_that_ended_are_written_by_the_next_one():
    async def log(line: bytes) -> None:
        lines.write_soon(line)

    lines = Written()
    asyncio.run(log(b"first\n"))
    assert lines.writes == []
    asyncio.run(lines.log_and_wait(b"second\n"))
    assert lines.writes == [b"first\nsecond\n"]


async def test_a_process_that_is_about_to_end_waits_with_no_line():
    lines = Written()
    lines.write_soon(b"first\n")
    lines.end_batches()
    lines.write_soon(b"last\n")
    assert lines.writes == [b"first\n", b"last\n"]


def test_lines_that_wait_when_a_process_ends_are_written():
    assert run(LAST) == "last"
