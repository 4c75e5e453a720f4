"""Lists of the office: filters that live in the address, their chips, and pages read by key."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from serviceco.web.connections import PageRequest
from serviceco.web.forms import Form

PAGE_ROWS = 50
_PLACES = ("after", "before")
Rows = Mapping[str, Any]


class Chip(NamedTuple):
    """A filter in force, and the address of the same list without it."""

    label: str
    address: str


class Pager(NamedTuple):
    """Addresses of the neighbouring pages, None where there is none."""

    newer: str | None
    older: str | None


@dataclass(frozen=True, slots=True)
class Address:
    """Path and query of a list; every link of the list is made from it.

    Parameters that no filter knows are ignored, and lost from the links.
    """

    path: str
    query: Mapping[str, tuple[str, ...]]

    def text(self, name: str) -> str:
        """Return the last value of a parameter, empty where it is absent."""
        return (self.query.get(name) or ("",))[-1]

    def among(self, name: str, known: Iterable[str]) -> list[str]:
        """Return the values of a parameter that are known; case does not matter."""
        by_lower = {value.lower(): value for value in known}
        asked = (value.lower() for value in self.query.get(name, ()))
        return [by_lower[value] for value in asked if value in by_lower]

    def to(self, **changes: str | None) -> str:
        """Return the address with parameters changed, None takes one away, on the first page."""
        kept = {name: texts for name, texts in self.query.items() if name not in _PLACES}
        given = {name: (text,) if text else () for name, text in changes.items()}
        return _address(self.path, {**kept, **given})

    def without(self, name: str, value: str) -> str:
        """Return the address with one value of a parameter taken away, on the first page."""
        left = tuple(text for text in self.query.get(name, ()) if text != value)
        kept = {other: texts for other, texts in self.query.items() if other not in _PLACES}
        return _address(self.path, {**kept, name: left})

    def download(self) -> str:
        """Return the address of the whole filtered list as a file."""
        return replace(self, path=f"{self.path}.csv").to()

    def form(self) -> Form:
        """Return the filters as a form that shows them."""
        return Form.holding(**self.query)

    def place(self) -> dict[str, Any]:
        """Return the variables of the page that the address means."""
        before, after = self.text("before"), self.text("after")
        if before:
            return {"last": PAGE_ROWS, "before": before}
        return {"first": PAGE_ROWS, "after": after or None}

    def pager(self, page_info: Rows) -> Pager:
        """Return the links to the pages around one."""
        start, end = page_info["startCursor"], page_info["endCursor"]
        return Pager(
            self._at(before=start) if page_info["hasPreviousPage"] else None,
            self._at(after=end) if page_info["hasNextPage"] else None,
        )

    def _at(self, **place: str) -> str:
        kept = {name: texts for name, texts in self.query.items() if name not in _PLACES}
        return _address(self.path, {**kept, **{name: (text,) for name, text in place.items()}})


def address_of(request: PageRequest, known: Sequence[str]) -> Address:
    """Read the filters that a list knows out of a request's address; empty ones are left out."""
    given: dict[str, tuple[str, ...]] = {}
    for name in (*known, *_PLACES):
        texts = tuple(text.strip() for text in request.query_params.getall(name, []))
        if any(texts):
            given[name] = tuple(text for text in texts if text)
    return Address(request.url.path.removesuffix(".csv"), given)


def _address(path: str, query: Mapping[str, Sequence[str]]) -> str:
    pairs = urlencode([(name, text) for name, texts in query.items() for text in texts])
    return f"{path}?{pairs}" if pairs else path
