"""Passkeys in a real Chromium with a virtual authenticator, against the whole served application."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import CDPSession, Page

from serviceco.demo.companies import PASSWORD
from tests.browser.live import Live

WHO = "tech.hz01"


@dataclass
class Keyholder:
    """A page with an authenticator plugged in; passkeys belong to a name, so the host is localhost."""

    page: Page
    cdp: CDPSession
    authenticator: str
    url: str

    async def sign_in(self, who: str = WHO) -> None:
        await self.page.goto(f"{self.url}/sign-in")
        await self.page.fill("#f-email", f"{who}@qinghe.example")
        await self.page.fill("#f-password", PASSWORD)
        await self.page.click("button[data-primary]")
        await self.page.wait_for_url(lambda url: not url.endswith("/sign-in"))

    async def sign_out(self) -> None:
        await self.page.context.clear_cookies(name="serviceco")

    async def add(self, name: str) -> None:
        await self.page.goto(f"{self.url}/me/security")
        await self.page.fill("#f-passkey_password", PASSWORD)
        await self.page.fill("#f-passkey_name", name)
        await self.page.click("#new-passkey [data-make]")
        await self.page.wait_for_selector(f"#passkey-table >> text={name}")

    async def credentials(self) -> list[dict[str, Any]]:
        asked = {"authenticatorId": self.authenticator}
        found = await self.cdp.send("WebAuthn.getCredentials", asked)
        credentials: list[dict[str, Any]] = found["credentials"]
        return credentials


@pytest.fixture
async def keyholder(live: Live) -> AsyncIterator[Keyholder]:
    url = live.url.replace("127.0.0.1", "localhost")
    context = await live.browser.new_context()
    await context.add_cookies([{"name": "language", "value": "en", "url": url}])
    page = await context.new_page()
    page.on("pageerror", lambda fault: live.faults.append(str(fault)))
    page.on("console", lambda line: live._note(line.text))
    cdp = await context.new_cdp_session(page)
    await cdp.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    made = await cdp.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield Keyholder(page, cdp, made["authenticatorId"], url)
    await context.close()


async def test_a_passkey_is_added_signs_in_without_a_password_and_is_removed(
    keyholder: Keyholder,
) -> None:
    page = keyholder.page
    await keyholder.sign_in("desk.hz01")
    await keyholder.add("Counter PC")
    [credential] = await keyholder.credentials()
    assert credential["isResidentCredential"]

    await keyholder.sign_out()
    await page.goto(f"{keyholder.url}/sign-in?next=/me/sign-ins")
    await page.click("form[data-passkey] button")
    await page.wait_for_url("**/me/sign-ins")
    assert "Passkey" in await page.inner_text("#sign-ins tr:has-text('this one')")
    [used] = await keyholder.credentials()
    assert used["signCount"] > credential["signCount"]

    await page.goto(f"{keyholder.url}/me/security")
    await page.fill("#f-passkey_password", PASSWORD)
    await page.click("#passkey-table button")
    await page.wait_for_selector("[data-toast]")
    await keyholder.sign_out()
    await page.goto(f"{keyholder.url}/sign-in")
    await page.click("form[data-passkey] button")
    await page.wait_for_selector("#summary >> text=not accepted")


async def test_a_passkey_is_a_second_factor_and_a_copied_one_is_refused(
    keyholder: Keyholder,
) -> None:
    page = keyholder.page
    await keyholder.sign_in()
    await keyholder.add("Bench")
    await keyholder.sign_out()
    await keyholder.sign_in()
    assert page.url.endswith("/sign-in/second-step")
    assert await page.locator("#f-code").count() == 0
    await page.click("form[data-passkey] button")
    await page.wait_for_url(re.compile(r"/b/"))

    [credential] = await keyholder.credentials()
    await keyholder.sign_out()
    copied = {**credential, "signCount": 1}
    asked = {"authenticatorId": keyholder.authenticator}
    await keyholder.cdp.send("WebAuthn.clearCredentials", asked)
    await keyholder.cdp.send("WebAuthn.addCredential", {**asked, "credential": copied})
    await keyholder.sign_in()
    await page.click("form[data-passkey] button")
    await page.wait_for_selector("#summary >> text=not accepted")


async def test_without_verifying_the_person_a_passkey_is_nothing(keyholder: Keyholder) -> None:
    page = keyholder.page
    await keyholder.sign_in("tech2.hz01")
    asked = {"authenticatorId": keyholder.authenticator, "isUserVerified": False}
    await keyholder.cdp.send("WebAuthn.setUserVerified", asked)
    await page.goto(f"{keyholder.url}/me/security")
    await page.fill("#f-passkey_password", PASSWORD)
    await page.click("#new-passkey [data-make]")
    await page.wait_for_selector("[data-fault]:not([hidden])")
    assert await keyholder.credentials() == []


async def test_a_wrong_password_adds_no_passkey(keyholder: Keyholder) -> None:
    page = keyholder.page
    await keyholder.sign_in("qc.hz01")
    await page.goto(f"{keyholder.url}/me/security")
    await page.fill("#f-passkey_password", "wrong horse")
    await page.click("#new-passkey [data-make]")
    fault = await page.wait_for_selector("[data-fault]:not([hidden])")
    assert fault
    assert "wrong" in await fault.inner_text()
    assert await keyholder.credentials() == []
