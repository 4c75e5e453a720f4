import pytest

from serviceco.api import meter as points
from serviceco.api.errors import RateLimited
from serviceco.api.meter import Allowance, Meter
from serviceco.api.service import Api
from serviceco.core.actor import Actor, ActorKind
from serviceco.core.ids import new_id
from tests.api.schema import SCHEMA
from tests.api.sign_ins import sign_in
from tests.api.test_front import Door

PAGE = "{ orders(first: %d) { nodes { lines { code } } } }"


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def somebody(kind: ActorKind = ActorKind.STAFF) -> Actor:
    return Actor(kind=kind, account_id=new_id(), tenant_id=new_id())


def a_meter(clock: Clock, **options: int) -> Meter:
    return Meter({ActorKind.STAFF: Allowance(per_second=10, ready=100)}, clock=clock, **options)


def test_what_lies_ready_is_spent_and_flows_in_again():
    clock, actor = Clock(), somebody()
    meter = a_meter(clock)
    for _ in range(10):
        meter.take(actor, 10)
    with pytest.raises(RateLimited) as refused:
        meter.take(actor, 25)
    assert refused.value.headers == ((b"retry-after", b"3"),)
    assert "10 points per second, 100 at once" in refused.value.message
    assert refused.value.entries()[0]["extensions"] == {"code": "RATE_LIMITED", "retryAfter": 3}
    clock.now += 2.5
    meter.take(actor, 25)


def test_who_is_refused_loses_nothing():
    clock, actor = Clock(), somebody()
    meter = a_meter(clock)
    for _ in range(3):
        with pytest.raises(RateLimited):
            meter.take(actor, 101)
    meter.take(actor, 100)


def test_no_time_fills_a_bucket_over_its_brim():
    clock, actor = Clock(), somebody()
    meter = a_meter(clock)
    meter.take(actor, 100)
    clock.now += 1_000_000
    meter.take(actor, 100)
    with pytest.raises(RateLimited):
        meter.take(actor, 1)


def test_accounts_do_not_share_a_bucket_and_other_kinds_have_none():
    meter = a_meter(Clock())
    meter.take(somebody(), 100)
    meter.take(somebody(), 100)
    meter.take(somebody(ActorKind.SYSTEM), 1_000_000)


def test_the_memory_of_accounts_is_bounded():
    meter = a_meter(Clock(), size=100)
    for _ in range(1_000):
        meter.take(somebody(), 1)
    assert len(meter) == 100


@pytest.fixture
def limited(engine, pool):
    """An API where a member of staff has points for one new document and a page of it."""
    rows = 1 + 20 * (1 + 20)
    ready = points.FOR_A_NEW_DOCUMENT + points.FOR_A_READ + rows
    meter = Meter({ActorKind.STAFF: Allowance(per_second=1, ready=ready)}, clock=Clock())
    api = Api(SCHEMA, engine=engine, pool=pool)
    api.limit(meter)
    return api


async def test_a_read_costs_the_rows_that_it_may_bring(limited, fixit, auth_engine):
    actor = (await sign_in(auth_engine, fixit)).actor
    assert "errors" not in await limited.execute(actor, PAGE % 20)
    refused = await limited.respond(actor, PAGE % 20)
    assert isinstance(refused.rejected, RateLimited)
    other = (await sign_in(auth_engine, fixit)).actor
    assert "errors" not in await limited.execute(other, PAGE % 20)


async def test_a_client_is_told_over_http_when_to_come_again(limited, fixit, auth_engine):
    door = Door(limited, (await sign_in(auth_engine, fixit)).actor)
    await door.post({"query": PAGE % 20})
    answer = await door.post({"query": PAGE % 20})
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "426"
    assert answer.json()["errors"][0]["extensions"] == {"code": "RATE_LIMITED", "retryAfter": 426}


async def test_a_document_that_is_none_costs_the_reading(limited, fixit, auth_engine):
    actor = (await sign_in(auth_engine, fixit)).actor
    first = await limited.execute(actor, "{ nothing }")
    assert first["errors"][0]["extensions"]["code"] == "INVALID_DOCUMENT"
    second = await limited.execute(actor, "{ nothing }")
    assert second["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
