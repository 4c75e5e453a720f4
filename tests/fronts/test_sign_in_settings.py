"""The administrator's page of sign-in, and resetting a colleague's second factor, over HTTP."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from serviceco.core.ids import new_id
from serviceco.evidence.tables import Event
from serviceco.identity.provider_tables import IdentityProvider
from serviceco.settings import Environment
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.tables import Staff
from serviceco.tenancy.words import Role
from tests.factories import tenant_row
from tests.fronts.application import served
from tests.fronts.forger import Forger, forging
from tests.fronts.visitor import Visitor, elsewhere
from tests.identity.people import Person, person


@pytest.fixture
async def forger() -> AsyncIterator[Forger]:
    async with forging() as forger:
        yield forger


@pytest.fixture
async def admin(auth_engine, tenant_id) -> Person:
    return await person(auth_engine, tenant_id, roles=(Role.ADMINISTRATOR,))


@pytest.fixture
async def visitor(owner_url: str, tmp_path: Path, admin) -> AsyncIterator[Visitor]:
    async with served(owner_url, Environment.DEVELOPMENT, tmp_path) as client:
        visitor = Visitor(client)
        await visitor.sign_in(admin.email)
        yield visitor


def terms(forger: Forger, **changed: str) -> dict[str, str]:
    given = {
        "name": "Entry",
        "issuer": forger.issuer,
        "client_id": "serviceco",
        "client_secret": "hush hush",
        "domains": "shop.example, shop2.example",
        "admission": "rule",
        "group_claim": "groups",
        "group_1": "desk",
        "role_1": "front_desk",
        "default_role": "",
    }
    return given | changed


async def add(visitor: Visitor, forger: Forger, **changed: str) -> httpx.Response:
    return await visitor.post("/admin/sign-in", "/admin/sign-in/new", **terms(forger, **changed))


async def kept(auth_engine, tenant_id) -> list[IdentityProvider]:
    async with global_work(auth_engine) as session:
        wanted = select(IdentityProvider).where(IdentityProvider.tenant_id == tenant_id)
        return list(await session.scalars(wanted))


async def test_a_provider_is_added_shown_without_its_secret_and_changed(
    visitor, forger, auth_engine, tenant_id
):
    added = await add(visitor, forger)
    assert added.status_code == 303, added.text
    page = added.headers["location"]
    await visitor.get(page)
    assert visitor.says(f"http://serviceco.test/sign-in/with/{page.rpartition('/')[2]}/return")
    assert visitor.says("has not confirmed shop.example yet")
    assert not visitor.says("hush")
    changed = terms(forger, name="Door", client_secret="", is_active="yes", role_1="technician")
    assert (await visitor.send(page, **changed)).status_code == 303
    await visitor.get("/admin/sign-in")
    assert visitor.says("Door")
    assert visitor.says("1 sign-in service")
    [provider] = await kept(auth_engine, tenant_id)
    assert provider.client_secret is not None
    assert [rule["role"] for rule in provider.group_rules] == ["technician"]


async def test_a_secret_stays_with_its_issuer(visitor, forger, auth_engine, tenant_id):
    page = (await add(visitor, forger)).headers["location"]
    async with forging() as other:
        changed = terms(other, client_secret="", is_active="yes")
        assert (await visitor.post(page, page, **changed)).status_code == 303
    [provider] = await kept(auth_engine, tenant_id)
    assert provider.client_secret is None


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": ""}, "not of the form"),
        ({"issuer": "ftp://id.example"}, "not of the form"),
        ({"issuer": "http://127.0.0.1:1"}, "does not answer"),
        ({"domains": "no domain!"}, "not of the form"),
        ({"role_1": "king"}, "not of the form"),
        ({"role_1": "owner"}, "does not allow"),
        ({"branch_1": "018f0000-0000-7000-8000-00000000000a"}, "not found"),
    ],
    ids=str,
)
async def test_what_is_no_provider_or_too_much_is_refused_and_nothing_kept(
    visitor, forger, auth_engine, tenant_id, changed, sentence
):
    answer = await add(visitor, forger, **changed)
    assert answer.status_code == 422
    assert sentence in answer.text.lower()
    assert await kept(auth_engine, tenant_id) == []


async def test_a_provider_switched_off_ends_what_came_through_it(visitor, forger):
    page = (await add(visitor, forger)).headers["location"]
    door = f"/sign-in/with/{page.rpartition('/')[2]}/go"
    other = elsewhere(visitor)
    assert (await other.get(door)).status_code == 303
    await visitor.post(page, page, **terms(forger, is_active="no"))
    assert (await other.get(door)).status_code == 422


async def test_only_who_manages_the_company_sees_and_changes_it(
    visitor, forger, auth_engine, tenant_id
):
    page = (await add(visitor, forger)).headers["location"]
    clerk, other = await person(auth_engine, tenant_id), elsewhere(visitor)
    await other.sign_in(clerk.email)
    for path in ("/admin/sign-in", "/admin/sign-in/new", page):
        assert (await other.get(path)).status_code == 403
    for path in ("/admin/sign-in/second-factor", page):
        assert (await other.post(path, "/me/security", **terms(forger))).status_code == 403
    [provider] = await kept(auth_engine, tenant_id)
    assert provider.name == "Entry"


async def test_another_company_sees_no_provider_of_this_one(
    visitor, forger, auth_engine, admin_engine
):
    page = (await add(visitor, forger)).headers["location"]
    stranger = new_id()
    async with global_work(admin_engine) as session:
        session.add(tenant_row(stranger))
    theirs = await person(auth_engine, stranger, roles=(Role.ADMINISTRATOR,))
    other = elsewhere(visitor)
    await other.sign_in(theirs.email)
    assert (await other.get(page)).status_code == 404
    answer = await other.post(page, "/admin/sign-in", **terms(forger))
    assert answer.status_code == 404


async def test_a_second_factor_is_asked_of_the_ticked_roles(visitor, auth_engine, tenant_id):
    clerk, other = await person(auth_engine, tenant_id), elsewhere(visitor)
    await other.sign_in(clerk.email)
    fields = {"factor_roles": "FRONT_DESK".lower()}
    await visitor.post("/admin/sign-in/second-factor", "/admin/sign-in", **fields)
    await visitor.get("/admin/sign-in")
    assert re.search(r'value="front_desk" checked', visitor.page)
    assert await visitor.is_signed_in()
    assert not await other.is_signed_in()
    answer = await other.sign_in(clerk.email)
    assert answer.headers["location"] == "/sign-in/second-step"


async def test_a_lost_second_factor_is_reset_by_an_administrator_and_recorded(
    visitor, auth_engine, engine, tenant_id
):
    clerk, other = await person(auth_engine, tenant_id), elsewhere(visitor)
    async with unit_of_work(engine, tenant_id) as session:
        staff = Staff(
            tenant_id=tenant_id,
            id=clerk.account.id,
            code="c1",
            name="Clerk",
            account_id=clerk.account.id,
        )
        session.add(staff)
    async with global_work(auth_engine) as session:
        membership = await session.get_one(type(clerk.membership), clerk.membership.id)
        membership.staff_id = staff.id
    await other.sign_in(clerk.email)
    await other.set_up_app()
    page = f"/admin/staff/{staff.id}"
    answer = await visitor.post(f"{page}/second-factor", page, _idem="reset-one")
    assert answer.status_code == 303, answer.text
    assert not await other.is_signed_in()
    await other.sign_in(clerk.email)
    assert await other.is_signed_in()
    async with unit_of_work(engine, tenant_id) as session:
        acts = await session.scalars(
            select(Event.act).where(Event.tenant_id == tenant_id, Event.subject_id == staff.id)
        )
    assert "staff.second_factor_reset" in set(acts)
