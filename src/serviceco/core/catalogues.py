"""Sentences in three languages, by stable keys: gettext catalogues compiled at set-up.

The reader lives in core because two fronts need it: pages for every sentence, the API for the
sentence of a refusal; a page front must not be imported by the API below it. The catalogues are
data of the whole package (`serviceco/locale`), compiled from .po to .mo by `make setup`.
"""

from functools import cache
from gettext import GNUTranslations
from pathlib import Path

from serviceco.core.refusals import Refusal

LANGUAGES = ("zh-Hans", "zh-Hant", "en")
FALLBACK_LANGUAGE = "en"
LOCALE_ROOT = Path(__file__).parent.parent / "locale"
DOMAIN = "serviceco"


def known_language(tag: str) -> str:
    """Return the nearest of our languages to a BCP 47 tag; English where none is near."""
    parts = tag.replace("_", "-").lower().split("-")
    if parts[0] != "zh":
        return FALLBACK_LANGUAGE
    traditional = {"hant", "tw", "hk", "mo"}.intersection(parts[1:])
    return "zh-Hant" if traditional else "zh-Hans"


def find_sentence(language: str, key: str, **facts: object) -> str | None:
    """Return the sentence with its facts filled in, or None where the catalogue lacks the key.

    A fact named `n` chooses the plural form. Facts that a sentence does not name are ignored.

    Raises:
        KeyError: the sentence names a fact that was not given.
    """
    words = _catalogue(language)
    n = facts.get("n")
    found = words.ngettext(key, key, n) if isinstance(n, int) else words.gettext(key)
    return None if found == key else found.format(**facts)


def sentence(language: str, key: str, **facts: object) -> str:
    """Return the sentence, or the key itself where the catalogue lacks it (a test forbids that)."""
    return find_sentence(language, key, **facts) or key


def refusal_sentence(language: str, refusal: Refusal) -> str:
    """Return the refusal's sentence by its code; the English one it was raised with otherwise."""
    return refusal_words(language, refusal.code, refusal.message, refusal.facts)


def refusal_words(language: str, code: str, message: str, facts: dict[str, object]) -> str:
    """Return the sentence of a refusal's code, or `message` where none fits the facts at hand."""
    try:
        return find_sentence(language, f"refusal.{code}", **facts) or message
    except KeyError:
        return message


@cache
def _catalogue(language: str) -> GNUTranslations:
    folder = language.replace("-", "_")
    path = LOCALE_ROOT / folder / "LC_MESSAGES" / f"{DOMAIN}.mo"
    if not path.exists():
        raise FileNotFoundError(f"{path} is not compiled yet: run `make setup`")
    with path.open("rb") as compiled:
        return GNUTranslations(compiled)
