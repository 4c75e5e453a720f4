"""`make bench`: LIMIT and serviceco in turn on one database; prints ratios, writes build/bench.json.

Environment: WORLD (orders, default 100k; `1m`, `10m`), ROUNDS, SECONDS (of each turn).
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import urllib.request
from collections import defaultdict
from pathlib import Path
from typing import Any

import asyncpg
from rich.console import Console
from rich.table import Table

from serviceco.storage.engines import normal_url
from tests.bench.client import Sample, ask_for, http_request
from tests.bench.decisions import bench_decisions
from tests.bench.documents import WORKLOADS, Workload
from tests.bench.servers import Contestant, contestants
from tests.bench.world import World, make_world, write_world
from tests.database import own_database, running_server

TARGETS = {"order_page": 0.6, "board": 0.8}
DIFFERENT_REQUESTS = 4_096
BYTES_PER_ORDER = 2_600
console = Console()


def main() -> None:
    """Write the world, let the contestants take turns, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", default=os.environ.get("WORLD", "100k"))
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("ROUNDS", "5")))
    parser.add_argument("--seconds", type=float, default=float(os.environ.get("SECONDS", "3")))
    chosen = parser.parse_args()
    orders = int(chosen.orders.lower().replace("k", "000").replace("m", "000000"))
    world = make_world(tenants=max(10, orders // 10_000), orders=orders)
    console.print(f"{orders:,} orders, about {orders * BYTES_PER_ORDER / 1e9:.1f} GB of disk")
    figures: dict[str, Any] = asyncio.run(_run(world, chosen.rounds, chosen.seconds))
    figures["decision"] = bench_decisions()
    build = Path("build")
    build.mkdir(exist_ok=True)
    (build / "bench.json").write_text(json.dumps(figures, indent=2))
    _print_ratios(figures)


async def _run(world: World, rounds: int, seconds: float) -> dict[str, Any]:
    with running_server() as server_url:
        async with own_database(server_url) as owner_url:
            connection = await _connect(owner_url)
            await write_world(connection, world)
            await connection.close()
            with contestants(owner_url, world) as running:
                return await asyncio.to_thread(_take_turns, running, world, rounds, seconds)


async def _connect(owner_url: str) -> Any:
    url = normal_url(owner_url)
    return await asyncpg.connect(
        host=url.query.get("host", url.host),
        port=int(str(url.query.get("port", url.port or 5432))),
        user=url.username,
        password=str(url.password),
        database=url.database,
    )


def _take_turns(
    running: list[Contestant], world: World, rounds: int, seconds: float
) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for workload in WORKLOADS:
        _compare_answers(running, world, workload)
        samples: dict[str, list[tuple[Sample, float]]] = defaultdict(list)
        for turn in range(rounds + 1):
            for contestant in running:
                requests = _requests(contestant, world, workload)
                before = contestant.cpu_seconds()
                sample = ask_for(contestant.port, requests, seconds)
                cost = (contestant.cpu_seconds() - before) / max(len(sample.latencies), 1)
                if sample.wrong:
                    raise RuntimeError(f"{contestant.name} answered {sample.wrong} requests wrong")
                if turn:  # the first turn warms up
                    samples[contestant.name].append((sample, cost))
        figures[workload.name] = {
            contestant.name: _figures(samples[contestant.name], contestant.rss_mb())
            for contestant in running
        }
    return figures


def _requests(contestant: Contestant, world: World, workload: Workload) -> list[bytes]:
    choice = random.Random(7)  # noqa: S311 - the same questions for every contestant
    cookie = f"serviceco={world.token}"
    return [
        http_request(contestant.port, _body(workload, world, choice), cookie)
        for _ in range(DIFFERENT_REQUESTS)
    ]


def _body(workload: Workload, world: World, choice: random.Random) -> bytes:
    asked = {"query": workload.document, "variables": workload.variables(world, choice)}
    return json.dumps(asked, separators=(",", ":")).encode()


def _compare_answers(running: list[Contestant], world: World, workload: Workload) -> None:
    choice = random.Random(11)  # noqa: S311 - a fixed question
    body = _body(workload, world, choice)
    answers = [_ask_once(contestant, world, body) for contestant in running]
    if any(answer != answers[0] for answer in answers):
        raise RuntimeError(
            f"{workload.name}: the contestants answer differently: {str(answers)[:2_000]}"
        )


def _ask_once(contestant: Contestant, world: World, body: bytes) -> Any:
    request = urllib.request.Request(
        f"http://127.0.0.1:{contestant.port}/graphql",
        body,
        {"content-type": "application/json", "cookie": f"serviceco={world.token}"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - loopback
        return json.load(response)


def _figures(samples: list[tuple[Sample, float]], rss_mb: float) -> dict[str, float]:
    latencies = sorted(latency for sample, _ in samples for latency in sample.latencies)
    return {
        "rate_per_s": round(statistics.median(sample.rate_per_s for sample, _ in samples), 1),
        "p50_ms": round(latencies[len(latencies) // 2] * 1_000, 3),
        "p99_ms": round(latencies[len(latencies) * 99 // 100] * 1_000, 3),
        "cpu_ms_per_request": round(statistics.median(cost for _, cost in samples) * 1_000, 4),
        "rss_mb": round(rss_mb, 1),
    }


def _print_ratios(figures: dict[str, Any]) -> None:
    table = Table("workload", "contestant", "of LIMIT", "target", "rate/s", "p50 ms", "p99 ms",
                  "CPU ms", "RSS MiB")  # fmt: skip
    for workload, target in TARGETS.items():
        limit = figures[workload]["limit"]["rate_per_s"]
        for name, figure in figures[workload].items():
            ratio = f"{figure['rate_per_s'] / limit:.2f}"
            aim = "" if name == "limit" else f"≥ {target:.2f}"
            rest = [f"{figure[unit]:,}" for unit in figure]
            table.add_row(workload, name, ratio, aim, *rest)
    console.print(table)
    console.print(figures["decision"])


if __name__ == "__main__":
    main()
