"""Bar codes: sizes that a 203 dpi printer draws sharply."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serviceco.web.codes import DOT_MM, code128_svg, qr_svg

NUMBER = "261122000344"


def size_mm(svg: str) -> tuple[float, float]:
    found = re.search(r'width="([\d.]+)mm" height="([\d.]+)mm"', svg)
    assert found
    return float(found[1]), float(found[2])


def cells(svg: str) -> tuple[int, int]:
    found = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg)
    assert found
    return int(found[1]), int(found[2])


def test_an_order_number_takes_101_modules_and_two_quiet_zones_of_ten() -> None:
    svg = code128_svg(NUMBER)
    assert cells(svg) == (101 + 20, 1)
    assert size_mm(svg)[0] == 30.25


def test_the_quiet_zone_of_a_linear_code_is_empty() -> None:
    assert min(int(x) for x in re.findall(r"M(\d+) ", code128_svg(NUMBER))) == 10


@pytest.mark.parametrize("digits", ["", "123", "12a4", "１２"])
def test_set_c_takes_only_pairs_of_digits(digits: str) -> None:
    with pytest.raises(ValueError, match="even number"):
        code128_svg(digits)


def test_a_link_of_42_bytes_fits_the_third_qr_version() -> None:
    link = f"https://service.example/o/{NUMBER}"
    assert len(link) <= 42
    svg = qr_svg(link)
    assert cells(svg) == (29 + 8, 29 + 8)
    assert size_mm(svg) == (18.5, 18.5)


@given(
    st.text(alphabet="0123456789", min_size=2, max_size=30).filter(lambda text: len(text) % 2 == 0)
)
def test_every_module_is_a_whole_number_of_printer_dots(digits: str) -> None:
    svg = code128_svg(digits)
    dots = size_mm(svg)[0] / cells(svg)[0] / DOT_MM
    assert dots == round(dots) >= 2


def test_the_label_of_a_code_cannot_break_out_of_the_drawing() -> None:
    assert "<script" not in qr_svg('"><script>')
