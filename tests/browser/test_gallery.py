"""Every component in three languages and two themes: readable, reachable, inside the screen."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

from tests.browser.conftest import PageAt

CONTRAST = (Path(__file__).parent / "contrast.js").read_text("utf-8")
LANGUAGES = ("zh-Hans", "zh-Hant", "en")
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
GRAVE = {"moderate", "serious", "critical"}


async def grave_faults(page: Page) -> list[tuple[str, str]]:
    found: Any = await Axe().run(page, options={"runOnly": AXE_TAGS})
    return [
        (rule["id"], node["html"][:120])
        for rule in found.response["violations"]
        if rule["impact"] in GRAVE
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_axe_finds_nothing_grave_and_contrasts_suffice(
    page_at: PageAt, language: str, theme: str
) -> None:
    page = await page_at("/_gallery", language=language, theme=theme)
    assert await grave_faults(page) == []
    assert await page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("path", ["/sign-in", "/nowhere", "/me", "/scan?code=261122000345"])
async def test_the_small_pages_are_as_sound(page_at: PageAt, path: str) -> None:
    page = await page_at(path, signed_in=path != "/sign-in", theme="dark")
    assert await grave_faults(page) == []
    assert await page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [320, 800, 1024])
async def test_nothing_scrolls_sideways(page_at: PageAt, language: str, width: int) -> None:
    page = await page_at("/_gallery", language=language, width=width)
    assert await page.evaluate("document.documentElement.scrollWidth") == width


async def test_every_target_is_at_least_24_pixels(page_at: PageAt) -> None:
    page = await page_at("/_gallery")
    small = await page.evaluate(
        """() => [...document.querySelectorAll("main a.button, button, summary, .chip, .option, .tab, .nav a")]
            .filter((one) => one.checkVisibility())
            .map((one) => [one.textContent.trim(), one.getBoundingClientRect()])
            .filter(([, box]) => box.width < 24 || box.height < 24)
            .map(([text, box]) => `${text} ${box.width}x${box.height}`)"""
    )
    assert small == []


async def test_coverage_reads_without_colour(page_at: PageAt) -> None:
    page = await page_at("/_gallery", language="en")
    tags = page.locator("#coverage-tags .coverage")
    glyphs = await tags.locator("svg").evaluate_all("all => all.map((one) => one.innerHTML)")
    words = await tags.all_inner_texts()
    assert len(set(glyphs)) == len(set(words)) == 6


async def test_scripts_and_pages_stay_within_their_weight(page_at: PageAt, site_url: str) -> None:
    page = await page_at("/sign-in")
    sizes: dict[str, int] = {}
    page.on("response", lambda answer: sizes.__setitem__(answer.url.removeprefix(site_url), 0))
    await page.goto(f"{site_url}/_gallery")
    for path in sizes:
        sizes[path] = len(await (await page.request.get(site_url + path)).body())
    scripts = sum(size for path, size in sizes.items() if path.endswith(".js"))
    assert scripts <= 110_000
    assert sum(sizes.values()) < 300_000
    assert all(path.startswith("/") for path in sizes), "nothing comes from elsewhere"


async def test_a_filter_swaps_its_region_and_keeps_the_focus(page_at: PageAt) -> None:
    page = await page_at("/_gallery")
    field = page.locator("#f-q")
    await field.press_sequentially("00034", delay=60)
    await page.wait_for_url("**/_gallery/rows?q=00034")
    assert await page.locator("#results [data-row]").count() == 1
    assert await page.evaluate("document.activeElement.id") == "f-q"
    assert await page.locator("#live").inner_text() == "共 1 条"
