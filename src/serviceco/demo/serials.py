"""Serials that fit their models: IMEIs with their check digit, others by the model's pattern."""

import re
from random import Random
from string import ascii_uppercase, digits

from stdnum import luhn

from serviceco.policy.words import ModelPack

# `[0-9]{6}`, `[A-Z]`, or a sign that stands for itself: the patterns of our packs hold no more.
_PIECE = re.compile(r"\[([^\]]+)\](?:\{(\d+)\})?|([A-Z0-9])")
_SIGNS = {"0-9": digits, "A-Z": ascii_uppercase, "0-9A-Z": digits + ascii_uppercase}


def serial_of(dice: Random, model: ModelPack, *, takes_imei: bool) -> str | None:
    """Return a serial that the counter accepts for the model, or None where none is known."""
    if takes_imei and model.tac_prefixes:
        body = dice.choice(model.tac_prefixes) + f"{dice.randrange(10**6):06d}"
        return body + luhn.calc_check_digit(body)
    if model.serial_pattern is None:
        return None
    return "".join(
        sign or "".join(dice.choices(_SIGNS[signs], k=int(times or 1)))
        for signs, times, sign in _PIECE.findall(model.serial_pattern)
    )
