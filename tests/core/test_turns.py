"""Turns: so many at work, so many waiting, and a clear no to the others."""

import asyncio

import pytest

from serviceco.core.refusals import TooBusy
from serviceco.core.turns import Turns


async def at_work(turns: Turns, seen: list[int], go: asyncio.Event) -> None:
    async with turns.turn():
        seen[0] += 1
        seen[1] = max(seen)
        await go.wait()
        seen[0] -= 1


async def test_no_more_work_at_once_than_there_are_turns() -> None:
    turns, seen, go = Turns(at_once=2, waiting=9, patience_seconds=5), [0, 0], asyncio.Event()
    all_of_them = [asyncio.create_task(at_work(turns, seen, go)) for _ in range(6)]
    await asyncio.wait(all_of_them, timeout=0.01)
    go.set()
    await asyncio.gather(*all_of_them)
    assert seen == [0, 2]


async def test_who_finds_too_many_waiting_is_told_at_once() -> None:
    turns, go = Turns(at_once=1, waiting=1, patience_seconds=5), asyncio.Event()
    first = [asyncio.create_task(at_work(turns, [0, 0], go)) for _ in range(2)]
    await asyncio.wait(first, timeout=0.01)
    with pytest.raises(TooBusy):
        await at_work(turns, [0, 0], go)
    go.set()
    await asyncio.gather(*first)
    await at_work(turns, [0, 0], go)


async def test_who_waits_too_long_is_told_and_takes_no_turn() -> None:
    turns, go = Turns(at_once=1, waiting=1, patience_seconds=0.01), asyncio.Event()
    first = asyncio.create_task(at_work(turns, [0, 0], go))
    await asyncio.wait([first], timeout=0.01)
    for _ in range(2):
        with pytest.raises(TooBusy):
            await at_work(turns, [0, 0], go)
    go.set()
    await first
    await at_work(turns, [0, 0], go)


async def test_a_turn_comes_back_from_work_that_fails() -> None:
    turns = Turns(at_once=1, waiting=0, patience_seconds=5)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            async with turns.turn():
                _ = 1 / 0
