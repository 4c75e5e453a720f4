"""The facts that a row takes, as a set of values per fact: what can be compared, row by row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from serviceco.policy.rules.conditions import admits
from serviceco.policy.words import (
    NUMBERS,
    Condition,
    EarlierRepair,
    EvidenceKind,
    Exclusion,
    FactName,
    Facts,
    Finding,
    LineKind,
    Policy,
    Proof,
    Reach,
    SaleChannel,
)

Value = str | int
When = Mapping[FactName, Condition]
# The values of a fact by which a row holds; a fact that the row does not ask about is left out.
Region = Mapping[FactName, frozenset[Value]]
Code = TypeVar("Code", LineKind, SaleChannel)
_FINDING = FactName.FINDING
_OTHER = "other"
_LEVELS = (1, 2, 3)
_DAYS_OF_USE = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What exists beside the policy: the brand's models with their category, and components.

    Where one of them is empty nobody knows, and any name may exist.
    """

    models: Mapping[str, str] = field(default_factory=dict)
    components: frozenset[str] = frozenset()


def regions_of(rows: Iterable[When], policy: Policy, names: Names) -> list[Region]:
    """Return the region of each row, over values that tell all these rows apart."""
    whens = list(rows)
    values = {name: _values(name, whens, policy, names) for name in FactName}
    return [_region(when, values, policy, names) for when in whens]


def is_empty(region: Region) -> bool:
    """Tell whether no facts at all hold."""
    return not all(region.values())


def meet(one: Region, other: Region) -> Region:
    """Return where both hold, by one and the same finding if both wait for one."""
    return {
        name: one.get(name, other.get(name, frozenset()))
        & other.get(name, one.get(name, frozenset()))
        for name in one.keys() | other.keys()
    }


def contains(outer: Region, inner: Region) -> bool:
    """Tell whether the outer row holds wherever the inner one does."""
    return all(name in inner and inner[name] <= taken for name, taken in outer.items())


def nearest(region: Region, when: When, policy: Policy, names: Names) -> Region:
    """Return what comes nearest to an empty region and exists: no facts name what does not."""
    near = dict(region)
    for name in (name for name, taken in region.items() if not taken and name is not _FINDING):
        existing = _values(name, [when], policy, names)
        asked = filter(admits(when[name]), existing) if name in when else ()
        near[name] = frozenset(asked) or existing
    if region.get(FactName.MODEL) and names.models and not region[FactName.CATEGORY]:
        near[FactName.CATEGORY] = frozenset({names.models[str(_first(region[FactName.MODEL]))]})
    return near


def facts_in(region: Region, policy: Policy, evidence: Iterable[EvidenceKind] = ()) -> Facts:
    """Return facts of the region, within the term, by proof that counts."""
    values = {name: _first(taken) for name, taken in region.items() if taken}
    category = str(values.get(FactName.CATEGORY, next(iter(policy.coverage), "")))
    component = str(values.get(FactName.COMPONENT, ""))
    start = policy.start[0]
    starts_on = policy.effective_from + timedelta(days=start.grace_days)
    days = int(values.get(FactName.DAYS_SINCE_START, _DAYS_OF_USE))
    codes = [str(values[FactName.FINDING])] if FactName.FINDING in values else []
    return Facts(
        category=category,
        line_kind=_code(LineKind, values.get(FactName.LINE_KIND), LineKind.PART),
        received_on=starts_on + timedelta(days=days),
        component=component,
        model=str(values.get(FactName.MODEL, "")),
        proofs=(Proof(kind=start.proof, on=policy.effective_from, verified=True),),
        findings=tuple(_finding(code, frozenset(evidence)) for code in codes),
        repair_level=int(values[FactName.REPAIR_LEVEL])
        if FactName.REPAIR_LEVEL in values
        else None,
        region=str(values.get(FactName.REGION, "")),
        earlier_repairs=(EarlierRepair(on=policy.effective_from),)
        * int(values.get(FactName.EARLIER_REPAIRS, 0)),
        days_in_repair=int(values.get(FactName.DAYS_IN_REPAIR, 0)),
        days_waiting_for_parts=int(values.get(FactName.DAYS_WAITING_FOR_PARTS, 0)),
        channel=_code(SaleChannel, values.get(FactName.CHANNEL), SaleChannel.UNKNOWN),
    )


def takes_all_of(outer: Exclusion, inner: Exclusion) -> bool:
    """Tell whether each finding that counts for the inner row counts for the outer one too."""
    is_as_wide = outer.reach is Reach.UNIT or inner.reach is Reach.COMPONENT
    return is_as_wide and set(outer.evidence) <= set(inner.evidence)


def _values(name: FactName, whens: list[When], policy: Policy, names: Names) -> frozenset[Value]:
    known: dict[FactName, Iterable[Value]] = {
        FactName.CATEGORY: policy.coverage,
        FactName.LINE_KIND: [kind.value for kind in LineKind],
        FactName.CHANNEL: [one.value for one in SaleChannel if one is not SaleChannel.UNKNOWN],
        FactName.REPAIR_LEVEL: _LEVELS,
        FactName.FINDING: policy.findings,
        FactName.MODEL: names.models,
        FactName.COMPONENT: names.components,
    }
    if closed := frozenset(known.get(name, ())):
        return closed
    asked = [when[name] for when in whens if name in when]
    if name in NUMBERS:
        return frozenset(edge for condition in asked for edge in _edges(condition)) | {0}
    codes = (code for one in asked for code in (*one.one_of, *one.none_of))
    return frozenset((*codes, _OTHER))


def _edges(condition: Condition) -> list[int]:
    bounds = [bound for bound in (condition.at_least, condition.at_most) if bound is not None]
    return [edge for bound in bounds for edge in (bound - 1, bound, bound + 1) if edge >= 0]


def _region(
    when: When, values: Mapping[FactName, frozenset[Value]], policy: Policy, names: Names
) -> Region:
    region: dict[FactName, frozenset[Value]] = {
        name: frozenset(filter(admits(condition), values[name])) for name, condition in when.items()
    }
    if region.get(FactName.MODEL) and names.models:
        made = {names.models[str(model)] for model in region[FactName.MODEL]}
        region[FactName.CATEGORY] = frozenset(
            made & set(region.get(FactName.CATEGORY, values[FactName.CATEGORY]))
        )
    if FactName.FINDING in region:
        codes = frozenset(when[FactName.FINDING].one_of)
        categories = region.get(FactName.CATEGORY, values[FactName.CATEGORY])
        searched = {str(one) for one in categories if _found_in(policy, str(one)) & codes}
        region[FactName.CATEGORY] = frozenset(searched)
        found = frozenset(code for one in searched for code in _found_in(policy, one))
        region[FactName.FINDING] &= found
    return region


def _found_in(policy: Policy, category: str) -> frozenset[str]:
    return frozenset(code for step in policy.inspection.get(category, ()) for code in step.finds)


def _first(taken: frozenset[Value]) -> Value:
    return min(taken, key=lambda value: (isinstance(value, str), value))


def _code(kind: type[Code], value: Value | None, otherwise: Code) -> Code:
    return next((code for code in kind if code.value == value), otherwise)


def _finding(code: str, evidence: frozenset[EvidenceKind]) -> Finding:
    return Finding(
        code=code,
        photos=("photo",) if EvidenceKind.PHOTO in evidence else (),
        reading="1" if EvidenceKind.READING in evidence else "",
    )
