from serviceco.core.actor import Permission
from tests.web.house import clerk


async def test_every_change_is_an_event_and_quiet_is_a_beat(clerk_client, house):
    house.told = ['{"data":{}}', ""]
    async with clerk_client.stream("GET", "/b/sh01/board/changes") as answer:
        text = (await answer.aread()).decode()
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    assert text == 'retry: 1000\n\nevent: changed\ndata: {"data":{}}\n\n: still here\n\n'
    assert house.asked[-1] == ("BoardChanges", {"branchId": "b1"})


async def test_a_branch_that_is_not_theirs_has_no_stream(clerk_client):
    assert (await clerk_client.get("/b/elsewhere/board/changes")).status_code == 404


async def test_who_reads_no_orders_has_no_stream(clerk_client, house):
    house.actors["one"] = clerk(permissions=frozenset({Permission.RECEIVE_DEVICE}))
    assert (await clerk_client.get("/b/sh01/board/changes")).status_code == 403


async def test_a_visitor_has_no_stream(visitor):
    assert (await visitor.get("/b/sh01/board/changes")).status_code == 303
