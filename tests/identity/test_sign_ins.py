import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.core.refusals import Refusal
from serviceco.identity.operations import close_account, register_account
from serviceco.identity.queries import find_account, find_live_sign_in
from serviceco.identity.rules import FREE_PER_ACCOUNT, FREE_PER_ADDRESS, SIGN_IN_LASTS, token_hash
from serviceco.identity.sign_ins import (
    end_sign_in,
    open_sign_in,
    prove,
    switch_membership,
    take_attempt,
)
from serviceco.identity.tables import SignIn
from serviceco.identity.words import NoMembership, TooManyAttempts, WrongCredentials
from serviceco.storage.unit_of_work import global_work
from serviceco.tenancy.registration import grant_roles
from serviceco.tenancy.rules import system_actor
from serviceco.tenancy.words import Role
from tests.factories import NOON
from tests.identity.people import PASSWORD, person


async def opened(auth_engine: AsyncEngine, email: str, at=NOON, password: str = PASSWORD) -> str:
    async with global_work(auth_engine) as session:
        account = await prove(await find_account(session, email), password)
        token, _ = await open_sign_in(session, account, address="10.1.1.1", agent="test", at=at)
    return token


async def test_signing_in_gives_a_token_that_only_its_hash_is_kept_of(auth_engine, tenant_id):
    somebody = await person(auth_engine, tenant_id)
    token = await opened(auth_engine, somebody.email.upper())
    async with global_work(auth_engine) as session:
        live = await find_live_sign_in(session, token_hash(token), at=NOON)
        stored = await session.get(SignIn, token_hash(token))
    assert live is not None
    assert (live.tenant_id, live.roles) == (tenant_id, ("front_desk",))
    assert stored is not None
    assert token.encode() not in stored.token_hash


@pytest.mark.parametrize("password", ["wrong horse", "", "x" * 10_000])
async def test_a_wrong_password_is_refused(auth_engine, tenant_id, password):
    somebody = await person(auth_engine, tenant_id)
    with pytest.raises(WrongCredentials):
        await opened(auth_engine, somebody.email, password=password)


async def test_unknown_closed_and_wrong_read_alike(auth_engine, tenant_id):
    somebody = await person(auth_engine, tenant_id)
    closed = await person(auth_engine, tenant_id)
    async with global_work(auth_engine) as session:
        await close_account(session, system_actor(tenant_id), closed.account.id, at=NOON)
    said = set()
    for email, password in (
        (somebody.email, "wrong horse"),
        (closed.email, PASSWORD),
        ("nobody@example.test", PASSWORD),
    ):
        with pytest.raises(WrongCredentials) as refused:
            await opened(auth_engine, email, password=password)
        said.add((refused.value.message, refused.value.field))
    assert len(said) == 1


async def test_a_sign_in_lasts_twelve_hours(auth_engine, tenant_id):
    somebody = await person(auth_engine, tenant_id)
    token = await opened(auth_engine, somebody.email)
    async with global_work(auth_engine) as session:
        just_before = NOON + SIGN_IN_LASTS - timedelta(seconds=1)
        assert await find_live_sign_in(session, token_hash(token), at=just_before)
        assert not await find_live_sign_in(session, token_hash(token), at=NOON + SIGN_IN_LASTS)


async def test_signing_out_ends_it_at_once_and_twice_is_the_same(auth_engine, tenant_id):
    somebody = await person(auth_engine, tenant_id)
    token = await opened(auth_engine, somebody.email)
    async with global_work(auth_engine) as session:
        await end_sign_in(session, token_hash(token), at=NOON)
        await end_sign_in(session, token_hash(token), at=NOON + timedelta(hours=1))
        assert not await find_live_sign_in(session, token_hash(token), at=NOON)


async def test_an_account_without_a_company_cannot_sign_in(auth_engine, tenant_id):
    async with global_work(auth_engine) as session:
        account = await register_account(
            session,
            system_actor(tenant_id),
            f"lonely-{tenant_id.hex}@example.test",
            name="Nobody",
            password=PASSWORD,
            language="en",
            at=NOON,
        )
    with pytest.raises(NoMembership):
        await opened(auth_engine, account.email)


async def test_a_person_of_two_companies_returns_to_the_one_last_used(auth_engine, tenant_id):
    somebody = await person(auth_engine, tenant_id)
    second = UUID(int=tenant_id.int ^ 1)
    async with global_work(auth_engine) as session:
        other = await grant_roles(
            session,
            system_actor(second),
            somebody.account.id,
            staff_id=None,
            roles={Role.TECHNICIAN},
            branch_ids=None,
            at=NOON,
        )
    token = await opened(auth_engine, somebody.email)
    async with global_work(auth_engine) as session:
        switched, _ = await switch_membership(
            session, token_hash(token), other.id, address="", agent="", at=NOON + timedelta(hours=1)
        )
        assert not await find_live_sign_in(session, token_hash(token), at=NOON)
        live = await find_live_sign_in(session, token_hash(switched), at=NOON)
    assert live is not None
    assert live.tenant_id == second
    again = await opened(auth_engine, somebody.email, at=NOON + timedelta(hours=2))
    async with global_work(auth_engine) as session:
        live = await find_live_sign_in(session, token_hash(again), at=NOON)
    assert live is not None
    assert live.tenant_id == second


async def test_nobody_switches_to_the_company_of_somebody_else(auth_engine, tenant_id):
    somebody = await person(auth_engine, tenant_id)
    stranger = await person(auth_engine, UUID(int=tenant_id.int ^ 1))
    token = await opened(auth_engine, somebody.email)
    with pytest.raises(NoMembership):
        async with global_work(auth_engine) as session:
            await switch_membership(
                session, token_hash(token), stranger.membership.id, address="", agent="", at=NOON
            )


async def attempts(auth_engine, email: str, address: str, times: int, at=NOON) -> list[str]:
    """Make attempts at the same moment and return how each was answered."""

    async def one() -> str:
        try:
            async with global_work(auth_engine) as session:
                await take_attempt(session, email=email, address=address, at=at)
        except Refusal as refusal:
            return refusal.code
        return "taken"

    return await asyncio.gather(*(one() for _ in range(times)))


async def test_guesses_at_one_account_are_slowed_even_when_they_come_at_once(
    auth_engine, tenant_id
):
    email = f"{tenant_id.hex}@example.test"
    answers = await attempts(auth_engine, email, tenant_id.hex, 20)
    assert answers.count("taken") == FREE_PER_ACCOUNT
    assert answers.count("TOO_MANY_ATTEMPTS") == 20 - FREE_PER_ACCOUNT
    with pytest.raises(TooManyAttempts) as refused:
        async with global_work(auth_engine) as session:
            await take_attempt(session, email=email, address="10.2.2.2", at=NOON)
    assert refused.value.facts == {"wait_seconds": 30}
    later = NOON + timedelta(seconds=30)
    assert await attempts(auth_engine, email, tenant_id.hex, 1, later) == ["taken"]


async def test_an_address_that_tries_many_accounts_is_slowed(auth_engine, tenant_id):
    address = f"address-{tenant_id.hex}"
    emails = [f"{number}-{tenant_id.hex}@example.test" for number in range(FREE_PER_ADDRESS + 1)]
    answers = [(await attempts(auth_engine, email, address, 1))[0] for email in emails]
    assert answers == ["taken"] * FREE_PER_ADDRESS + ["TOO_MANY_ATTEMPTS"]


@pytest.mark.parametrize("email", ["a\0b", "".join(map(chr, range(0x4E00, 0x5E00)))])
async def test_what_is_no_email_is_wrong_and_no_fault(auth_engine, email):
    async with global_work(auth_engine) as session:
        await take_attempt(session, email=email, address="10.9.9.9", at=NOON)
    async with global_work(auth_engine) as session:
        assert await find_account(session, email) is None


async def test_a_right_password_forgives_the_account(auth_engine, tenant_id):
    somebody = await person(auth_engine, tenant_id)
    await attempts(auth_engine, somebody.email, tenant_id.hex, FREE_PER_ACCOUNT)
    await opened(auth_engine, somebody.email)
    assert await attempts(auth_engine, somebody.email, tenant_id.hex, 1) == ["taken"]


async def test_the_application_role_cannot_read_accounts_or_sign_ins(engine, tenant_id, session):
    async with engine.connect() as connection:
        for table in ("account", "membership", "sign_in", "machine_key", "sign_in_throttle"):
            allowed = await connection.scalar(
                select(func.has_table_privilege("serviceco_app", table, "select"))
            )
            assert allowed is False, table
