"""The catalogues: the same keys and facts in all three languages, each in its own script."""

import re
import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.pofile import read_po
from opencc import OpenCC

import serviceco
from serviceco.core.catalogues import (
    DOMAIN,
    LANGUAGES,
    LOCALE_ROOT,
    find_sentence,
    known_language,
    refusal_words,
    sentence,
)
from serviceco.core.refusals import Refusal
from serviceco.web.navigation import LINKS
from serviceco.web.views import TEMPLATES

PACKAGE = Path(serviceco.__file__).parent
# Characters that both scripts share, though the converter would replace them in some words.
SHARED = set("台里后面只准干回伙注凶占布托系松游群")
KEY = r"[a-z_]+(?:\.[A-Za-z0-9_]+)+"


@cache
def catalogue(language: str) -> Catalog:
    path = LOCALE_ROOT / language.replace("-", "_") / "LC_MESSAGES" / f"{DOMAIN}.po"
    with path.open("rb") as text:
        return read_po(text, abort_invalid=True)


def texts(language: str, key: str) -> list[str]:
    message = catalogue(language)[key]
    found = message.string
    return [found] if isinstance(found, str) else list(found or ())


def keys(language: str) -> set[str]:
    return {
        message.id if isinstance(message.id, str) else message.id[0]
        for message in catalogue(language)
        if message.id
    }


def facts_named(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def used_keys() -> Iterator[str]:
    """Keys that templates and pages name in full."""
    for path in TEMPLATES.rglob("*.html"):
        yield from re.findall(rf"""\bt\(\s*["']({KEY})["']""", path.read_text("utf-8"))
    for path in (PACKAGE / "web").glob("*.py"):
        text = path.read_text("utf-8")
        yield from re.findall(rf"""(?:say\(|sentence\(\s*language,)\s*["']({KEY})["']""", text)
        yield from (f"said.{word}" for word in re.findall(r'said="(\w+)"', text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_key_with_a_text(language: str) -> None:
    assert keys(language) == keys("en")
    assert [key for key in keys(language) if not all(texts(language, key))] == []


def test_a_sentence_names_the_same_facts_in_every_language() -> None:
    differing = [
        key
        for key in keys("en")
        if len({frozenset(facts_named(texts(language, key)[-1])) for language in LANGUAGES}) > 1
    ]
    assert differing == []


def test_every_key_that_a_page_uses_exists() -> None:
    assert sorted(set(used_keys()) - keys("en")) == []


def test_the_navigation_has_its_words() -> None:
    assert {entry.word for entry in LINKS} <= keys("en")


def test_traditional_chinese_holds_no_simplified_character() -> None:
    to_traditional = OpenCC("s2t")
    wrong = {
        (key, sign)
        for key in keys("zh-Hant")
        for text in texts("zh-Hant", key)
        for sign in text
        if sign not in SHARED and to_traditional.convert(sign) != sign
    }
    assert wrong == set()


def test_traditional_chinese_is_no_conversion_of_the_simplified() -> None:
    assert sentence("zh-Hant", "coverage.in_warranty") == "保固內"
    assert sentence("zh-Hant", "object.part") == "零件"
    assert sentence("zh-Hant", "sign_in.title") == "登入"


@pytest.mark.parametrize("text", ["，", "。", "（"])
def test_english_holds_no_chinese_punctuation(text: str) -> None:
    assert [key for key in keys("en") if text in "".join(texts("en", key))] == []


def test_the_refusals_of_core_have_their_sentences() -> None:
    codes = {
        kind.code
        for kind in Refusal.__subclasses__()
        if kind.__module__.startswith("serviceco.core")
    }
    assert {code for code in codes if find_sentence("zh-Hant", f"refusal.{code}") is None} == set()


def test_a_refusal_without_a_sentence_keeps_the_one_it_was_raised_with() -> None:
    assert refusal_words("zh-Hans", "NEVER_HEARD_OF", "As raised.", {}) == "As raised."


def test_a_refusal_whose_facts_are_not_at_hand_keeps_the_one_it_was_raised_with() -> None:
    assert refusal_words("en", "TOO_MANY_ATTEMPTS", "Wait.", {}) == "Wait."
    assert refusal_words("en", "TOO_MANY_ATTEMPTS", "Wait.", {"wait_seconds": 30}).endswith(
        "30 seconds."
    )


def test_a_count_chooses_the_plural() -> None:
    assert sentence("en", "list.found", n=1) == "1 order"
    assert sentence("en", "list.found", n=2) == "2 orders"
    assert sentence("zh-Hans", "list.found", n=1) == "共 1 条"


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("zh-CN", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("zh_TW", "zh-Hant"),
        ("zh-Hant-HK", "zh-Hant"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("", "en"),
    ],
)
def test_a_language_tag_finds_its_nearest_language(tag: str, language: str) -> None:
    assert known_language(tag) == language
