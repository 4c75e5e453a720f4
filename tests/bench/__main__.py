"""`make bench`: contestants in turn on one database; prints ratios, writes build/bench.json.

Environment: WORLD (orders, default 1m; `100k`, `10m`), ROUNDS, SECONDS (of each turn), ONLY (names
of workloads). Beside LIMIT and serviceco stand PostGraphile and Mercurius, where Node.js is.
"""

import argparse
import asyncio
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.decisions import bench_decisions
from tests.bench.documents import WORKLOADS, Workload
from tests.bench.first_sight import bench_first_sight
from tests.bench.intake import open_counter
from tests.bench.servers import Stage, contestants
from tests.bench.turns import connect, take_turns
from tests.bench.world import World, make_world, write_world
from tests.database import own_database, running_server

BYTES_PER_ORDER = 3_600
console = Console(width=120)


def main() -> None:
    """Write the world, let the contestants take turns, and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", default=os.environ.get("WORLD", "1m"))
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("ROUNDS", "5")))
    parser.add_argument("--seconds", type=float, default=float(os.environ.get("SECONDS", "3")))
    parser.add_argument("--only", default=os.environ.get("ONLY", ""))
    chosen = parser.parse_args()
    orders = int(chosen.orders.lower().replace("k", "000").replace("m", "000000"))
    workloads = [w for w in WORKLOADS if w.name in (chosen.only or w.name)]
    world = make_world(tenants=max(10, orders // 10_000), orders=orders)
    console.print(f"{orders:,} orders, about {orders * BYTES_PER_ORDER / 1e9:.1f} GB of disk")
    figures = asyncio.run(_run(world, workloads, chosen.rounds, chosen.seconds))
    build = Path("build")
    build.mkdir(exist_ok=True)
    more = {"decision": bench_decisions(), "first_sight": bench_first_sight()}
    (build / "bench.json").write_text(json.dumps(figures | more, indent=2))
    for workload in workloads:
        _print_ratios(workload, figures[workload.name])
    console.print(more)


async def _run(
    world: World, workloads: list[Workload], rounds: int, seconds: float
) -> dict[str, Any]:
    with running_server() as server_url, tempfile.TemporaryDirectory() as folder:
        async with own_database(server_url) as owner_url:
            connection = await connect(owner_url)
            await write_world(connection, world)
            await connection.close()
            await open_counter(owner_url, world)
            stage = Stage(owner_url, world, Path(folder))
            with contestants(stage) as running:
                return await asyncio.to_thread(
                    take_turns, running, stage, workloads, rounds, seconds
                )


def _print_ratios(workload: Workload, figures: dict[str, dict[str, float]]) -> None:
    rates = {name: figure["rate_per_s"] for name, figure in figures.items()}
    table = Table("contestant", "of LIMIT", "rate/s", "p50 ms", "p99 ms", "CPU ms", "RSS MiB",
                  title=workload.name)  # fmt: skip
    for name, figure in figures.items():
        ratio = f"{rates[name] / rates['limit']:.2f}"
        table.add_row(name, ratio, *(f"{figure[unit]:,}" for unit in figure))
    console.print(table)
    ours = rates["serviceco"]
    _say(f"of LIMIT, at least {workload.of_limit:.2f}", ours / rates["limit"], workload.of_limit)
    if workload.of_postgraphile and "postgraphile" in rates:
        least = workload.of_postgraphile
        _say(f"times PostGraphile, at least {least:g}", ours / rates["postgraphile"], least)
    if "mercurius" in rates:
        _say("times Mercurius with statements by hand, at least 1", ours / rates["mercurius"], 1)


def _say(what: str, found: float, least: float) -> None:
    console.print(f"  {found:.2f} {what}: {'met' if found >= least else 'NOT met'}")


if __name__ == "__main__":
    main()
