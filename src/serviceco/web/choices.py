"""Choices of a filter: ids out of an address, brands by their names, codes by their words."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from serviceco.web.desk import Desk
from serviceco.web.formats import in_language


def chosen(text: str) -> str | None:
    """Return the id that a parameter holds, None where it holds none: an address may say anything."""
    try:
        return str(UUID(text))
    except ValueError:
        return None


def brand_name(brand: Mapping[str, Any], language: str) -> str:
    """Return a brand's name in the reader's language, its Latin one where that is not known."""
    return in_language(brand["names"], language) if brand["names"] else str(brand["name"])


def named_brands(brands: Sequence[Mapping[str, Any]], language: str) -> list[tuple[str, str]]:
    """Return brands as choices `(id, name)`."""
    return [(brand["id"], brand_name(brand, language)) for brand in brands]


def worded(desk: Desk, family: str, codes: Iterable[str]) -> list[tuple[str, str]]:
    """Return codes of the API as choices `(lower-case code, word)`."""
    return [(code.lower(), desk.say(f"{family}.{code.lower()}")) for code in codes]
