"""Support comes by a one-use link, looks for half an hour, and stands in the company's list."""

import re
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import sqlalchemy as sa

from serviceco.core.ids import new_id
from serviceco.identity.rules import token_hash
from serviceco.identity.support import (
    SESSION_LASTS,
    begin_session,
    end_supporter,
    find_live_support,
    grant_supporter,
    open_session,
)
from serviceco.identity.tables import SupportSession
from serviceco.privacy.support import find_consent
from serviceco.storage.unit_of_work import global_work
from serviceco.tenancy.words import Role
from tests.fronts.shopfront import Shopfront, send


async def opened(front: Shopfront, *, ticket: str = "", email: str = "") -> str:
    """Open a session as the command line does, and return the path of its link."""
    at = datetime.now(UTC)
    async with front.at_work() as shop:
        consent = await find_consent(shop.session, at=at)
    async with global_work(front.auth_engine) as session:
        supporter = await grant_supporter(
            session,
            email or f"s-{new_id().hex}@example.test",
            name="Sam 支持",
            language="zh-Hans",
            at=at,
        )
        token = await open_session(
            session,
            supporter,
            front.shop.make.tenant_id,
            consent_id=consent.id if consent else None,
            consented_by=consent.granted_by_name if consent else "",
            ticket=ticket,
            at=at,
        )
    return f"/support/begin/{token}"


async def begun(front: Shopfront, link: str) -> httpx.AsyncClient:
    browser = front.visitor()
    answer = await send(browser, link, link, {})
    assert answer.status_code == 303, answer.text
    return browser


async def test_support_looks_by_a_ticket_under_a_banner_and_stands_in_the_list(front: Shopfront):
    order = await front.received()
    browser = await begun(front, await opened(front, ticket="T-4711"))
    page = (await browser.get("/support")).text
    assert "Sam 支持 正在 Test company 进行支持会话" in page
    assert order.number in page
    shown = (await browser.get(f"/support/orders/{order.number}")).text
    assert "陈*明" in shown
    assert "138****5678" in shown
    assert "陈晓明" not in shown
    assert "受理" in shown.partition('id="log"')[2]
    assert "repair.received" not in shown
    owner = await front.signed_in(Role.OWNER)
    audit = (await owner.get("/admin/audit")).text
    assert "Sam 支持" in audit
    assert "T-4711" in audit


async def test_the_owner_lets_support_in_and_puts_it_out(front: Shopfront):
    await front.received()
    owner = await front.signed_in(Role.OWNER)
    answer = await send(owner, "/admin/support", "/admin/support", {"hours": "4"})
    assert answer.status_code == 303
    browser = await begun(front, await opened(front))
    assert (await browser.get("/support")).status_code == 200

    page = (await owner.get("/admin/support")).text
    withdrawal = re.search(r'action="(/admin/support/[^"]+/withdrawal)"', page)
    assert withdrawal
    await send(owner, "/admin/support", withdrawal[1], {})

    out = await browser.get("/support")
    assert out.headers["location"].startswith("/sign-in")
    audit = (await owner.get("/admin/audit")).text
    for act in ("允许技术支持", "停止技术支持", "技术支持访问"):
        assert act in audit
    assert "批准人：王芳" in audit


async def test_a_link_works_once(front: Shopfront):
    link = await opened(front, ticket="T-1")
    await begun(front, link)
    again = await send(front.visitor(), link, link, {})
    assert again.status_code == 403
    assert "此链接已使用" in again.text


async def test_without_consent_or_ticket_nothing_begins(front: Shopfront):
    link = await opened(front)
    answer = await send(front.visitor(), link, link, {})
    assert answer.status_code == 403
    async with global_work(front.auth_engine) as session:
        used = await session.scalar(
            sa.select(SupportSession.begun_at).where(
                SupportSession.opening_hash == token_hash(link.rpartition("/")[2])
            )
        )
    assert used is None


@pytest.mark.parametrize(
    "path", ["/hq/claims", "/hq/performance", "/admin", "/admin/privacy", "/admin/audit",
             "/admin/support", "/orders", "/orders.csv", "/hq/performance.csv", "/admin/audit.csv", "/me/security"]
)  # fmt: skip
async def test_no_page_of_the_company_opens(front: Shopfront, path: str):
    browser = await begun(front, await opened(front, ticket="T-1"))
    assert (await browser.get(path)).status_code in {403, 404}


async def test_staff_do_not_see_the_pages_of_support(front: Shopfront):
    clerk = await front.signed_in(Role.FRONT_DESK)
    assert (await clerk.get("/support")).status_code == 403


async def test_a_session_ends_by_itself_and_by_its_button(front: Shopfront, auth_engine):
    at = datetime.now(UTC)
    async with global_work(auth_engine) as session:
        supporter = await grant_supporter(
            session, f"s-{new_id().hex}@example.test", name="Sam", language="en", at=at
        )
        opening = await open_session(
            session, supporter, front.shop.make.tenant_id,
            consent_id=None, consented_by="", ticket="T", at=at,
        )  # fmt: skip
        token, _, _ = await begin_session(session, opening, at=at)
        lives = [
            await find_live_support(session, token_hash(token), at=at + after)
            for after in (timedelta(0), SESSION_LASTS - timedelta(seconds=1), SESSION_LASTS)
        ]
    assert [live is not None for live in lives] == [True, True, False]
    browser = await begun(front, await opened(front, ticket="T-2"))
    await send(browser, "/support", "/support/end", {})
    assert (await browser.get("/support")).headers["location"].startswith("/sign-in")


async def test_who_is_taken_off_support_is_out(front: Shopfront, auth_engine):
    email = f"s-{new_id().hex}@example.test"
    browser = await begun(front, await opened(front, ticket="T-1", email=email))
    async with global_work(auth_engine) as session:
        await end_supporter(session, email, at=datetime.now(UTC))
    assert (await browser.get("/support")).headers["location"].startswith("/sign-in")
