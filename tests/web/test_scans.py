"""What a scan stands for."""

import pytest

from serviceco.web.scans import ScanKind, is_typed, read_scan

NUMBER = "261122000344"


@pytest.mark.parametrize(
    ("raw", "kind", "text"),
    [
        (NUMBER, ScanKind.ORDER, NUMBER),
        ("261122 00034 4", ScanKind.ORDER, NUMBER),
        (f"https://shop.test/o/{NUMBER}", ScanKind.ORDER, NUMBER),
        (f"HTTPS://SHOP.TEST/O/{NUMBER}", ScanKind.ORDER, NUMBER),
        (f"]C1{NUMBER}", ScanKind.ORDER, NUMBER),
        ("２６１１２２０００３４４", ScanKind.ORDER, NUMBER),
        ("261122000345", ScanKind.BROKEN_ORDER, "261122000345"),
        ("https://shop.test/o/261122000345", ScanKind.BROKEN_ORDER, "261122000345"),
        ("356938035643809", ScanKind.SERIAL, "356938035643809"),
        (" r58-m12 345a\x1d", ScanKind.SERIAL, "R58M12345A"),
        ("   ", ScanKind.EMPTY, ""),
    ],
)
def test_a_code_is_read_without_its_trimmings(raw: str, kind: ScanKind, text: str) -> None:
    assert read_scan(raw) == (kind, text)


@pytest.mark.parametrize(
    ("raw", "country", "typed"),
    [
        ("王芳", "CN", True),
        ("iphone", "CN", True),
        ("13812345678", "CN", True),
        ("010-65529988", "CN", True),
        ("+8613812345678", "TW", True),
        ("0912 345 678", "TW", True),
        ("R58M12345A", "CN", False),
        ("356938035643809", "CN", False),
        ("10655299888888888888", "CN", False),
        ("", "CN", False),
    ],
)
def test_words_and_telephones_are_typed_and_codes_are_scanned(raw, country, typed):
    assert is_typed(raw, country) is typed
