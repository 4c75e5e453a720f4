"""Taking people on, changing what they may do, and letting them go."""

import secrets
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from serviceco.core.actor import Actor, ActorKind, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import InvalidInput, NotFound, NotPermitted
from serviceco.evidence.tables import Event
from serviceco.identity import invitations
from serviceco.identity.operations import new_hash
from serviceco.identity.passwords import matches
from serviceco.identity.queries import find_account, list_admissions
from serviceco.identity.tables import Account, Membership
from serviceco.identity.words import (
    EmailTaken,
    InvalidEmail,
    LinkEnded,
    Newcomer,
    WorksElsewhere,
    WrongCredentials,
)
from serviceco.storage.unit_of_work import unit_of_work
from serviceco.tenancy import staffing
from serviceco.tenancy.rules import permissions_of, system_actor
from serviceco.tenancy.tables import Branch, Staff
from serviceco.tenancy.words import (
    CodeTaken,
    LastOwner,
    NoAccount,
    NotInvited,
    OwnRights,
    Role,
    StaffGiven,
)
from tests.factories import NOON

LATER = NOON + timedelta(days=8)


class Office:
    """One company, worked on as the role that may change accounts; nothing is committed."""

    def __init__(self, session: AsyncSession, tenant_id: UUID) -> None:
        self.session = session
        self.tenant_id = tenant_id

    def actor(self, *roles: Role, branches: Iterable[UUID] | None = None) -> Actor:
        """Somebody who is on no list."""
        return Actor(
            kind=ActorKind.STAFF,
            account_id=new_id(),
            tenant_id=self.tenant_id,
            staff_id=new_id(),
            name="王芳",
            roles=frozenset(role.value for role in roles),
            permissions=permissions_of(roles),
            branch_ids=None if branches is None else frozenset(branches),
        )

    async def joined(
        self, *roles: Role, branches: Iterable[UUID] | None = None
    ) -> tuple[Staff, Actor]:
        """Somebody who was invited and came; and what they are as an actor."""
        token = secrets.token_urlsafe(32)
        given = person(*roles, branches=branches)
        staff = await staffing.invite_staff(
            self.session, system_actor(self.tenant_id), given, token=token, at=NOON
        )
        await self.join(token)
        made = replace(self.actor(*roles, branches=branches), staff_id=staff.id)
        return staff, replace(made, account_id=staff.account_id or new_id())

    async def join(self, token: str, proven: Account | None = None) -> Membership:
        newcomer = Newcomer(name="李工", language="en", password_hash="x")
        return await staffing.join_staff(
            self.session, token, proven=proven, newcomer=newcomer, at=NOON
        )

    async def acts(self, staff: Staff) -> list[str]:
        """What was recorded about somebody, in order."""
        rows = await self.session.scalars(
            select(Event.act)
            .where(Event.tenant_id == self.tenant_id, Event.subject_id == staff.id)
            .order_by(Event.seq)
        )
        return list(rows)

    async def roles_of(self, staff: Staff) -> tuple[str, ...]:
        (admission,) = await list_admissions(self.session, self.tenant_id, staff_id=staff.id)
        return admission.roles


@pytest.fixture
async def office(auth_engine: AsyncEngine, tenant_id: UUID) -> AsyncIterator[Office]:
    async with unit_of_work(auth_engine, tenant_id) as session:
        yield Office(session, tenant_id)
        await session.rollback()


@pytest.fixture
def token() -> str:
    return secrets.token_urlsafe(32)


@pytest.fixture
async def branch_id(engine: AsyncEngine, tenant_id: UUID) -> UUID:
    """A branch of the company, committed: staffing only reads branches."""
    branch = Branch(
        tenant_id=tenant_id, id=new_id(), code="sh01", name="x", zone="UTC", opened_at=NOON
    )
    async with unit_of_work(engine, tenant_id) as session:
        session.add(branch)
    return branch.id


def person(*roles: Role, code: str = "", branches: Iterable[UUID] | None = None) -> StaffGiven:
    mark = new_id().hex
    return StaffGiven(
        code=code or mark,
        name="李工",
        email=f"{mark}@example.test",
        roles=frozenset(roles or (Role.FRONT_DESK,)),
        branch_ids=None if branches is None else frozenset(branches),
    )


async def test_who_is_invited_joins_once_with_the_rights_offered(office, token, branch_id):
    owner, given = office.actor(Role.OWNER), person(Role.TECHNICIAN, branches=[branch_id])
    staff = await staffing.invite_staff(office.session, owner, given, token=token, at=NOON)
    (waiting,) = await list_admissions(office.session, office.tenant_id)
    assert (waiting.account_id, waiting.invited_until) == (None, NOON + timedelta(days=7))
    membership = await office.join(token)
    assert (membership.roles, membership.branch_ids) == (["technician"], [branch_id])
    assert staff.account_id == membership.account_id
    assert await office.acts(staff) == ["staff.invited", "staff.joined"]
    with pytest.raises(LinkEnded):
        await office.join(token)


async def test_an_invitation_that_ran_out_opens_nothing_until_it_is_sent_anew(office, token):
    owner = office.actor(Role.OWNER)
    staff = await staffing.invite_staff(office.session, owner, person(), token=token, at=NOON)
    with pytest.raises(LinkEnded):
        await invitations.find_invitation(office.session, token, at=LATER)
    anew = secrets.token_urlsafe(32)
    await staffing.invite_again(office.session, owner, staff.id, token=anew, at=LATER)
    assert await invitations.find_invitation(office.session, anew, at=LATER)
    with pytest.raises(LinkEnded):
        await invitations.find_invitation(office.session, token, at=NOON)


async def test_a_withdrawn_invitation_opens_nothing(office, token):
    owner = office.actor(Role.OWNER)
    staff = await staffing.invite_staff(office.session, owner, person(), token=token, at=NOON)
    await staffing.withdraw_invitation(office.session, owner, staff.id, at=NOON)
    assert not staff.is_active
    with pytest.raises(LinkEnded):
        await office.join(token)
    with pytest.raises(NotInvited):
        await staffing.withdraw_invitation(office.session, owner, staff.id, at=NOON)


async def test_an_account_that_is_there_joins_only_by_its_own_password(office, token):
    owner, given = office.actor(Role.OWNER), person()
    there = Account(
        id=new_id(),
        email=given.email,
        name="Somebody",
        password_hash="theirs",
        language="en",
        created_at=NOON,
    )
    office.session.add(there)
    await staffing.invite_staff(office.session, owner, given, token=token, at=NOON)
    with pytest.raises(WrongCredentials):
        await office.join(token)
    membership = await office.join(token, proven=there)
    assert membership.account_id == there.id
    assert there.password_hash == "theirs"


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"code": " "}, InvalidInput),
        ({"name": ""}, InvalidInput),
        ({"roles": frozenset()}, InvalidInput),
        ({"branch_ids": frozenset()}, InvalidInput),
        ({"branch_ids": frozenset([new_id()])}, NotFound),
        ({"email": "nobody"}, InvalidEmail),
        ({"roles": frozenset([Role.AUDITOR])}, NotPermitted),
    ],
)
async def test_what_is_no_invitation_is_refused(office, token, change, refusal):
    given = replace(person(), **change)
    with pytest.raises(refusal):
        await staffing.invite_staff(
            office.session, office.actor(Role.OWNER), given, token=token, at=NOON
        )


async def test_a_guessable_token_is_refused(office):
    with pytest.raises(InvalidInput):
        await staffing.invite_staff(
            office.session, office.actor(Role.OWNER), person(), token="x" * 42, at=NOON
        )


async def test_a_staff_code_and_an_email_are_given_once(office, token):
    owner, given = office.actor(Role.OWNER), person()
    await staffing.invite_staff(office.session, owner, given, token=token, at=NOON)
    await office.join(token)
    again = secrets.token_urlsafe(32)
    with pytest.raises(CodeTaken):
        await staffing.invite_staff(
            office.session, owner, person(code=given.code), token=again, at=NOON
        )
    with pytest.raises(EmailTaken):
        await staffing.invite_staff(
            office.session, owner, replace(given, code="other"), token=again, at=NOON
        )


async def test_an_administrator_makes_no_owner_and_touches_none(office, token):
    admin = office.actor(Role.ADMINISTRATOR)
    boss, _ = await office.joined(Role.OWNER)
    session, at = office.session, NOON
    with pytest.raises(NotPermitted):
        await staffing.invite_staff(session, admin, person(Role.OWNER), token=token, at=at)
    for attempt in (
        staffing.deactivate_staff(session, admin, boss.id, at=at),
        staffing.open_password_reset(session, admin, boss.id, token=token, at=at),
        staffing.change_staff_rights(
            session, admin, boss.id, roles=[Role.CALLER], branch_ids=None, at=at
        ),
    ):
        with pytest.raises(NotPermitted):
            await attempt
    clerk, _ = await office.joined()
    with pytest.raises(NotPermitted):
        await staffing.change_staff_rights(
            session, admin, clerk.id, roles=[Role.OWNER], branch_ids=None, at=at
        )


async def test_nobody_changes_themselves(office, token):
    staff, owner = await office.joined(Role.OWNER)
    await office.joined(Role.OWNER)
    session, at = office.session, NOON
    for attempt in (
        staffing.deactivate_staff(session, owner, staff.id, at=at),
        staffing.open_password_reset(session, owner, staff.id, token=token, at=at),
        staffing.change_staff_rights(
            session, owner, staff.id, roles=[Role.OWNER], branch_ids=None, at=at
        ),
    ):
        with pytest.raises(OwnRights):
            await attempt


async def test_the_last_owner_stays(office):
    staff, _ = await office.joined(Role.OWNER)
    operator, session = system_actor(office.tenant_id), office.session
    with pytest.raises(LastOwner):
        await staffing.deactivate_staff(session, operator, staff.id, at=NOON)
    with pytest.raises(LastOwner):
        await staffing.change_staff_rights(
            session, operator, staff.id, roles=[Role.FINANCE], branch_ids=None, at=NOON
        )
    await office.joined(Role.OWNER)
    await staffing.deactivate_staff(session, operator, staff.id, at=NOON)
    assert not staff.is_active


async def test_rights_change_for_who_works_here_and_for_who_is_invited(office, token, branch_id):
    owner, session = office.actor(Role.OWNER), office.session
    waiting = await staffing.invite_staff(session, owner, person(), token=token, at=NOON)
    working, _ = await office.joined(Role.TECHNICIAN)
    for staff in (waiting, working):
        await staffing.change_staff_rights(
            session,
            owner,
            staff.id,
            roles=[Role.CALLER, Role.STOREKEEPER],
            branch_ids=[branch_id],
            at=NOON,
        )
        assert await office.roles_of(staff) == ("caller", "storekeeper")
        assert (await office.acts(staff))[-1] == "staff.rights_changed"
    membership = await office.join(token)
    assert (membership.roles, membership.branch_ids) == (["caller", "storekeeper"], [branch_id])


async def test_who_was_never_invited_has_no_rights_to_change(office, token):
    staff = Staff(tenant_id=office.tenant_id, id=new_id(), code="E1", name="老王")
    office.session.add(staff)
    await office.session.flush()
    owner = office.actor(Role.OWNER)
    with pytest.raises(NoAccount):
        await staffing.change_staff_rights(
            office.session, owner, staff.id, roles=[Role.CALLER], branch_ids=None, at=NOON
        )
    with pytest.raises(NoAccount):
        await staffing.open_password_reset(office.session, owner, staff.id, token=token, at=NOON)


async def test_who_works_in_some_branches_reaches_nobody_beyond_them(office, token, branch_id):
    admin = office.actor(Role.ADMINISTRATOR, branches=[branch_id])
    everywhere, _ = await office.joined()
    with pytest.raises(NotFound):
        await staffing.deactivate_staff(office.session, admin, everywhere.id, at=NOON)
    with pytest.raises(NotPermitted):
        await staffing.invite_staff(office.session, admin, person(), token=token, at=NOON)
    here, _ = await office.joined(branches=[branch_id])
    await staffing.deactivate_staff(office.session, admin, here.id, at=NOON)
    assert not here.is_active


async def test_deactivating_is_undone_with_the_same_rights(office):
    owner, session = office.actor(Role.OWNER), office.session
    staff, _ = await office.joined(Role.TECHNICIAN)
    await staffing.deactivate_staff(session, owner, staff.id, at=NOON)
    await staffing.deactivate_staff(session, owner, staff.id, at=NOON)
    await staffing.reactivate_staff(session, owner, staff.id, at=NOON)
    assert staff.is_active
    assert await office.roles_of(staff) == ("technician",)
    acts = await office.acts(staff)
    assert acts[-2:] == ["staff.deactivated", "staff.reactivated"]


async def test_who_leaves_before_joining_finds_the_link_closed(office, token):
    owner = office.actor(Role.OWNER)
    staff = await staffing.invite_staff(office.session, owner, person(), token=token, at=NOON)
    await staffing.deactivate_staff(office.session, owner, staff.id, at=NOON)
    with pytest.raises(LinkEnded):
        await office.join(token)


async def test_a_reset_sets_a_new_password_once_within_a_day(office, token):
    staff, _ = await office.joined()
    session = office.session
    await staffing.open_password_reset(
        session, office.actor(Role.OWNER), staff.id, token=token, at=NOON
    )
    with pytest.raises(LinkEnded):
        await invitations.find_reset(session, token, at=NOON + timedelta(days=1))
    hashed = await new_hash("a new password")
    account = await invitations.use_reset(session, token, password_hash=hashed, at=NOON)
    assert await matches(account.password_hash, "a new password")
    with pytest.raises(LinkEnded):
        await invitations.use_reset(session, token, password_hash="other", at=NOON)


async def test_a_second_reset_ends_the_first(office, token):
    staff, _ = await office.joined()
    owner, other = office.actor(Role.OWNER), secrets.token_urlsafe(32)
    for made in (token, other):
        await staffing.open_password_reset(office.session, owner, staff.id, token=made, at=NOON)
    with pytest.raises(LinkEnded):
        await invitations.find_reset(office.session, token, at=NOON)


async def test_no_company_resets_a_password_that_opens_another(office, token):
    staff, actor = await office.joined()
    elsewhere = Membership(
        id=new_id(),
        account_id=actor.account_id,
        tenant_id=new_id(),
        roles=["owner"],
        is_active=True,
    )
    office.session.add(elsewhere)
    await office.session.flush()
    with pytest.raises(WorksElsewhere):
        await staffing.open_password_reset(
            office.session, office.actor(Role.OWNER), staff.id, token=token, at=NOON
        )
    operator = system_actor(office.tenant_id)
    await staffing.open_password_reset(office.session, operator, staff.id, token=token, at=NOON)
    assert await invitations.find_reset(office.session, token, at=NOON)


async def test_staff_of_another_company_do_not_exist(office, token):
    staff, _ = await office.joined()
    stranger = replace(office.actor(Role.OWNER), tenant_id=new_id())
    with pytest.raises(NotFound):
        await invitations.open_reset(
            office.session, stranger, staff.account_id, token=token, at=NOON
        )
    with pytest.raises(NotFound):
        await staffing.deactivate_staff(office.session, stranger, new_id(), at=NOON)


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OWNER, Role.ADMINISTRATOR}))
async def test_only_owners_and_administrators_change_staff(office, token, role):
    clerk, staff_id = office.actor(role), new_id()
    session, at = office.session, NOON
    assert not clerk.may(Permission.MANAGE_STAFF)
    for attempt in (
        staffing.invite_staff(session, clerk, person(), token=token, at=at),
        staffing.invite_again(session, clerk, staff_id, token=token, at=at),
        staffing.withdraw_invitation(session, clerk, staff_id, at=at),
        staffing.deactivate_staff(session, clerk, staff_id, at=at),
        staffing.reactivate_staff(session, clerk, staff_id, at=at),
        staffing.open_password_reset(session, clerk, staff_id, token=token, at=at),
        staffing.change_staff_rights(
            session, clerk, staff_id, roles=[role], branch_ids=None, at=at
        ),
    ):
        with pytest.raises(NotPermitted):
            await attempt


async def test_an_email_is_found_as_it_is_signed_in_with(office, token):
    given = replace(person(), email=" Wang@Example.TEST ")
    await staffing.invite_staff(
        office.session, office.actor(Role.OWNER), given, token=token, at=NOON
    )
    await office.join(token)
    assert await find_account(office.session, "wang@example.test")
