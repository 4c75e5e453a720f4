"""Names in a file, and what they are called here."""

import re
import unicodedata
from collections.abc import Collection
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from serviceco.exchange.words import (
    COUNTRY_LANGUAGES,
    NO_BRAND,
    PROVIDER_LANGUAGES,
    UNDETERMINED,
)
from serviceco.tenancy.rules import fold_spelling


def group_name(text: str) -> str:
    """Return a group's name in composed letters, its blanks made single."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def brand_spelling(printed: str) -> str | None:
    """Return the folded spelling of a printed brand, or None where it says that none is known."""
    if not any(sign.isalnum() for sign in printed):
        return None
    spelling = fold_spelling(printed)
    return None if spelling in NO_BRAND else spelling


def language_of(provider: str, country: str) -> str:
    """Return the language of the customer's words as a BCP 47 tag, `und` where nobody says."""
    known = PROVIDER_LANGUAGES.get(provider.casefold())
    return known or COUNTRY_LANGUAGES.get(country, UNDETERMINED)


def moment_of(day: date, zone: str) -> datetime:
    """Return noon of a day: the time was not recorded, and noon stays on its day if the zone moves."""
    return datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC)


def branch_code(group: str, taken: Collection[str]) -> str:
    """Return a short code in letters, digits and dashes that no other branch has."""
    plain = unicodedata.normalize("NFKD", group).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:32].strip("-") or "branch"
    code, times = stem, 1
    while code in taken:
        times += 1
        code = f"{stem}-{times}"
    return code
