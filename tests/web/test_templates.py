"""Templates: no sentence, no import, no form without its token (tests/tidy holds the policy's bans)."""

import re
from pathlib import Path

import pytest

from serviceco.web.views import TEMPLATES

PAGES = sorted(TEMPLATES.rglob("*.html"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(TEMPLATES).as_posix())
def test_a_template_imports_nothing_because_globals_serve(page: Path) -> None:
    assert re.findall(r"{%-? *(?:import|from) .*", page.read_text("utf-8")) == []


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
