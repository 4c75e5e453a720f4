"""What a static check finds in a policy: which rows, where, in one sentence, shown by facts."""

from enum import StrEnum

import msgspec

from serviceco.policy.words.facts import Facts


class FlawCode(StrEnum):
    """The kinds of flaw."""

    NEVER_HITS = "never_hits"
    SHADOWED = "shadowed"
    OVERLAP = "overlap"
    GAP = "gap"
    LACKS_EVIDENCE = "lacks_evidence"
    NOT_PERMITTED = "not_permitted"
    IDLE_FINDING = "idle_finding"
    UNKNOWN_UNIT = "unknown_unit"
    MIXED_UNITS = "mixed_units"


class Flaw(msgspec.Struct, frozen=True, kw_only=True):
    """One flaw. `rules` are the ids of the rows concerned, the one at `where` first.

    `example` are facts on which a decision shows the flaw. One that is no warning is an error.
    """

    code: FlawCode
    rules: tuple[str, ...]
    where: tuple[str | int, ...]
    sentence: str
    example: Facts
    is_warning: bool = True
