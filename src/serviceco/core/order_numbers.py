"""Numbers of repair orders: 12 digits, `yymmdd` + 5 digits of sequence + check digit."""

from datetime import date

# Damm's quasigroup of order 10 (H. M. Damm, 2004): finds every single wrong digit and every
# swap of neighbours, which the usual modulus 10 does not.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
DAILY_LIMIT = 99_999


def order_number(received_on: date, sequence: int) -> str:
    """Return the number of the day's `sequence`-th order of a company, 1 to 99,999.

    Raises:
        ValueError: the sequence does not fit its five digits.
    """
    if not 1 <= sequence <= DAILY_LIMIT:
        raise ValueError(f"sequence {sequence} is not in 1..{DAILY_LIMIT}")
    stem = f"{received_on:%y%m%d}{sequence:05d}"
    return stem + str(_damm(stem))


def is_order_number(text: str) -> bool:
    """Tell whether the text has 12 digits and a right check digit."""
    return len(text) == 12 and text.isascii() and text.isdigit() and _damm(text) == 0


def spaced(number: str) -> str:
    """Return the number as staff read it: `261122 00034 7`."""
    return f"{number[:6]} {number[6:11]} {number[11:]}"


def _damm(digits: str) -> int:
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return interim
