from datetime import timedelta

import pytest

from serviceco.core.actor import Permission
from serviceco.identity.operations import change_membership, create_machine_key, revoke_machine_key
from serviceco.identity.rules import FREE_PER_ACCOUNT
from serviceco.identity.words import NoMembership, TooManyAttempts, WrongCredentials
from serviceco.storage.unit_of_work import global_work
from serviceco.tenancy.rules import system_actor
from tests.edge.conftest import Door, now
from tests.identity.people import PASSWORD, Person, person


async def signed_in(door: Door, somebody: Person) -> str:
    """Sign in, keep the cookie in the client, and return it as the server wrote it."""
    written = await door.sign_ins.sign_in(
        email=somebody.email, password=PASSWORD, address=somebody.account.id.hex, agent="test"
    )
    name, _, rest = written.partition("=")
    door.client.cookies.set(name, rest.partition(";")[0])
    return written


async def who(door: Door, path: str = "/") -> str:
    return (await door.client.get(path)).text.split()[0]


async def test_the_cookie_of_https_is_bound_to_this_host_and_hidden_from_scripts(
    door, auth_engine, tenant_id
):
    written = await signed_in(door, await person(auth_engine, tenant_id))
    assert written.startswith("__Host-serviceco=")
    for flag in ("Path=/", "HttpOnly", "SameSite=Lax", "Secure", "Max-Age=43200"):
        assert flag in written
    assert "Domain" not in written


async def test_a_signed_in_person_is_known_until_they_sign_out(door, auth_engine, tenant_id):
    somebody = await person(auth_engine, tenant_id)
    assert await who(door) == "visitor"
    await signed_in(door, somebody)
    assert await who(door) == "王芳"
    [token] = door.client.cookies.values()
    actor = await door.authenticator.actor(
        {"path": "/", "headers": [(b"cookie", f"__Host-serviceco={token}".encode())]}
    )
    assert (actor.tenant_id, actor.roles) == (tenant_id, {"front_desk"})
    assert Permission.HAND_OVER in actor.permissions
    assert "Max-Age=0" in await door.sign_ins.sign_out(actor)
    assert await who(door) == "visitor"


@pytest.mark.parametrize("token", ["", "x", "é", "a" * 5000, "serviceco"])
async def test_a_made_up_token_is_a_visitor(door, token):
    answer = await door.client.get(
        "/", headers={b"cookie": f"__Host-serviceco={token}".encode("latin-1")}
    )
    assert answer.text.startswith("visitor")


async def test_a_client_cannot_choose_its_token(door, auth_engine, tenant_id):
    door.client.cookies.set("__Host-serviceco", "chosen")
    somebody = await person(auth_engine, tenant_id)
    assert "chosen" not in await door.sign_ins.sign_in(
        email=somebody.email, password=PASSWORD, address=""
    )
    assert await who(door) == "visitor"


async def test_a_lost_role_is_seen_as_soon_as_a_front_asks_again(door, auth_engine, tenant_id):
    somebody = await person(auth_engine, tenant_id)
    await signed_in(door, somebody)
    assert await who(door) == "王芳"
    async with global_work(auth_engine) as session:
        await change_membership(
            session,
            system_actor(tenant_id),
            somebody.membership.id,
            roles=(),
            branch_ids=None,
            at=now(),
        )
    assert await who(door, "/renew") == "visitor"
    assert await who(door) == "visitor"


async def test_wrong_passwords_are_counted_although_they_are_refused(door, auth_engine, tenant_id):
    somebody = await person(auth_engine, tenant_id)
    for _ in range(FREE_PER_ACCOUNT):
        with pytest.raises(WrongCredentials):
            await door.sign_ins.sign_in(email=somebody.email, password="?", address="")
    with pytest.raises(TooManyAttempts) as refused:
        await door.sign_ins.sign_in(email=somebody.email, password=PASSWORD, address="")
    assert refused.value.facts["wait_seconds"] in {28, 29, 30}


async def test_switching_needs_a_membership(door, auth_engine, tenant_id):
    somebody = await person(auth_engine, tenant_id)
    await signed_in(door, somebody)
    [token] = door.client.cookies.values()
    actor = await door.authenticator.actor(
        {"path": "/", "headers": [(b"cookie", f"__Host-serviceco={token}".encode())]}
    )
    with pytest.raises(NoMembership):
        await door.sign_ins.switch(actor, tenant_id, address="")
    written = await door.sign_ins.switch(actor, somebody.membership.id, address="")
    assert token not in written
    assert await who(door) == "visitor"


async def test_a_machine_acts_by_its_key_until_it_is_revoked(door, auth_engine, make):
    owner = make.actor()
    async with global_work(auth_engine) as session:
        text, key = await create_machine_key(
            session,
            owner,
            "ERP",
            permissions={Permission.READ_ORDERS},
            expires_at=now() + timedelta(days=1),
            at=now(),
        )
    headers = {"authorization": f"Bearer {text}"}
    answer = await door.client.post("/", headers={**headers, "origin": "https://elsewhere.test"})
    assert answer.text == "ERP 0"
    async with global_work(auth_engine) as session:
        await revoke_machine_key(session, owner, key.id, at=now())
    assert (await door.client.get("/renew", headers=headers)).text == "visitor 0"
    assert (await door.client.get("/", headers=headers)).status_code == 401


@pytest.mark.parametrize("value", ["Bearer svc_nope", "Bearer", "", "Basic eDp5", "svc_nope"])
async def test_a_key_that_does_not_live_is_refused_and_never_a_visitor(door, value):
    answer = await door.client.post("/graphql", headers={"authorization": value})
    assert answer.status_code == 401
    assert "INVALID_KEY" in answer.text
