"""Templates keep the rules of the strict content policy, which would fail in silence."""

import re
from pathlib import Path

import pytest

from serviceco.web.views import TEMPLATES

PAGES = sorted(TEMPLATES.rglob("*.html"))
BANNED = {
    "a filter in hx-trigger, which is dropped while the request still fires": r'hx-trigger="[^"]*\[',
    "a script in an attribute": r"\bhx-on\b|\bon[a-z]+=",
    "a script in hx-vals": r"\bjs:",
    "a style attribute": r"\bstyle=",
    "an inline style sheet": r"<style\b",
    "an inline script": r"<script(?![^>]*\bsrc=)",
    "an import, where globals serve": r"{%-? *(import|from) ",
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(TEMPLATES).as_posix())
def test_a_template_holds_nothing_that_the_content_policy_stops(page: Path) -> None:
    text = page.read_text("utf-8")
    assert [name for name, pattern in BANNED.items() if re.search(pattern, text)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(TEMPLATES).as_posix())
def test_a_template_holds_no_sentence_of_its_own(page: Path) -> None:
    text = re.sub(r"{#.*?#}", "", page.read_text("utf-8"), flags=re.DOTALL)
    assert re.findall(r"[\u4e00-\u9fff]+", text) == []


def test_every_form_that_posts_carries_its_token() -> None:
    bare = [
        page.name
        for page in PAGES
        for form in re.findall(
            r'<form[^>]*method="post".*?</form>', page.read_text("utf-8"), re.DOTALL
        )
        if "_csrf" not in form and "parts/preferences.html" not in form
    ]
    assert bare == []
