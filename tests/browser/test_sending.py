"""Sending forms: nothing typed is lost, nothing counts twice, and no script is needed."""

from urllib.parse import parse_qs

from playwright.async_api import Route, expect

from tests.browser.conftest import PageAt
from tests.web.house import PASSWORD, House


async def test_a_failed_send_is_repeated_as_the_same_request(page_at: PageAt) -> None:
    page = await page_at("/_gallery", signed_in=True)
    keys: list[str] = []

    async def cut_twice(route: Route) -> None:
        if route.request.method != "POST":
            return await route.continue_()
        keys.append(parse_qs(route.request.post_data or "")["_idem"][0])
        return await (route.abort() if len(keys) == 1 else route.continue_())

    await page.route("**/_gallery", cut_twice)
    await page.locator("#f-bought").fill("20260302")
    await page.locator("main [data-primary]").click()
    await page.get_by_text("重试中").wait_for()
    await page.locator("[data-toast]").wait_for()
    assert len(keys) == 2
    assert keys[0] == keys[1]


async def test_a_double_click_sends_once(page_at: PageAt) -> None:
    page = await page_at("/_gallery", signed_in=True)
    posts: list[str] = []
    page.on("request", lambda sent: posts.append(sent.url) if sent.method == "POST" else None)
    await page.locator("#f-bought").fill("3/2")
    await page.locator("main [data-primary]").dblclick()
    await page.locator("[data-toast]").wait_for()
    assert len(posts) == 1


async def test_faults_take_the_focus_and_keep_what_was_typed(page_at: PageAt) -> None:
    page = await page_at("/_gallery", signed_in=True)
    await page.locator("#f-note").fill("水渍")
    await page.keyboard.press("Control+Enter")
    await page.locator("#summary").wait_for()
    assert await page.evaluate("document.activeElement.id") == "summary"
    assert (await page.title()).startswith("错误：")
    assert await page.locator("#f-note").input_value() == "水渍"
    await page.locator("#summary a").click()
    assert await page.evaluate("document.activeElement.id") == "f-bought"
    await page.locator("#f-bought").fill("20260302")
    await page.keyboard.press("Control+Enter")
    await page.locator("[data-toast]").wait_for()


async def test_an_ended_sign_in_is_asked_for_over_the_page(page_at: PageAt, house: House) -> None:
    page = await page_at("/me", signed_in=True)
    await page.evaluate("document.querySelector('form[action=\"/me/branch\"]')?.remove()")
    await page.evaluate("""() => {
        const form = document.createElement("form");
        form.method = "post";
        form.action = "/me/branch";
        form.dataset.send = "";
        form.innerHTML = '<input name="_csrf"><input name="branch" value="sh01"><button data-primary>go</button>';
        document.getElementById("main").append(form);
    }""")
    house.actors = {}
    await page.locator("main [data-primary]").click()
    await page.locator("#relogin #f-email").fill("wang@example.com")
    await page.locator("#relogin #f-password").fill(PASSWORD)
    await page.locator("#relogin [data-primary]").click()
    await page.wait_for_url("**/b/sh01/intake")


async def test_everything_works_without_scripts(page_at: PageAt) -> None:
    page = await page_at("/_gallery", scripts=False)
    await page.locator("main [data-primary]").click()
    await expect(page.locator("#summary")).to_be_visible()
    await page.locator("#f-bought").fill("20260302")
    await page.locator("main [data-primary]").click()
    await expect(page.locator("[data-toast]")).to_be_visible()


async def test_signing_in_and_changing_the_language_need_no_script(
    page_at: PageAt, site_url: str
) -> None:
    page = await page_at("/sign-in", scripts=False)
    await page.get_by_role("button", name="繁體中文").click()
    assert await page.locator("html").get_attribute("lang") == "zh-Hant"
    await page.locator("#f-email").fill("wang@example.com")
    await page.locator("#f-password").fill(PASSWORD)
    await page.locator("main [data-primary]").click()
    assert page.url == f"{site_url}/b/sh01/intake"
