import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from serviceco.catalogue.rules import classify_scan, fits_pattern, normalise_serial
from serviceco.catalogue.words import ORDS_CATEGORIES, ScanKind, ScanProblem
from serviceco.core.order_numbers import order_number
from tests.factories import NOON

NUMBER = order_number(NOON.date(), 34)


@pytest.mark.parametrize(
    ("scanned", "kind", "code"),
    [
        (f"https://fix.example/o/{NUMBER}", ScanKind.ORDER, NUMBER),
        (f"HTTPS://FIX.EXAMPLE/O/{NUMBER}?from=label", ScanKind.ORDER, NUMBER),
        (f" {NUMBER[:6]} {NUMBER[6:11]} {NUMBER[11:]}\r", ScanKind.ORDER, NUMBER),
        ("260531793113837", ScanKind.IMEI, "260531793113837"),
        ("26-053179-311383-7", ScanKind.IMEI, "260531793113837"),
        ("２６０５３１７９３１１３８３７", ScanKind.IMEI, "260531793113837"),
        ("a10000009296f2", ScanKind.MEID, "A10000009296F2"),
        ("4006381333931", ScanKind.MODEL, "4006381333931"),
        ("]C1sn-00 17\x1dx", ScanKind.SERIAL, "SN0017X"),
        ("4006381333932", ScanKind.SERIAL, "4006381333932"),
    ],
)
def test_a_scan_is_what_its_digits_say(scanned: str, kind: ScanKind, code: str) -> None:
    scan = classify_scan(scanned)
    assert (scan.kind, scan.code, scan.problem) == (kind, code, None)


@pytest.mark.parametrize(
    ("scanned", "problem"),
    [
        ("", ScanProblem.EMPTY),
        (" \t", ScanProblem.EMPTY),
        ("356938035643808", ScanProblem.IMEI_CHECK_DIGIT),
        ("https://fix.example/o/261122000340", ScanProblem.ORDER_CHECK_DIGIT),
        ("https://fix.example/o/7", ScanProblem.ORDER_CHECK_DIGIT),
        ("屏幕黑了", ScanProblem.NOT_A_CODE),
        ("A" * 41, ScanProblem.NOT_A_CODE),
    ],
)
def test_what_is_not_understood_says_why(scanned: str, problem: ScanProblem) -> None:
    scan = classify_scan(scanned)
    assert (scan.kind, scan.problem) == (ScanKind.UNKNOWN, problem)


@given(st.text())
def test_any_text_is_classified(text: str) -> None:
    classify_scan(text)


@given(st.text("0123456789abcXYZ０１Ａ -\u2013\x1d\t"))
def test_a_normalised_serial_stays_as_it_is(text: str) -> None:
    once = normalise_serial(text)
    assert normalise_serial(once) == once


@given(st.from_regex(r"[0-9]{14}", fullmatch=True), st.integers(1, 9))
def test_one_wrong_digit_makes_an_imei_unknown(digits: str, off: int) -> None:
    right = luhn.calc_check_digit(digits)
    assert classify_scan(digits + right).kind is ScanKind.IMEI
    wrong = str((int(right) + off) % 10)
    assert classify_scan(digits + wrong).problem is ScanProblem.IMEI_CHECK_DIGIT


def test_a_pattern_must_fit_the_whole_serial() -> None:
    assert fits_pattern("SN0017", r"SN\d{4}")
    assert not fits_pattern("SN00171", r"SN\d{4}")
    assert fits_pattern("anything", None)


def test_every_category_of_the_open_standard_has_its_own_code() -> None:
    assert [word.ords_id for word in ORDS_CATEGORIES] == list(range(1, 41))
    assert len({word.code for word in ORDS_CATEGORIES}) == 40
    assert all(all(word.names.values()) for word in ORDS_CATEGORIES)
