"""The arithmetic of double entry."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from serviceco.ledger.words import Side, Unbalanced


def transfer(debit: Side, *against: Side) -> list[Side]:
    """Return the sides of a debit against its credits, all given as positive amounts."""
    return [debit, *(replace(side, amount_minor=-side.amount_minor) for side in against)]


def imbalance(sides: Iterable[Side]) -> dict[str, int]:
    """Return the sum of debits and credits per currency, where it is not zero."""
    sums: dict[str, int] = {}
    for side in sides:
        sums[side.currency] = sums.get(side.currency, 0) + side.amount_minor
    return {currency: amount for currency, amount in sums.items() if amount}


def balanced(sides: Iterable[Side]) -> list[Side]:
    """Return the sides that carry an amount.

    Raises:
        Unbalanced: they do not sum to zero in each currency, or none is left.
    """
    carrying = [side for side in sides if side.amount_minor]
    over = imbalance(carrying)
    if over or not carrying:
        raise Unbalanced(f"an entry of {len(carrying)} sides leaves {over}")
    return carrying


def reversal(sides: Sequence[Side]) -> list[Side]:
    """Return the sides that undo these."""
    return [replace(side, amount_minor=-side.amount_minor) for side in sides]
