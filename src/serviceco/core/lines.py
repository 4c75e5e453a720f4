"""Two texts beside each other, line by line."""

from difflib import unified_diff
from itertools import islice

_AROUND = 2
# The lines that name the two files.
_NAMES = 2


def changed_lines(before: str, after: str) -> list[str]:
    """Return the lines that differ and two around each, every one with its sign before it.

    `+` is added, `-` left out, a space as it was, and `@` stands where lines that are the same
    are left out.
    """
    lines = unified_diff(before.splitlines(), after.splitlines(), n=_AROUND, lineterm="")
    return list(islice(lines, _NAMES, None))
