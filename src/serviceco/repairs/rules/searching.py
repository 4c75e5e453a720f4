"""The words by which an order is found, and how a typed search is held against them. Pure.

A stored word is a code or number without separators, a word of a name, or two neighbouring signs
of a script that writes without spaces, and the first and the last sign. A typed word finds the
stored words that begin with it; typed signs find the pairs that they hold.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec

from serviceco.customers.rules import national_digits

# Han with its extensions, kana and hangul: scripts in which a word has no spaces around it.
_SPACELESS = (
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
_SIGNS = re.compile(f"[{_SPACELESS}]+")
_LETTERS = re.compile(f"[^\\W_{_SPACELESS}]+")
_DIALLED = re.compile(r"\+?[\d().\-/]+")
_TAIL = 4
_SHORTEST_NUMBER = 7
_LONGEST_WORD = 60
MOST_WORDS = 8
# Above every letter and digit that a stored word may go on with.
_ABOVE = "\U0010ffff"


class SearchFacts(msgspec.Struct, frozen=True):
    """What is known of an order to find it by; `products` are names of its brand and model."""

    number: str
    serials: Sequence[str] = ()
    products: Sequence[str] = ()
    customer: str = ""
    phone: str = ""


class Span(NamedTuple):
    """Stored words from `since` on, and before `until`, as their bytes are ordered.

    Without `until` it is `since` itself: what many orders have is quicker to look up in each of
    them as one word than as a span of words.
    """

    since: str
    until: str | None


def search_words(facts: SearchFacts) -> dict[str, bool]:
    """Return the words to store, each with whether only the customer's own facts hold it."""
    about_order = {_joined(text) for text in (facts.number, *facts.serials)}
    for product in facts.products:
        about_order.update(_words(product))
    about_person = set(_words(facts.customer))
    if facts.phone:
        digits = national_digits(facts.phone)
        about_person |= {digits, digits[-_TAIL:]}
    words = dict.fromkeys(sorted(about_person), True) | dict.fromkeys(sorted(about_order), False)
    return {word[:_LONGEST_WORD]: personal for word, personal in words.items() if word}


def typed_spans(text: str) -> tuple[Span, ...]:
    """Return what must all be found of an order, the longest word first; nothing finds nothing.

    Numbers typed in groups are put together again, and a telephone loses its country.
    """
    keys: dict[str, Span] = {}
    for chunk in _chunks(_folded(text)):
        for signs in _SIGNS.findall(chunk):
            keys |= {pair: Span(pair, None) for pair in _covering(signs)}
        for part in _SIGNS.split(chunk):
            if word := _joined(part)[:_LONGEST_WORD]:
                keys[word] = Span(word, word + _ABOVE if _is_telling(word) else None)
    return tuple(keys[key] for key in sorted(keys, key=len, reverse=True))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _joined(text: str) -> str:
    """Return letters and digits alone: `SM-G991B` and `sm g991b` are one code."""
    return "".join(_LETTERS.findall(_folded(text)))


def _words(text: str) -> Iterator[str]:
    for chunk in _folded(text).split():
        for signs in _SIGNS.findall(chunk):
            yield from {signs[0], *(signs[index : index + 2] for index in range(len(signs)))}
        for part in _SIGNS.split(chunk):
            yield from {_joined(part), *_LETTERS.findall(part)}


def _chunks(folded: str) -> Iterator[str]:
    """Yield what stands between spaces; groups of digits that make one number together as one."""
    group: list[str] = []
    for chunk in (*folded.split(), ""):
        if _DIALLED.fullmatch(chunk):
            group.append(chunk)
            continue
        yield from _numbers(group)
        group = []
        yield chunk


def _numbers(group: Sequence[str]) -> Iterable[str]:
    number = "".join(group)
    if sum(map(str.isdigit, number)) < _SHORTEST_NUMBER:
        return group
    return [national_digits(number) if number.startswith("+") else number]


def _covering(signs: str) -> set[str]:
    """Return as few pairs as hold every sign; a single sign stands for itself."""
    starts = {*range(0, len(signs) - 1, 2), max(0, len(signs) - 2)}
    return {signs[start : start + 2] for start in starts}


def _is_telling(word: str) -> bool:
    """Tell whether what begins with a word is meant by it: `iphone 15` means no number 150…."""
    return len(word) >= (_TAIL if word.isdigit() else 2)
