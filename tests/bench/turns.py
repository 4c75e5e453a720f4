"""The turns: every contestant answers each workload for a few seconds, again and again."""

import asyncio
import itertools
import json
import random
import statistics
import urllib.request
from collections import defaultdict
from typing import Any

import asyncpg

from serviceco.storage.engines import normal_url
from tests.bench.client import Sample, ask_for, http_request
from tests.bench.documents import POSTGRAPHILE, QUESTIONS, Workload, leaves
from tests.bench.intake import (
    Template,
    asked_of_postgraphile,
    read_template,
    variables_of_postgraphile,
)
from tests.bench.servers import Contestant, Stage

DIFFERENT_REQUESTS = 4_096
# What writes is asked something new each time: as much as LIMIT can take in a turn.
WRITES_PER_SECOND = 4_000
_NUMBERS = itertools.count(random.SystemRandom().randrange(10**10))
Turn = tuple[Sample, float]


async def connect(owner_url: str) -> Any:
    """Open a connection as the database's owner."""
    url = normal_url(owner_url)
    return await asyncpg.connect(
        host=url.query.get("host", url.host),
        port=int(str(url.query.get("port", url.port or 5432))),
        user=url.username,
        password=str(url.password),
        database=url.database,
    )


def take_turns(
    running: list[Contestant], stage: Stage, workloads: list[Workload], rounds: int, seconds: float
) -> dict[str, Any]:
    """Return the figures of each workload by contestant; the first round only warms up."""
    figures: dict[str, Any] = {}
    for workload in workloads:
        taking = [one for one in running if _takes_part(one, workload)]
        _compare_answers(taking, stage, workload)
        turns: dict[str, list[Turn]] = defaultdict(list)
        for nth in range(rounds + 1):
            for contestant in taking:
                turn = _turn(contestant, stage, workload, seconds)
                if nth:
                    turns[contestant.name].append(turn)
        figures[workload.name] = {
            one.name: _figures(turns[one.name], one.rss_mb()) for one in taking
        }
    return figures


def _takes_part(contestant: Contestant, workload: Workload) -> bool:
    """Tell who can answer: PostGraphile knows no search by words, Mercurius only reads here."""
    if contestant.name == "postgraphile":
        return workload.name in POSTGRAPHILE or workload.is_write
    return contestant.name != "mercurius" or not workload.is_write


def _turn(contestant: Contestant, stage: Stage, workload: Workload, seconds: float) -> Turn:
    bodies = _Bodies(contestant, stage, workload)
    count = int(WRITES_PER_SECOND * seconds) if workload.is_write else DIFFERENT_REQUESTS
    choice = random.Random(7)  # noqa: S311 - the same questions for every contestant
    cookie = f"serviceco={stage.world.token}"
    requests = [
        http_request(contestant.port, bodies.next_one(choice), cookie) for _ in range(count)
    ]
    before = contestant.cpu_seconds()
    sample = ask_for(contestant.port, requests, seconds)
    cost = (contestant.cpu_seconds() - before) / max(len(sample.latencies), 1)
    if sample.wrong:
        raise RuntimeError(f"{contestant.name} answered {sample.wrong} requests wrong")
    return sample, cost


class _Bodies:
    """The requests of one workload as a contestant understands them."""

    def __init__(self, contestant: Contestant, stage: Stage, workload: Workload) -> None:
        self._world, self._workload = stage.world, workload
        self._is_foreign = contestant.name == "postgraphile"
        self._text = POSTGRAPHILE.get(workload.name, "") if self._is_foreign else workload.document
        if self._is_foreign and workload.is_write:
            self._template = Template.load(stage.rows)
            self._text, self._rows = asked_of_postgraphile(self._template)

    def next_one(self, choice: random.Random) -> bytes:
        asked = {"query": self._text, "variables": self._variables(choice)}
        return json.dumps(asked, separators=(",", ":")).encode()

    def _variables(self, choice: random.Random) -> dict[str, Any]:
        if not self._is_foreign:
            return self._workload.variables(self._world, choice)
        if self._workload.is_write:
            number = f"8{next(_NUMBERS) % 10**11:011d}"
            return variables_of_postgraphile(self._template, self._rows, number)
        own = {"tenant": str(self._world.tenant_id(0))}
        return own | self._workload.variables(self._world, choice)


def _compare_answers(running: list[Contestant], stage: Stage, workload: Workload) -> None:
    """See that all answer alike, or write alike: serviceco takes one device in for the template."""
    if workload.is_write:
        ours = next(one for one in running if one.name == "serviceco")
        answer = _ask_once(ours, stage, workload, random.Random(11))  # noqa: S311 - as below
        number = answer["data"]["receiveDevice"]["number"]
        asyncio.run(_save_template(stage, number))
    choices = [random.Random(seed) for seed in range(QUESTIONS)]  # noqa: S311 - fixed questions
    for choice in choices if not workload.is_write else choices[:1]:
        answers = {one.name: _ask_once(one, stage, workload, _copy(choice)) for one in running}
        if workload.is_write:
            continue
        expected = leaves(answers["limit"])
        for name, answer in answers.items():
            if leaves(answer) != expected:
                raise RuntimeError(
                    f"{workload.name}: {name} answers {str(answer)[:1_500]}"
                    f" instead of {str(answers['limit'])[:1_500]}"
                )


async def _save_template(stage: Stage, number: str) -> None:
    connection = await connect(stage.owner_url)
    Template(await read_template(connection, number)).save(stage.rows)
    await connection.close()


def _copy(choice: random.Random) -> random.Random:
    twin = random.Random()  # noqa: S311 - for a fixed question
    twin.setstate(choice.getstate())
    return twin


def _ask_once(
    contestant: Contestant, stage: Stage, workload: Workload, choice: random.Random
) -> Any:
    request = urllib.request.Request(
        f"http://127.0.0.1:{contestant.port}/graphql",
        _Bodies(contestant, stage, workload).next_one(choice),
        {"content-type": "application/json", "cookie": f"serviceco={stage.world.token}"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - loopback
        answer = json.load(response)
    if "errors" in answer:
        raise RuntimeError(f"{contestant.name}, {workload.name}: {str(answer)[:2_000]}")
    return answer


def _figures(turns: list[Turn], rss_mb: float) -> dict[str, float]:
    latencies = sorted(latency for sample, _ in turns for latency in sample.latencies)
    return {
        "rate_per_s": round(statistics.median(sample.rate_per_s for sample, _ in turns), 1),
        "p50_ms": round(latencies[len(latencies) // 2] * 1_000, 3),
        "p99_ms": round(latencies[len(latencies) * 99 // 100] * 1_000, 3),
        "cpu_ms_per_request": round(statistics.median(cost for _, cost in turns) * 1_000, 4),
        "rss_mb": round(rss_mb, 1),
    }
