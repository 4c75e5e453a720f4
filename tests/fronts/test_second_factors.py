"""Signing in with a second factor, and what a person keeps of their own, over HTTP."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pyotp
import pytest

from serviceco.identity.factors import require_factor
from serviceco.identity.rules import FREE_CODES
from serviceco.settings import Environment
from serviceco.storage.unit_of_work import global_work
from serviceco.tenancy.rules import system_actor
from tests.fronts.application import served
from tests.fronts.visitor import Visitor, elsewhere, next_code
from tests.identity.people import PASSWORD, person

NEW_PASSWORD = "battery staple"


@pytest.fixture
async def visitor(owner_url: str, tmp_path: Path) -> AsyncIterator[Visitor]:
    async with served(owner_url, Environment.PRODUCTION, tmp_path) as client:
        yield Visitor(client)


@pytest.fixture
async def somebody(auth_engine, tenant_id):
    return await person(auth_engine, tenant_id)


async def test_with_an_app_a_password_alone_opens_nothing(visitor, somebody):
    await visitor.sign_in(somebody.email)
    app, _ = await visitor.set_up_app()
    other = elsewhere(visitor)
    answer = await other.sign_in(somebody.email)
    assert answer.headers["location"] == "/sign-in/second-step"
    assert "__Host-serviceco" not in other.client.cookies
    assert not await other.is_signed_in()
    await other.get("/sign-in/second-step")
    answer = await other.send("/sign-in/second-step", code=next_code(app))
    assert answer.status_code == 303
    assert await other.is_signed_in()


async def test_a_code_is_taken_once(visitor, somebody):
    await visitor.sign_in(somebody.email)
    app, _ = await visitor.set_up_app()
    code = next_code(app)
    for other, is_let_in in ((elsewhere(visitor), True), (elsewhere(visitor), False)):
        await other.sign_in(somebody.email)
        await other.post("/sign-in/second-step", "/sign-in/second-step", code=code)
        assert await other.is_signed_in() is is_let_in


async def test_a_recovery_code_lets_in_once(visitor, somebody):
    await visitor.sign_in(somebody.email)
    _, codes = await visitor.set_up_app()
    assert len(set(codes)) == 10
    for other, is_let_in in ((elsewhere(visitor), True), (elsewhere(visitor), False)):
        await other.sign_in(somebody.email)
        typed = codes[3].lower().replace("-", " ")
        await other.post("/sign-in/second-step", "/sign-in/second-step", code=typed)
        assert await other.is_signed_in() is is_let_in
    await visitor.get("/me/security")
    assert visitor.says("9 recovery codes left")


async def test_guesses_at_a_code_are_slowed(visitor, somebody):
    await visitor.sign_in(somebody.email)
    app, _ = await visitor.set_up_app()
    other = elsewhere(visitor)
    await other.sign_in(somebody.email)
    await other.get("/sign-in/second-step")
    for _ in range(FREE_CODES):
        answer = await other.send("/sign-in/second-step", code="000000")
        assert answer.status_code == 422
    answer = await other.send("/sign-in/second-step", code=next_code(app))
    assert answer.status_code == 422
    assert other.says("Too many attempts")
    assert not await other.is_signed_in()


async def test_the_second_step_belongs_to_the_browser_that_showed_the_password(visitor, somebody):
    await visitor.sign_in(somebody.email)
    app, _ = await visitor.set_up_app()
    other, stranger = elsewhere(visitor), elsewhere(visitor)
    await other.sign_in(somebody.email)
    await stranger.get("/sign-in")
    answer = await stranger.send("/sign-in/second-step", code=next_code(app))
    assert answer.status_code == 422
    assert not await stranger.is_signed_in()


async def test_a_changed_password_undoes_a_sign_in_under_way(visitor, somebody):
    await visitor.sign_in(somebody.email)
    app, _ = await visitor.set_up_app()
    other = elsewhere(visitor)
    await other.sign_in(somebody.email)
    await other.get("/sign-in/second-step")
    form = {"current": PASSWORD, "password": NEW_PASSWORD}
    await visitor.post("/me/security/password", "/me/security", **form)
    await other.send("/sign-in/second-step", code=next_code(app))
    assert not await other.is_signed_in()


async def test_each_step_up_has_a_token_of_its_own(visitor, somebody):
    await visitor.sign_in(somebody.email)
    tokens = [visitor.client.cookies["__Host-serviceco"]]
    await visitor.set_up_app()
    tokens.append(visitor.client.cookies["__Host-serviceco"])
    form = {"current": PASSWORD, "password": NEW_PASSWORD}
    await visitor.post("/me/security/password", "/me/security", **form)
    tokens.append(visitor.client.cookies["__Host-serviceco"])
    assert len(set(tokens)) == 3
    for token in tokens[:2]:
        old = elsewhere(visitor)
        old.client.cookies.set("__Host-serviceco", token)
        assert not await old.is_signed_in()
    assert await visitor.is_signed_in()


async def test_a_company_asks_its_roles_for_a_second_factor(
    visitor, somebody, auth_engine, tenant_id
):
    await visitor.sign_in(somebody.email)
    async with global_work(auth_engine) as session:
        await require_factor(session, system_actor(tenant_id), ["front_desk"], at=datetime.now(UTC))
    assert not await visitor.is_signed_in()
    answer = await visitor.sign_in(somebody.email)
    assert answer.headers["location"] == "/sign-in/second-step"
    assert not await visitor.is_signed_in()
    await visitor.get("/sign-in/second-step")
    app = pyotp.TOTP(visitor.secret())
    await visitor.send("/sign-in/second-step", code="000000")
    assert not await visitor.is_signed_in()
    answer = await visitor.send("/sign-in/second-step", code=app.now())
    assert answer.status_code == 200
    assert len(visitor.codes()) == 10
    assert await visitor.is_signed_in()


async def test_sign_ins_are_listed_and_ended_elsewhere(visitor, somebody):
    other, third = elsewhere(visitor), elsewhere(visitor)
    for browser, agent in ((visitor, "Firefox/1 Linux"), (other, "Chrome/1 Windows"), (third, "x")):
        browser.client.headers["user-agent"] = agent
        await browser.sign_in(somebody.email)
        assert await browser.is_signed_in()
    await visitor.get("/me/sign-ins")
    assert visitor.says("3 sign-ins")
    assert visitor.says("Firefox · Linux")
    assert visitor.says("Chrome · Windows")
    assert visitor.page.count("this one") == 1
    latest_first = re.findall(r'action="(/me/sign-ins/[0-9a-f-]{36}/end)"', visitor.page)
    assert len(latest_first) == 2
    assert (await visitor.send(latest_first[0])).status_code == 303
    assert [await one.is_signed_in() for one in (visitor, other, third)] == [True, True, False]
    await visitor.post("/me/sign-ins/others/end", "/me/sign-ins")
    assert [await one.is_signed_in() for one in (visitor, other)] == [True, False]


async def test_nobody_ends_the_sign_in_of_somebody_else(visitor, somebody, auth_engine, tenant_id):
    stranger = await person(auth_engine, tenant_id)
    other = elsewhere(visitor)
    await visitor.sign_in(somebody.email)
    await other.sign_in(stranger.email)
    await elsewhere(visitor).sign_in(somebody.email)
    await visitor.get("/me/sign-ins")
    [path] = re.findall(r'action="(/me/sign-ins/[0-9a-f-]{36}/end)"', visitor.page)
    assert (await other.post(path, "/me/sign-ins")).status_code == 404


@pytest.mark.parametrize("path", ["app", "app/removal", "recovery-codes", "passkeys/challenge"])
async def test_what_protects_the_account_is_changed_by_who_knows_the_password(
    visitor, somebody, path
):
    await visitor.sign_in(somebody.email)
    wrong = {"app_password": "wrong horse", "passkey_password": "wrong horse"}
    answer = await visitor.post(f"/me/security/{path}", "/me/security", **wrong)
    assert answer.status_code == 422
    assert "set-cookie" not in answer.headers


async def test_a_removed_app_asks_for_no_code(visitor, somebody):
    await visitor.sign_in(somebody.email)
    await visitor.set_up_app()
    await visitor.post("/me/security/app/removal", "/me/security", app_password=PASSWORD)
    other = elsewhere(visitor)
    await other.sign_in(somebody.email)
    assert await other.is_signed_in()
