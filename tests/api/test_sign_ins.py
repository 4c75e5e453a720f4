from dataclasses import replace

import pytest

from serviceco.api.errors import Unauthenticated
from serviceco.core.actor import ActorKind
from tests.api.sign_ins import sign_in

READ = '{ order(number: "0003") { number } }'
COMPUTE = '{ preview(text: "x") { text } }'
CHANGE = """mutation ($id: UUID!) { renameCustomer(
    idempotencyKey: "k", customerId: $id, to: { name: "" }) { __typename } }"""


@pytest.fixture
async def signed_in(auth_engine, fixit):
    return await sign_in(auth_engine, fixit)


@pytest.mark.parametrize("document", [READ, COMPUTE, CHANGE])
async def test_a_live_sign_in_is_answered(api, fixit, signed_in, document):
    answer = await api.execute(signed_in.actor, document, {"id": str(fixit.customers[0].id)})
    assert "errors" not in answer


@pytest.mark.parametrize("document", [READ, COMPUTE, CHANGE])
@pytest.mark.parametrize("event", ["end", "expire", "lose_a_role"])
async def test_an_ended_sign_in_acts_no_more_from_the_next_request_on(
    api, fixit, signed_in, document, event
):
    await api.execute(signed_in.actor, READ)
    await getattr(signed_in, event)()
    with pytest.raises(Unauthenticated):
        await api.execute(signed_in.actor, document, {"id": str(fixit.customers[0].id)})


@pytest.mark.parametrize(
    "kind", sorted(set(ActorKind) - {ActorKind.SYSTEM, ActorKind.BRAND, ActorKind.CUSTOMER})
)
async def test_nobody_but_the_system_acts_without_a_sign_in(api, signed_in, kind):
    for change in ({"token_hash": b""}, {"version": 0}):
        with pytest.raises(Unauthenticated):
            await api.execute(replace(signed_in.actor, kind=kind, **change), READ)
