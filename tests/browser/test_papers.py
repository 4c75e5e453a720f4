"""Slips and labels as a 203 dpi printer would draw them, read back by a decoder."""

import pypdfium2
import pytest
import zxingcpp
from playwright.async_api import Browser, Page

from serviceco.web.gallery_facts import ORDER
from tests.browser.conftest import PageAt

NUMBER = ORDER["number"]
POINTS_PER_MM = 72 / 25.4


async def printed(page: Page) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(await page.pdf(prefer_css_page_size=True))


def read_codes(paper: pypdfium2.PdfPage) -> dict[str, str]:
    """Return what a decoder reads from the page at 203 dots an inch, by kind of code."""
    raster = paper.render(scale=203 / 72, grayscale=True).to_pil()
    return {code.format.name: code.text for code in zxingcpp.read_barcodes(raster)}


@pytest.mark.parametrize(("stock", "width_mm", "height_mm"), [("60x40", 60, 40), ("40x30", 40, 30)])
async def test_every_label_is_one_page_whose_codes_read_back(
    page_at: PageAt, site_url: str, stock: str, width_mm: int, height_mm: int
) -> None:
    page = await page_at(f"/_gallery/label?stock={stock}")
    document = await printed(page)
    assert len(document) == 1 + len(ORDER["accessories"])
    for paper in document:
        assert [round(side / POINTS_PER_MM) for side in paper.get_size()] == [width_mm, height_mm]
        codes = read_codes(paper)
        assert codes["Code128"] == NUMBER
        assert codes["QRCode"] == f"{site_url}/o/{NUMBER}"


@pytest.mark.parametrize("stock", ["60x40", "40x30"])
@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
async def test_no_word_of_a_label_is_under_seven_points_or_outside(
    page_at: PageAt, stock: str, language: str
) -> None:
    page = await page_at(f"/_gallery/label?stock={stock}", language=language)
    wrong = await page.evaluate(
        """() => {
            const label = document.querySelector(".label").getBoundingClientRect();
            return [...document.querySelector(".label").querySelectorAll("div, svg")]
                .filter((one) => {
                    const box = one.getBoundingClientRect();
                    const small = parseFloat(getComputedStyle(one).fontSize) < 7 * 96 / 72 - 0.01;
                    const cut = one.matches(".exact, .number") && one.scrollWidth > one.clientWidth;
                    return cut || small || box.right > label.right + 0.5 || box.bottom > label.bottom + 0.5;
                })
                .map((one) => one.outerHTML.slice(0, 80));
        }"""
    )
    assert wrong == []


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant", "en"])
@pytest.mark.parametrize(("paper", "width_mm"), [("a5", 148), ("a4", 210)])
async def test_the_slip_is_two_pages_and_its_codes_read_back(
    page_at: PageAt, language: str, paper: str, width_mm: int
) -> None:
    page = await page_at(f"/_gallery/slip?paper={paper}", language=language)
    document = await printed(page)
    assert len(document) == 2
    for sheet in document:
        assert round(sheet.get_size()[0] / POINTS_PER_MM) == width_mm
        assert read_codes(sheet)["Code128"] == NUMBER


async def test_papers_print_by_themselves_once(page_at: PageAt, browser: Browser) -> None:
    page = await page_at("/_gallery?print=1")
    await page.locator("[data-print-state]").get_by_text("已送到打印机").wait_for()
    assert await page.locator("iframe.print-frame").count() == 2
    await page.reload()
    assert await page.locator("iframe.print-frame").count() == 0
