"""The pages of counter and bench: sound for everybody, in every language, on every screen."""

import pytest

from tests.browser.live import BRANCH, Live
from tests.browser.test_gallery import CONTRAST, grave_faults
from tests.browser.test_main_job import IN_WARRANTY, new_imei, open_order, primary, receive


@pytest.mark.parametrize(
    ("language", "theme"), [("zh-Hans", "light"), ("zh-Hant", "dark"), ("en", "light")]
)
async def test_the_pages_of_an_order_are_sound_and_stay_inside_the_screen(
    live: Live, language: str, theme: str
) -> None:
    clerk = await live.person("manager.hz01", language=language)
    await clerk.goto(f"{live.url}/b/{BRANCH}/intake")
    number = await receive(clerk, IN_WARRANTY)
    technician = await live.person("tech.hz01", language=language)
    await open_order(technician, number)
    await primary(technician, f"**/orders/{number}/inspection")
    paths = [
        f"/b/{BRANCH}/intake?code={new_imei()}",
        *(f"/orders/{number}{place}" for place in ("", "/inspection", "/quote", "/handover")),
    ]
    await clerk.context.add_cookies([{"name": "theme", "value": theme, "url": live.url}])
    for path in paths:
        await clerk.set_viewport_size({"width": 1366, "height": 768})
        await clerk.goto(live.url + path)
        assert await grave_faults(clerk) == [], path
        assert await clerk.evaluate(CONTRAST) == [], path
        await clerk.set_viewport_size({"width": 320, "height": 640})
        assert await clerk.evaluate("document.documentElement.scrollWidth") == 320, path
