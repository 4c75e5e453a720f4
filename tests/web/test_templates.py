"""Templates: no sentence, no import, no form without its token (tests/tidy holds the policy's bans)."""

import re
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from serviceco.web.views import TEMPLATES, CompiledOnce

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


def test_a_template_is_compiled_for_one_language_and_anew_when_its_text_changes() -> None:
    compiled, texts = CompiledOnce(), {"page": "{{ word }}"}

    def shown(word: str) -> str:
        environment = Environment(
            loader=DictLoader(texts), bytecode_cache=compiled, autoescape=True
        )
        environment.globals["word"] = word
        return environment.get_template("page").render()

    assert (shown("one"), shown("two")) == ("one", "two")
    assert len(compiled._compiled) == 1
    texts["page"] = "a new {{ word }}"
    assert (shown("one"), shown("two")) == ("a new one", "a new two")
    assert len(compiled._compiled) == 1
