from datetime import timedelta
from uuid import UUID

import pytest

from serviceco.core.actor import Actor, ActorKind, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import NotFound, NotPermitted
from serviceco.identity.operations import (
    change_membership,
    change_password,
    close_account,
    create_machine_key,
    register_account,
    revoke_machine_key,
)
from serviceco.identity.queries import (
    find_account,
    find_live_key,
    find_live_sign_in,
    require_live,
)
from serviceco.identity.rules import token_hash
from serviceco.identity.sign_ins import open_sign_in, prove
from serviceco.identity.words import EmailTaken, SignInEnded, WeakPassword, WrongCredentials
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.rules import brand_operator, system_actor
from serviceco.tenancy.tables import Branch
from tests.factories import NOON
from tests.identity.people import PASSWORD, Person, brand_person, person

TOMORROW = NOON + timedelta(days=1)


async def signed_in(auth_engine, tenant_id: UUID, somebody: Person) -> Actor:
    async with global_work(auth_engine) as session:
        account = await prove(await find_account(session, somebody.email), PASSWORD)
        token, _ = await open_sign_in(session, account, address="", agent="", at=NOON)
        live = await find_live_sign_in(session, token_hash(token), at=NOON)
    assert live is not None
    return Actor(
        kind=ActorKind.STAFF,
        account_id=live.account_id,
        tenant_id=tenant_id,
        token_hash=live.token_hash,
        version=live.version,
    )


async def is_live(engine, actor: Actor, at=NOON) -> bool:
    async with unit_of_work(engine, actor.tenant) as session:
        try:
            await require_live(session, actor, at=at)
        except SignInEnded:
            return False
    return True


async def test_an_email_has_one_account(auth_engine, tenant_id):
    somebody = await person(auth_engine, tenant_id)
    with pytest.raises(EmailTaken):
        async with global_work(auth_engine) as session:
            await register_account(
                session,
                system_actor(tenant_id),
                somebody.email.upper(),
                name="Twin",
                password=PASSWORD,
                language="en",
                at=NOON,
            )


async def test_a_short_password_opens_no_account(auth_engine, tenant_id):
    with pytest.raises(WeakPassword):
        async with global_work(auth_engine) as session:
            await register_account(
                session,
                system_actor(tenant_id),
                f"short-{tenant_id.hex}@example.test",
                name="Short",
                password="seven77",
                language="en",
                at=NOON,
            )


async def test_only_who_manages_staff_opens_accounts(auth_engine, make):
    actor = make.actor(permissions=())
    with pytest.raises(NotPermitted):
        async with global_work(auth_engine) as session:
            await register_account(
                session, actor, "x@example.test", name="", password=PASSWORD, language="en", at=NOON
            )


async def test_a_lost_role_ends_the_sign_in(engine, auth_engine, tenant_id):
    somebody = await person(auth_engine, tenant_id)
    actor = await signed_in(auth_engine, tenant_id, somebody)
    assert await is_live(engine, actor)
    async with global_work(auth_engine) as session:
        await change_membership(
            session,
            system_actor(tenant_id),
            somebody.membership.id,
            roles=(),
            branch_ids=None,
            at=NOON,
        )
    assert not await is_live(engine, actor)


@pytest.mark.parametrize("stranger", [system_actor(UUID(int=1)), brand_operator(UUID(int=1))])
@pytest.mark.parametrize("side", [person, brand_person])
async def test_nobody_changes_the_roles_of_another_company_or_brand(auth_engine, side, stranger):
    somebody = await side(auth_engine, new_id())
    with pytest.raises(NotFound):
        async with global_work(auth_engine) as session:
            await change_membership(
                session,
                stranger,
                somebody.membership.id,
                roles={"owner"},
                branch_ids=None,
                at=NOON,
            )


async def test_a_new_password_ends_every_sign_in(engine, auth_engine, tenant_id):
    somebody = await person(auth_engine, tenant_id)
    actor = await signed_in(auth_engine, tenant_id, somebody)
    async with global_work(auth_engine) as session:
        await change_password(session, actor, current=PASSWORD, password="a new horse", at=NOON)
    assert not await is_live(engine, actor)
    async with global_work(auth_engine) as session:
        account = await find_account(session, somebody.email)
        assert await prove(account, "a new horse")
        with pytest.raises(WrongCredentials):
            await prove(account, PASSWORD)


async def test_a_new_password_needs_the_current_one(auth_engine, tenant_id):
    somebody = await person(auth_engine, tenant_id)
    actor = await signed_in(auth_engine, tenant_id, somebody)
    with pytest.raises(WrongCredentials):
        async with global_work(auth_engine) as session:
            await change_password(session, actor, current="?", password="a new horse", at=NOON)


async def test_only_the_operator_closes_accounts(auth_engine, make, tenant_id):
    somebody = await person(auth_engine, tenant_id)
    with pytest.raises(NotPermitted):
        async with global_work(auth_engine) as session:
            await close_account(session, make.actor(), somebody.account.id, at=NOON)


async def test_an_expired_sign_in_changes_nothing_any_more(engine, auth_engine, tenant_id):
    actor = await signed_in(auth_engine, tenant_id, await person(auth_engine, tenant_id))
    assert not await is_live(engine, actor, at=TOMORROW)


async def test_the_worker_acts_without_a_sign_in(engine, tenant_id):
    assert await is_live(engine, system_actor(tenant_id))


async def test_a_machine_key_lives_until_it_is_revoked_or_expires(engine, auth_engine, make):
    owner = make.actor()
    async with global_work(auth_engine) as session:
        text, key = await create_machine_key(
            session,
            owner,
            "ERP",
            permissions={Permission.READ_ORDERS},
            expires_at=TOMORROW,
            at=NOON,
        )
    async with global_work(auth_engine) as session:
        live = await find_live_key(session, token_hash(text), at=NOON)
        assert live is not None
        assert live.permissions == ("read_orders",)
        assert not await find_live_key(session, token_hash(text), at=TOMORROW)
        await revoke_machine_key(session, owner, key.id, at=NOON)
        assert not await find_live_key(session, token_hash(text), at=NOON)


async def test_a_key_never_holds_more_than_its_maker(auth_engine, make):
    actor = make.actor(permissions={Permission.MANAGE_TENANT, Permission.READ_ORDERS})
    with pytest.raises(NotPermitted):
        async with global_work(auth_engine) as session:
            await create_machine_key(
                session,
                actor,
                "ERP",
                permissions={Permission.READ_MONEY},
                expires_at=TOMORROW,
                at=NOON,
            )


async def test_a_key_of_another_company_is_not_found(auth_engine, make, tenant_id):
    async with global_work(auth_engine) as session:
        _, key = await create_machine_key(
            session, make.actor(), "ERP", permissions=(), expires_at=TOMORROW, at=NOON
        )
    stranger = system_actor(UUID(int=tenant_id.int ^ 1))
    with pytest.raises(NotFound):
        async with global_work(auth_engine) as session:
            await revoke_machine_key(session, stranger, key.id, at=NOON)


async def test_nobody_gives_more_branches_than_they_have(auth_engine, tenant_id, make):
    somebody = await person(auth_engine, tenant_id)
    own, other = Branch(id=new_id()), Branch(id=new_id())
    manager = make.actor(branches=[own])
    for branch_ids, no in ((None, NotPermitted), ([own.id, other.id], NotFound)):
        with pytest.raises(no):
            async with global_work(auth_engine) as session:
                await change_membership(
                    session,
                    manager,
                    somebody.membership.id,
                    roles=(),
                    branch_ids=branch_ids,
                    at=NOON,
                )


async def test_a_key_that_sees_every_branch_is_made_by_who_does(auth_engine, make):
    manager = make.actor(branches=[Branch(id=new_id())])
    with pytest.raises(NotPermitted):
        async with global_work(auth_engine) as session:
            await create_machine_key(
                session, manager, "ERP", permissions=(), expires_at=TOMORROW, at=NOON
            )
