"""Serials and scans. Pure: the same characters give the same answer."""

import re
import unicodedata

from stdnum import ean, imei, meid

from serviceco.catalogue.words import Scan, ScanKind, ScanProblem
from serviceco.core.order_numbers import is_order_number

# GS1 prefixes a Code 128 scan with the symbology identifier and divides fields by GS (0x1D).
_SYMBOLOGY = "]C1"
_SEPARATORS = re.compile(r"[\s\x1d\u2010-\u2015\u2212-]")
_ORDER_LINK = re.compile(r"/o/([0-9]+)/?(?:[?#].*)?$", re.IGNORECASE)
_SERIAL = re.compile(r"[0-9A-Z][0-9A-Z./_+#*:]{0,39}")
_MEID = re.compile(r"[0-9A-F]{14}")
_IMEI_LENGTH = 15
_TAC_LENGTH = 8


def normalise_serial(text: str) -> str:
    """Return the code as it is stored and compared: half-width, upper case, no separators."""
    folded = unicodedata.normalize("NFKC", text).strip().upper().removeprefix(_SYMBOLOGY)
    return _SEPARATORS.sub("", folded)


def is_imei(serial: str) -> bool:
    """Tell whether the normalised serial is an IMEI with a right check digit (3GPP TS 23.003 B)."""
    return serial.isascii() and len(serial) == _IMEI_LENGTH and imei.is_valid(serial)


def is_meid(serial: str) -> bool:
    """Tell whether the normalised serial is a MEID of 14 hexadecimal digits, not all decimal."""
    return _MEID.fullmatch(serial) is not None and not serial.isdigit() and meid.is_valid(serial)


def type_allocation_code(serial: str) -> str:
    """Return the first eight digits of an IMEI, which name its model."""
    return serial[:_TAC_LENGTH]


def looks_like_imei(serial: str) -> bool:
    """Tell whether the serial has the fifteen digits of an IMEI, right or wrong."""
    return serial.isascii() and serial.isdigit() and len(serial) == _IMEI_LENGTH


def fits_pattern(serial: str, pattern: str | None) -> bool:
    """Tell whether the whole serial fits a model's pattern; no pattern fits every serial."""
    return pattern is None or re.fullmatch(pattern, serial) is not None


def classify_scan(text: str) -> Scan:
    """Say what a scanned or typed code is; what is unknown names its problem.

    Tried in this order: link to an order, order number, IMEI, MEID, EAN-13 of a model, serial.
    """
    link = _ORDER_LINK.search(unicodedata.normalize("NFKC", text).strip())
    code = link.group(1) if link else normalise_serial(text)
    kind = ScanKind.ORDER if is_order_number(code) else _kind_of(code)
    if link and kind is not ScanKind.ORDER:
        return Scan(kind=ScanKind.UNKNOWN, code=code, problem=ScanProblem.ORDER_CHECK_DIGIT)
    problem = _problem_of(code) if kind is ScanKind.UNKNOWN else None
    return Scan(kind=kind, code=code, problem=problem)


def _kind_of(code: str) -> ScanKind:
    if looks_like_imei(code):
        return ScanKind.IMEI if is_imei(code) else ScanKind.UNKNOWN
    if is_meid(code):
        return ScanKind.MEID
    if len(code) == 13 and code.isascii() and ean.is_valid(code):
        return ScanKind.MODEL
    return ScanKind.SERIAL if _SERIAL.fullmatch(code) else ScanKind.UNKNOWN


def _problem_of(code: str) -> ScanProblem:
    if not code:
        return ScanProblem.EMPTY
    return ScanProblem.IMEI_CHECK_DIGIT if looks_like_imei(code) else ScanProblem.NOT_A_CODE
