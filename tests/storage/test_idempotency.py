from datetime import timedelta

import pytest

from serviceco.core.refusals import KeyReused
from serviceco.storage.idempotency import KEPT_FOR, claim_key, keep_answer
from tests.factories import NOON

MINE = {"client": "till 3", "key": "k"}
REQUEST = {"do": "this"}
ANSWER = {"done": ["this"]}


async def test_a_new_key_is_free_and_keeps_its_answer(session):
    assert await claim_key(session, **MINE, request=REQUEST, at=NOON) is None
    await keep_answer(session, **MINE, answer=ANSWER)
    again = await claim_key(session, **MINE, request=REQUEST, at=NOON + timedelta(hours=1))
    assert again == ANSWER


async def test_the_same_key_with_another_request_is_refused(session):
    await claim_key(session, **MINE, request=REQUEST, at=NOON)
    await keep_answer(session, **MINE, answer=ANSWER)
    with pytest.raises(KeyReused):
        await claim_key(session, **MINE, request={"do": "that"}, at=NOON)


async def test_a_key_belongs_to_its_client(session):
    await claim_key(session, **MINE, request=REQUEST, at=NOON)
    assert await claim_key(session, client="till 4", key="k", request={}, at=NOON) is None


@pytest.mark.parametrize(("age", "is_free"), [(KEPT_FOR, False), (KEPT_FOR * 1.0001, True)])
async def test_after_a_day_a_key_is_free_again(session, age, is_free):
    await claim_key(session, **MINE, request=REQUEST, at=NOON)
    await keep_answer(session, **MINE, answer=ANSWER)
    if is_free:
        assert await claim_key(session, **MINE, request={"do": "that"}, at=NOON + age) is None
        await keep_answer(session, **MINE, answer={})
        assert await claim_key(session, **MINE, request={"do": "that"}, at=NOON + age) == {}
    else:
        assert await claim_key(session, **MINE, request=REQUEST, at=NOON + age) == ANSWER
