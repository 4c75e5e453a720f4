import json
from collections.abc import AsyncIterator

import pytest

from serviceco.edge.guards import MOST_BODY_BYTES, MOST_UPLOAD_BYTES
from tests.edge.test_authentication import signed_in
from tests.identity.people import person


async def test_every_answer_carries_the_headers_and_an_id(door):
    for path in ("/", "/healthz", "/broken"):
        headers = (await door.client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["strict-transport-security"].startswith("max-age=")
        assert len(headers["x-request-id"]) == 16


async def test_a_fault_is_masked_logged_once_and_found_by_its_number(door, logged):
    answer = await door.client.get("/broken")
    assert answer.status_code == 500
    assert "secret reason" not in answer.text
    assert answer.headers["x-request-id"] in answer.text
    faults = [line for line in logged() if line["event"] == "fault"]
    assert [fault["id"] for fault in faults] == [answer.headers["x-request-id"]]


async def test_a_fault_of_graphql_is_json(door):
    answer = await door.client.post("/graphql", content=b"x" * (MOST_BODY_BYTES + 1))
    assert answer.status_code == 413
    assert json.loads(answer.text)["errors"][0]["extensions"]["code"] == "BODY_TOO_LARGE"


async def test_a_body_up_to_the_bound_passes_and_a_larger_one_does_not(door):
    fits = await door.client.post("/", content=b"x" * MOST_BODY_BYTES)
    assert fits.text == f"visitor {MOST_BODY_BYTES}"
    assert (await door.client.post("/", content=b"x" * (MOST_BODY_BYTES + 1))).status_code == 413


async def test_the_pictures_of_an_order_may_be_larger_than_other_bodies(
    door, auth_engine, tenant_id
):
    picture = {"photo.front": ("a.jpg", b"x" * (MOST_BODY_BYTES + 1), "image/jpeg")}
    assert (await door.client.post("/orders/1/answers", files=picture)).status_code == 413
    await signed_in(door, await person(auth_engine, tenant_id))
    assert (await door.client.post("/orders/1/answers", files=picture)).status_code != 413
    assert (await door.client.post("/sign-in", files=picture)).status_code == 413
    huge = {"photo.front": ("a.jpg", b"x" * MOST_UPLOAD_BYTES, "image/jpeg")}
    assert (await door.client.post("/orders/1/answers", files=huge)).status_code == 413


async def streamed(chunks: int) -> AsyncIterator[bytes]:
    for _ in range(chunks):
        yield b"x" * 65_536


async def test_a_body_without_a_length_is_bounded_too(door):
    assert (await door.client.post("/", content=streamed(3))).text == "visitor 196608"
    assert (await door.client.post("/", content=streamed(17))).status_code == 413


@pytest.mark.parametrize("length", [b"many", b"-1", b"1e3"])
async def test_a_length_that_is_no_number_is_refused(door, length):
    answer = await door.client.post("/", content=b"x", headers={b"content-length": length})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": "https://serviceco.test"}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"sec-fetch-site": "none"}, 200),
        ({"origin": "https://evil.test"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "https://serviceco.test.evil.test"}, 403),
        ({"origin": "https://serviceco.test:444"}, 403),
        ({"origin": "https://["}, 403),
        ({"origin": ""}, 403),
    ],
)
async def test_another_site_changes_nothing(door, headers, status):
    assert (await door.client.post("/", headers=headers)).status_code == status
    assert (await door.client.get("/", headers=headers)).status_code == 200


async def test_health_does_not_ask_the_database_and_readiness_does(door):
    door.is_ready = False
    assert (await door.client.get("/healthz")).status_code == 200
    assert (await door.client.get("/readyz")).status_code == 503
    door.is_ready = True
    assert (await door.client.get("/readyz")).status_code == 200


async def test_the_log_holds_no_query_no_cookie_and_no_customer_link(door, logged):
    await door.client.get("/orders?phone=13812345678", headers={"cookie": "x=secret"})
    await door.client.get("/c/f00dfeed")
    await door.client.get("/a%0d%0aforged: line")
    lines = logged()
    assert [line["event"] for line in lines] == ["request"] * 3
    assert [line["path"] for line in lines] == ["/orders", "/c/…", "/a\r\nforged: line"]
    for secret in ("13812345678", "secret", "f00dfeed"):
        assert secret not in repr(lines)


async def test_an_answer_that_broke_before_anything_was_sent_is_a_fault(door, logged):
    answer = await door.client.get("/head")
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] in answer.text
    assert [line["event"] for line in logged()] == ["fault", "request"]


async def test_an_answer_that_broke_half_way_is_not_finished_as_if_it_were_whole(door, logged):
    with pytest.raises(RuntimeError):
        await door.client.get("/half")
    assert [line["event"] for line in logged()] == ["fault", "request"]
