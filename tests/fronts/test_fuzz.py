"""Odd requests over HTTP to the real server: none breaks it, none takes it away from others."""

import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from sqlalchemy import select

from serviceco.api.schema import service_schema
from serviceco.core.actor import Permission
from serviceco.storage.engines import Role, open_engine, role_url
from serviceco.storage.unit_of_work import global_work
from serviceco.tenancy.tables import Tenant
from tests.browser.live import COMPANY, found_alone
from tests.database import own_database
from tests.fronts.fuzz import Fuzz
from tests.machines import machine_key
from tests.served import Served, serving

# `make soak` asks for ten minutes; a run of the suite for a number of requests, whatever they take.
REQUESTS = int(os.environ.get("FUZZ_REQUESTS", "1500"))
SECONDS = float(os.environ.get("FUZZ_SECONDS", "0"))
SEED = int(os.environ.get("FUZZ_SEED", "20261130"))
MOST_CPU_SECONDS = 1.0
MOST_GROWTH_MB = 150
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def numbers() -> Iterator[int]:
    """The numbers of the requests of this run."""
    until = time.monotonic() + SECONDS
    number = 0
    while number < REQUESTS if SECONDS == 0 else time.monotonic() < until:
        yield number
        number += 1


def cpu_seconds(served: Served) -> float:
    fields = Path(f"/proc/{served.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def memory_mb(served: Served) -> float:
    pages = Path(f"/proc/{served.process.pid}/statm").read_text().split()[1]
    return int(pages) * PAGE_BYTES / 2**20


@asynccontextmanager
async def machine(server_url: str, folder: Path) -> AsyncIterator[tuple[Served, str]]:
    """A served company, and the key of a machine that may do everything."""
    async with own_database(server_url, "fuzz") as owner_url:
        await found_alone(owner_url)
        engine = open_engine(role_url(owner_url, Role.AUTH), pool_size=1)
        async with global_work(engine) as session:
            tenant_id = await session.scalar(select(Tenant.id).where(Tenant.slug == COMPANY))
        assert tenant_id is not None
        key = await machine_key(engine, tenant_id, *Permission)
        await engine.dispose()
        with serving(owner_url, folder, ENVIRONMENT="production") as served:
            yield served, key


async def test_no_odd_request_breaks_the_server_or_takes_a_second_of_it(
    server_url: str, tmp_path: Path
) -> None:
    fuzz, broken, slow, answered = Fuzz(service_schema().graphql, SEED), [], [], 0
    async with machine(server_url, tmp_path) as (served, key):
        headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        async with httpx.AsyncClient(base_url=served.url, headers=headers, timeout=60) as http:
            await http.post("/graphql", json={"query": "{ __typename }"})
            memory = memory_mb(served)
            for number in numbers():
                body, used = fuzz.request(number), cpu_seconds(served)
                answer = await http.post("/graphql", content=body)
                if answer.status_code >= 500 or '"INTERNAL"' in answer.text:
                    broken.append((number, body[:2_000], answer.text))
                if (took := cpu_seconds(served) - used) > MOST_CPU_SECONDS:
                    slow.append((number, took, body[:2_000]))
                answered += '"data":{' in answer.text
                fuzz.learn(answer.text)
            grown = memory_mb(served) - memory
        lines = (tmp_path / "serve.log").read_text("utf-8", "replace").splitlines()
    faults = [line for line in lines if '"event":"request"' not in line]
    assert broken == [], f"seed {SEED}: {faults[-1:]}"
    assert slow == [], f"seed {SEED}"
    assert answered > REQUESTS / 10, "hardly a request was sensible enough to be answered"
    assert grown < MOST_GROWTH_MB
