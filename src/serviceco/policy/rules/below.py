"""Finding where a policy promises less than the law: said when it is read, lifted when decided."""

from collections.abc import Iterator
from dataclasses import dataclass

from serviceco.policy.rules.promise import Promise, compile_promise
from serviceco.policy.words import Law, LineKind, Policy


@dataclass(frozen=True, slots=True)
class Short:
    """A term that is too short, and where it stands below its category in the file."""

    where: tuple[str, ...]
    sentence: str


def terms_below(policy: Policy, law: Law, category: str) -> Iterator[Short]:
    """Yield each term of the category that is shorter than the law's, with the law's clause.

    A component that only one of the two names is compared with the other's category term, and
    named only where it differs from its category.
    """
    if category not in law.coverage:
        return
    promised, owed = compile_promise(policy), compile_promise(law)
    own = policy.coverage[category].components
    whole = _shortfalls(promised, owed, category, "")
    for component in ("", *sorted({*own, *law.coverage[category].components})):
        short = _shortfalls(promised, owed, category, component)
        if component and short == whole:
            continue
        for (months, least, clause), kinds in short.items():
            yield Short(
                where=("components", component) if component in own else ("whole",),
                sentence=f"{component or 'unit'} ({', '.join(kinds)}): {months} months, the law "
                f"gives {least} ({law.code} {clause}); decisions will be lifted",
            )


def _shortfalls(
    promised: Promise, owed: Promise, category: str, component: str
) -> dict[tuple[int, int, str], list[LineKind]]:
    """Group the kinds of line that fall short by months promised, months owed and clause."""
    short: dict[tuple[int, int, str], list[LineKind]] = {}
    for kind in LineKind:
        mine = promised.row(category, component, kind)
        floor = owed.row(category, component, kind)
        if mine and floor and mine.months < floor.months:
            key = (mine.months, floor.months, floor.holds.clause)
            short.setdefault(key, []).append(kind)
    return short
