"""Telling what a repeated import finds new, changed or somebody else's."""

from collections.abc import Iterable, Mapping

from serviceco.exchange.words import (
    Changed,
    Earlier,
    Note,
    Problem,
    Repair,
    Reported,
    Sorted,
    Verdict,
)


def sort_out(repairs: Iterable[Repair], earlier: Mapping[str, Earlier]) -> Sorted:
    """Tell new rows from those imported before, by their ids.

    An id that came from another contributor is not the same repair, and is rejected.
    """
    new, changed, rejected, unchanged = [], [], [], 0
    for repair in repairs:
        before = earlier.get(repair.key)
        if before is None:
            new.append(repair)
        elif before.fields["data_provider"].strip() != repair.provider:
            note = Note(Problem.ID_OF_OTHER_PROVIDER, "id", before.fields["data_provider"])
            rejected.append(Reported(repair.line, repair.key, Verdict.REJECTED, (note,)))
        elif columns := changed_columns(before, repair):
            changed.append(Changed(repair, before, columns))
        else:
            unchanged += 1
    return Sorted(tuple(new), tuple(changed), unchanged, tuple(rejected))


def kept_fields(repair: Repair) -> dict[str, str]:
    """Return what is kept of a row to compare it with later: that it had words, never the words."""
    return {**repair.fields, "problem": "said" if has_words(repair) else ""}


def has_words(repair: Repair) -> bool:
    """Tell whether the customer said anything."""
    return bool(repair.words.strip())


def changed_columns(before: Earlier, repair: Repair) -> tuple[str, ...]:
    """Return the columns in which a row differs from its earlier reading.

    Words that were erased since stay erased, whatever the source says now.
    """
    now = kept_fields(repair)
    columns = [name for name in now if before.fields.get(name) != now[name]]
    if before.words is not None and has_words(repair) and before.words != repair.words:
        columns.append("problem")
    if before.fields["problem"] and before.words is None:
        columns = [name for name in columns if name != "problem"]
    return tuple(columns)
