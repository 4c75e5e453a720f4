"""What a policy leaves open: lines sold without a term, findings without a use, units that clash."""

from collections.abc import Iterable, Iterator

from serviceco.policy.rules.promise import compile_promise
from serviceco.policy.rules.regions import Names, facts_in
from serviceco.policy.words import (
    Condition,
    FactName,
    Facts,
    Finding,
    Flaw,
    FlawCode,
    InspectionStep,
    LineKind,
    Policy,
)

# A reading carries its unit; one that nobody knows could not be held against a limit.
UNITS = frozenset(
    {
        "V",
        "mV",
        "A",
        "mA",
        "W",
        "Ω",
        "kΩ",
        "MΩ",
        "Hz",
        "kHz",
        "MHz",
        "GHz",
        "°C",
        "K",
        "%",
        "s",
        "min",
        "h",
        "mm",
        "cm",
        "m",
        "g",
        "kg",
        "N",
        "Pa",
        "kPa",
        "bar",
        "l",
        "l/min",
        "rpm",
        "dB",
        "dBm",
        "lx",
        "cd/m²",
        "Mbit/s",
        "mAh",
        "Wh",
        "pixels",
        "cycles",
    }
)


def gaps_of(policy: Policy, names: Names) -> Iterator[Flaw]:
    """Yield each line that is sold or paid and of which no term speaks."""
    promise = compile_promise(policy)
    for category, component, kind, where in _sold(policy):
        cover = policy.coverage.get(category)
        row = promise.row(category, component, kind)
        if cover is None or row is None or row.months:
            continue
        term = cover.components.get(component, cover.whole)
        if term.consumable or kind in term.months or kind in cover.whole.months:
            continue
        yield Flaw(
            code=FlawCode.GAP,
            rules=(term.rule,),
            where=where,
            sentence=f"{category} {component or 'unit'}: no term speaks of {kind}; write 0 months "
            "if it is not covered",
            example=_asking(policy, category, kind, component),
        )
    for model, category in sorted(names.models.items()):
        if category not in policy.coverage:
            yield Flaw(
                code=FlawCode.GAP,
                rules=(),
                where=("coverage",),
                sentence=f"the brand sells {model}, and no term speaks of {category}",
                example=_asking(policy, category, LineKind.LABOUR, "", model),
            )


def idle_findings(policy: Policy) -> Iterator[Flaw]:
    """Yield each finding that no step finds and no row uses."""
    used = {code for steps in policy.inspection.values() for step in steps for code in step.finds}
    for row in policy.exclusions:
        used |= set(row.when.get(FactName.FINDING, _NOTHING).one_of)
    for code in policy.findings:
        if code not in used:
            yield Flaw(
                code=FlawCode.IDLE_FINDING,
                rules=(),
                where=("findings", code),
                sentence=f"no step finds `{code}` and no row uses it",
                example=facts_in({FactName.FINDING: frozenset((code,))}, policy),
            )


def flaws_of_units(policy: Policy) -> Iterator[Flaw]:
    """Yield each unit that is not of the list, and each step measured in two units."""
    seen: dict[str, str] = {}
    for category, steps in policy.inspection.items():
        for n, step in enumerate(steps):
            if not step.unit:
                continue
            where = ("inspection", category, n, "unit")
            first = seen.setdefault(step.code, step.unit)
            if step.unit not in UNITS:
                sentence = f"`{step.unit}` is no unit of the list"
                yield _unit(FlawCode.UNKNOWN_UNIT, policy, category, step, where, sentence)
            elif step.unit != first:
                sentence = f"`{step.code}` is measured in {step.unit} here and in {first} before"
                yield _unit(FlawCode.MIXED_UNITS, policy, category, step, where, sentence)


_NOTHING = Condition(one_of=("",))


def _sold(policy: Policy) -> Iterable[tuple[str, str, LineKind, tuple[str | int, ...]]]:
    """Return what is sold or paid for: category, component, kind of line, and where it says so."""
    for n, part in enumerate(policy.parts):
        yield part.category, part.component, LineKind.PART, ("parts", n)
    categories = {rate.category: n for n, rate in reversed(list(enumerate(policy.labour)))}
    for category, n in categories.items():
        yield category, "", LineKind.LABOUR, ("labour", n)
        if policy.pay.travel_pays_minor or policy.pay.travel_price_minor:
            yield category, "", LineKind.TRAVEL, ("coverage", category)
        if policy.pay.diagnosis_price_minor:
            yield category, "", LineKind.DIAGNOSIS, ("coverage", category)


def _asking(
    policy: Policy, category: str, kind: LineKind, component: str, model: str = ""
) -> Facts:
    region = {
        FactName.CATEGORY: frozenset((category,)),
        FactName.LINE_KIND: frozenset((kind.value,)),
        FactName.COMPONENT: frozenset((component,)),
        FactName.MODEL: frozenset((model,)),
    }
    return facts_in(region, policy)


def _unit(
    code: FlawCode,
    policy: Policy,
    category: str,
    step: InspectionStep,
    where: tuple[str | int, ...],
    sentence: str,
) -> Flaw:
    limit = step.at_least if step.at_least is not None else step.at_most
    start = facts_in({FactName.CATEGORY: frozenset((category,))}, policy)
    found = Finding(code=next(iter(step.finds), step.code), reading=str(limit), unit=step.unit)
    example = Facts(
        category=category,
        line_kind=start.line_kind,
        received_on=start.received_on,
        proofs=start.proofs,
        findings=(found,),
    )
    return Flaw(code=code, rules=(), where=where, sentence=sentence, example=example)
