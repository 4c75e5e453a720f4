"""Amounts of money: integers of the currency's minor unit (ISO 4217), never floats."""

from dataclasses import dataclass
from typing import Self

# ISO 4217 exponents that are not 2; the list holds the currencies our tenants may use.
_EXPONENTS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "KWD": 3, "BHD": 3, "TND": 3}


def exponent(currency: str) -> int:
    """Return how many decimal places the currency has by ISO 4217."""
    return _EXPONENTS.get(currency, 2)


def share(amount_minor: int, basis_points: int) -> int:
    """Return that share of an amount, rounded half away from zero to a whole minor unit."""
    scaled = abs(amount_minor) * basis_points
    rounded = (scaled * 2 + 10_000) // 20_000
    return rounded if amount_minor >= 0 else -rounded


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount beside its currency."""

    amount_minor: int
    currency: str

    def __add__(self, other: Self) -> "Money":
        """Add an amount of the same currency.

        Raises:
            ValueError: the currencies differ.
        """
        if self.currency != other.currency:
            raise ValueError(f"{self.currency} and {other.currency} do not add up")
        return Money(self.amount_minor + other.amount_minor, self.currency)

    def decimal_text(self) -> str:
        """Return the amount as plain decimal text, e.g. `180.00`, with the currency's places."""
        places = exponent(self.currency)
        sign = "-" if self.amount_minor < 0 else ""
        digits = str(abs(self.amount_minor)).rjust(places + 1, "0")
        return sign + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)
