"""The explorer of the API: a document runs with the rights of whoever is signed in."""

import re

from playwright.async_api import expect

from tests.browser.live import Live

LONG_WORDS = {
    "en": "Find a type or field",
    "zh-Hans": "查找类型或字段",
    "zh-Hant": "尋找型別或欄位",
}


async def test_documents_run_by_key_and_the_schema_is_read_beside_them(live: Live) -> None:
    page = await live.person("desk.hz01", language="en")
    await page.goto(f"{live.url}/explorer")
    await expect(page.locator("#described h3")).to_have_text("Query")

    await page.focus("#document")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#result")).to_contain_text('"hasNextPage": false')
    await expect(page.locator("#took")).to_have_text(re.compile(r"\d+ ms, \d+\.\d kB"))

    await page.fill("#document", "{ claims(first: 1) { nodes { id } } }")
    await page.click("#run")
    await expect(page.locator("#result")).to_contain_text('"FORBIDDEN"')

    await page.fill("#variables", "{")
    await page.click("#run")
    await expect(page.locator("#variables")).to_be_focused()
    await expect(page.locator("#took")).to_contain_text("The variables are no JSON")

    await page.select_option("#history", index=2)
    await expect(page.locator("#document")).to_have_value(re.compile("query Board"))
    await expect(page.locator("#variables")).to_have_value('{"first": 5}')

    await page.fill("#sought", "coverageDecision")
    await page.click("#described .type:text-is('CoverageDecision')")
    await expect(page.locator("#described h3")).to_have_text("CoverageDecision")
    await expect(page.locator("#described")).to_contain_text("Who pays")


async def test_the_explorer_speaks_every_language_and_fits_a_phone(live: Live) -> None:
    page = await live.person("manager.hz01", width=390)
    for language, word in LONG_WORDS.items():
        await page.context.add_cookies([{"name": "language", "value": language, "url": live.url}])
        await page.goto(f"{live.url}/explorer")
        await expect(page.locator("label[for=sought]")).to_have_text(word)
        await expect(page.locator("#described h3")).to_have_text("Query")
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390
