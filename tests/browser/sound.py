"""What holds of every page, whoever looks at it: no grave fault, enough contrast, no sideways scroll."""

from playwright.async_api import Page

from tests.browser.test_gallery import CONTRAST, grave_faults

NARROW = 390


async def assert_sound(page: Page, *, looks: list[tuple[str, str]], status: int = 200) -> None:
    """Look at the page in each language and theme, and once more as on a phone."""
    wide = page.viewport_size
    assert wide
    site = "/".join(page.url.split("/")[:3])
    for language, theme in looks:
        preferences = {"language": language, "theme": theme}
        await page.context.add_cookies(
            [{"name": name, "value": value, "url": site} for name, value in preferences.items()]
        )
        await page.set_viewport_size(wide)
        answer = await page.reload()
        assert answer
        assert answer.status == status, page.url
        assert await page.get_attribute("html", "lang") == language
        assert await grave_faults(page) == [], (page.url, language, theme)
        assert await page.evaluate(CONTRAST) == [], (page.url, language, theme)
        await page.set_viewport_size({"width": NARROW, "height": 800})
        width = await page.evaluate("document.documentElement.scrollWidth")
        assert width <= NARROW, (page.url, language)
