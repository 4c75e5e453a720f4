"""Staff over GraphQL: one transaction for accounts and the company's rows, idempotent, effective at once."""

import secrets
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.api.errors import Unauthenticated
from serviceco.api.plan.pool import ReadPool
from serviceco.api.schema import service_schema
from serviceco.api.service import Api
from serviceco.core.actor import Actor
from serviceco.edge.actors import actor_of_sign_in
from serviceco.edge.invitations import Invitations
from serviceco.identity.queries import find_account, find_live_sign_in
from serviceco.identity.rules import token_hash
from serviceco.identity.sign_ins import open_sign_in, prove
from serviceco.identity.words import (
    LinkEnded,
    TooManyAttempts,
    WeakPassword,
    WrongCredentials,
)
from serviceco.storage.unit_of_work import global_work
from serviceco.tenancy.words import Role
from tests.identity.people import PASSWORD, person

INVITE = """mutation ($key: String!, $person: NewColleague!, $token: String!) {
    inviteStaff(idempotencyKey: $key, person: $person, token: $token) {
        ... on Staff { id code isActive } ... on Refusal { code field } } }"""
CHANGE = """mutation ($key: String!, $id: UUID!, $roles: [Role!]!) {
    changeStaffRights(idempotencyKey: $key, staffId: $id, roles: $roles) {
        ... on Staff { code } ... on Refusal { code } } }"""
DEACTIVATE = """mutation ($key: String!, $id: UUID!) {
    deactivateStaff(idempotencyKey: $key, staffId: $id) {
        ... on Staff { isActive } ... on Refusal { code } } }"""
RESET = """mutation ($key: String!, $id: UUID!, $token: String!) {
    openPasswordReset(idempotencyKey: $key, staffId: $id, token: $token) {
        ... on Staff { code } ... on Refusal { code } } }"""
PEOPLE = (
    "{ colleagues { staffId code email roles hasJoined invitedUntil mayChange lastSignedInAt } }"
)
LOG = "query ($id: UUID!) { staffLog(staffId: $id) { act actorName detail } }"
ME = "{ viewer { roles } }"


class Desk:
    """A company's owner at the API, and the door for those who are invited."""

    def __init__(self, api: Api, auth_engine: AsyncEngine, owner: Actor) -> None:
        self.api = api
        self.auth_engine = auth_engine
        self.owner = owner
        self.door = Invitations(auth_engine)

    async def ask(self, document: str, actor: Actor | None = None, **variables: Any) -> Any:
        """The one field of the answer."""
        answer = await self.api.execute(actor or self.owner, document, variables)
        assert "errors" not in answer, answer
        return next(iter(answer["data"].values()))

    async def invite(self, **changes: Any) -> tuple[str, str, Any]:
        """The e-mail and token of an invitation, and what the mutation said."""
        token, mark = secrets.token_urlsafe(32), secrets.token_hex(6)
        someone = {"code": mark, "name": "李工", "email": f"{mark}@x.test", "roles": ["CALLER"]}
        variables: dict[str, Any] = {"key": mark, "person": someone | changes, "token": token}
        return f"{mark}@x.test", token, await self.ask(INVITE, **variables)

    async def joined(self) -> tuple[UUID, str, Actor]:
        """Somebody who was invited, came, and signed in."""
        email, token, made = await self.invite()
        await self.door.accept(token, name="李", language="en", password=PASSWORD, address="::1")
        return UUID(made["id"]), email, await signed_in(self.auth_engine, email)


async def signed_in(auth_engine: AsyncEngine, email: str, password: str = PASSWORD) -> Actor:
    at = datetime.now(UTC)
    async with global_work(auth_engine) as session:
        account = await prove(await find_account(session, email), password)
        token, _ = await open_sign_in(session, account, address="", agent="", at=at)
        live = await find_live_sign_in(session, token_hash(token), at=at)
    assert live is not None
    return actor_of_sign_in(live)


@pytest.fixture
async def desk(
    owner_url: str, engine: AsyncEngine, auth_engine: AsyncEngine, pool: ReadPool, tenant_id: UUID
) -> Desk:
    api = Api(service_schema(), engine=engine, auth_engine=auth_engine, pool=pool)
    boss = await person(auth_engine, tenant_id, roles=(Role.OWNER,))
    return Desk(api, auth_engine, await signed_in(auth_engine, boss.email))


async def test_who_is_invited_chooses_name_language_and_password_and_signs_in(desk):
    email, token, made = await desk.invite()
    assert (await desk.door.find(token))["home"] == "Test company"
    await desk.door.accept(token, name="李雷", language="zh-Hant", password=PASSWORD, address="::1")
    clerk = await signed_in(desk.auth_engine, email)
    assert (clerk.name, clerk.language) == ("李雷", "zh-Hant")
    assert clerk.roles == {"caller"}
    (row,) = await desk.ask(PEOPLE)
    assert (row["staffId"], row["hasJoined"], row["roles"]) == (made["id"], True, ["CALLER"])
    assert row["lastSignedInAt"]
    log = await desk.ask(LOG, id=made["id"])
    assert [entry["act"] for entry in log] == ["staff.joined", "staff.invited"]
    assert email not in str(log)


async def test_a_repeated_invitation_is_one(desk):
    token, someone = secrets.token_urlsafe(32), {"code": "E7", "name": "李", "email": "e7@x.test"}
    asked = {"key": "once", "person": someone | {"roles": ["CALLER"]}, "token": token}
    assert await desk.ask(INVITE, **asked) == await desk.ask(INVITE, **asked)
    assert len(await desk.ask(PEOPLE)) == 1
    refused = await desk.ask(INVITE, **asked | {"key": "twice"})
    assert refused == {"code": "CODE_TAKEN", "field": "code"}


async def test_a_refused_invitation_leaves_nothing_behind(desk):
    _, _, refused = await desk.invite(email="no address")
    assert refused == {"code": "INVALID_EMAIL", "field": "email"}
    assert await desk.ask(PEOPLE) == []


async def test_a_deactivated_person_is_out_at_the_next_request(desk):
    staff_id, email, clerk = await desk.joined()
    assert await desk.ask(ME, clerk) == {"roles": ["caller"]}
    assert await desk.ask(DEACTIVATE, key="k", id=str(staff_id)) == {"isActive": False}
    with pytest.raises(Unauthenticated):
        await desk.ask(ME, clerk)
    with pytest.raises(Exception, match="belongs to no company"):
        await signed_in(desk.auth_engine, email)


async def test_lost_roles_end_the_sign_in_and_the_next_one_has_the_new(desk):
    staff_id, email, clerk = await desk.joined()
    await desk.ask(CHANGE, key="k", id=str(staff_id), roles=["TECHNICIAN", "CALLER"])
    with pytest.raises(Unauthenticated):
        await desk.ask(ME, clerk)
    assert (await signed_in(desk.auth_engine, email)).roles == {"technician", "caller"}


async def test_a_reset_ends_every_sign_in_and_the_old_password(desk):
    staff_id, email, clerk = await desk.joined()
    token = secrets.token_urlsafe(32)
    await desk.ask(RESET, key="k", id=str(staff_id), token=token)
    assert await desk.ask(ME, clerk)
    with pytest.raises(WeakPassword):
        await desk.door.reset(token, password="short")
    assert await desk.door.find_reset(token) == email
    await desk.door.reset(token, password="quite another")
    with pytest.raises(Unauthenticated):
        await desk.ask(ME, clerk)
    with pytest.raises(WrongCredentials):
        await signed_in(desk.auth_engine, email)
    assert await signed_in(desk.auth_engine, email, "quite another")
    with pytest.raises(LinkEnded):
        await desk.door.reset(token, password="once more please")


async def test_somebody_of_another_company_joins_by_their_own_password(desk, tenant_id):
    elsewhere = await person(desk.auth_engine, UUID(int=7))
    _, token, _ = await desk.invite(email=elsewhere.email)
    assert (await desk.door.find(token))["has_account"]
    asked = {"name": "", "language": "en", "address": "::2"}
    with pytest.raises(WrongCredentials):
        await desk.door.accept(token, password="a guess", **asked)
    await desk.door.accept(token, password=PASSWORD, **asked)
    (row,) = await desk.ask(PEOPLE)
    assert (row["email"], row["hasJoined"]) == (elsewhere.email, True)


async def test_a_link_is_no_way_to_guess_a_password(desk):
    elsewhere = await person(desk.auth_engine, UUID(int=7))
    _, token, _ = await desk.invite(email=elsewhere.email)
    for _ in range(5):
        with pytest.raises(WrongCredentials):
            await desk.door.accept(token, name="", language="en", password="x", address="::3")
    with pytest.raises(TooManyAttempts):
        await desk.door.accept(token, name="", language="en", password=PASSWORD, address="::3")


async def test_a_clerk_is_shown_nobodys_rights(desk):
    _, _, clerk = await desk.joined()
    answer = await desk.api.execute(clerk, PEOPLE)
    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
