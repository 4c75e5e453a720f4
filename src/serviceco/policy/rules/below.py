"""Finding where a policy promises less than the law: said when it is read, lifted when decided."""

from collections.abc import Iterator
from dataclasses import dataclass

from serviceco.policy.rules.promise import compile_promise
from serviceco.policy.words import Law, LineKind, Policy


@dataclass(frozen=True, slots=True)
class Short:
    """A term that is too short, and where it stands below its category in the file."""

    where: tuple[str, ...]
    sentence: str


def terms_below(policy: Policy, law: Law, category: str) -> Iterator[Short]:
    """Yield each term of the category that is shorter than the law's, with the law's clause.

    A component that only one of the two names is compared with the other's category term.
    """
    if category not in law.coverage:
        return
    promised, owed = compile_promise(policy).rows, compile_promise(law).rows
    own = policy.coverage[category].components
    for component in ("", *sorted({*own, *law.coverage[category].components})):
        for kind in LineKind:
            mine = promised.get((category, component, kind)) or promised[category, "", kind]
            floor = owed.get((category, component, kind)) or owed[category, "", kind]
            if mine.months < floor.months:
                name = f"{component or 'unit'}, {kind}"
                yield Short(
                    where=("components", component) if component in own else ("whole",),
                    sentence=f"{name}: {mine.months} months, the law gives {floor.months} "
                    f"({law.code} {floor.holds.clause}); decisions will be lifted",
                )
