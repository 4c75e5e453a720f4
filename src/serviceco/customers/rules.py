"""Phones, masks and dates of purchase. Pure."""

from collections.abc import Iterable
from datetime import date

import phonenumbers

from serviceco.customers.words import ProofGiven

_HIDDEN = "****"
_SHOWN_END = 4
_SHOWN_START = 3


def parse_phone(text: str, country: str) -> str | None:
    """Return the number in E.164, or None where it is no valid number.

    A number without `+` is read as one of the country (ISO 3166, two letters).
    """
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def national_digits(phone: str) -> str:
    """Return an E.164 number as it is dialled at home, digits alone; what is no number, its digits."""
    try:
        return phonenumbers.national_significant_number(phonenumbers.parse(phone))
    except phonenumbers.NumberParseException:
        return "".join(filter(str.isdigit, phone))


def mask_phone(phone: str) -> str:
    """Return an E.164 number with its middle hidden: `+86 138****5678` reads `138****5678`."""
    try:
        digits = str(phonenumbers.parse(phone).national_number)
    except phonenumbers.NumberParseException:
        return _HIDDEN
    if len(digits) < _SHOWN_START + _SHOWN_END + 1:
        return _HIDDEN + digits[-2:]
    return digits[:_SHOWN_START] + _HIDDEN + digits[-_SHOWN_END:]


def mask_name(name: str) -> str:
    """Return a name with all but its first (and, from three signs on, last) sign hidden."""
    if len(name) < 3:
        return name[:1] + "*" if name else ""
    return f"{name[0]}*{name[-1]}"


def first_future_proof(proofs: Iterable[ProofGiven], today: date) -> ProofGiven | None:
    """Return the first proof dated after `today`, the day of the branch's zone."""
    return next((proof for proof in proofs if proof.dated_on > today), None)
