"""Reading a scan: what the code on a label, box or slip stands for (ui.md 2.7)."""

import re
import unicodedata
from enum import StrEnum
from typing import NamedTuple

import phonenumbers

from serviceco.core.order_numbers import is_order_number

_ORDER_LINK = re.compile(r"https?://[^/]+/O/(\d{12})/?", re.IGNORECASE)
_AIM_PREFIX = re.compile(r"^\][A-Za-z]\d")

# Labels hold numbers that would dial as well; those of people who wait are mostly mobile.
_MOBILE = (
    phonenumbers.PhoneNumberType.MOBILE,
    phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
)


class ScanKind(StrEnum):
    """What a code may stand for."""

    ORDER = "order"
    SERIAL = "serial"
    BROKEN_ORDER = "broken_order"
    EMPTY = "empty"


class Scan(NamedTuple):
    """A code that was read, and its text without the reader's trimmings."""

    kind: ScanKind
    text: str


def read_scan(raw: str) -> Scan:
    """Classify a code; what is no order number is a serial number for the brands' patterns."""
    text = unicodedata.normalize("NFKC", raw).strip()
    text = _AIM_PREFIX.sub("", text).replace("\x1d", "")
    link = _ORDER_LINK.fullmatch(text)
    compact = link[1] if link else re.sub(r"[\s-]", "", text).upper()
    if not compact:
        return Scan(ScanKind.EMPTY, "")
    if is_order_number(compact):
        return Scan(ScanKind.ORDER, compact)
    if link or (len(compact) == 12 and compact.isascii() and compact.isdigit()):
        return Scan(ScanKind.BROKEN_ORDER, compact)
    return Scan(ScanKind.SERIAL, compact)


def is_typed(raw: str, country: str) -> bool:
    """Tell whether somebody typed what they look for: words or a telephone, and no code of a label."""
    text = unicodedata.normalize("NFKC", raw).strip()
    if not text.isascii() or not any(map(str.isdigit, text)):
        return bool(text)
    phone = dialled(text, country) if text[0] in "+01" else None
    if phone is None or not phonenumbers.is_valid_number(phone):
        return False
    return text[0] != "1" or phonenumbers.number_type(phone) in _MOBILE


def dialled(text: str, country: str) -> phonenumbers.PhoneNumber | None:
    """Return a text as a telephone number dialled in a country, None where it cannot be one."""
    try:
        return phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
