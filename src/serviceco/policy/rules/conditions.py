"""Typed conditions compiled into closures over the facts."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date

from serviceco.policy.rules.trail import Trail
from serviceco.policy.words import Condition, EarlierRepair, FactName, Facts, Outcome, SaleChannel

Fact = str | int | None
Asked = Callable[[Facts, date | None], Fact]
# Returns whether the condition holds, or None where the fact is unknown; and the fact itself.
Test = Callable[[Facts, date | None], tuple[bool | None, str | int]]
Tests = tuple[tuple[str, Test], ...]
_OUTCOMES = {None: Outcome.UNKNOWN, False: Outcome.FAILS, True: Outcome.HOLDS}

ASKED: Mapping[FactName, Asked] = {
    FactName.COMPONENT: lambda facts, _: facts.component or None,
    FactName.MODEL: lambda facts, _: facts.model or None,
    FactName.CATEGORY: lambda facts, _: facts.category,
    FactName.LINE_KIND: lambda facts, _: facts.line_kind.value,
    FactName.CHANNEL: lambda facts, _: (
        None if facts.channel is SaleChannel.UNKNOWN else facts.channel.value
    ),
    FactName.REGION: lambda facts, _: facts.region or None,
    FactName.REPAIR_LEVEL: lambda facts, _: facts.repair_level,
    FactName.EARLIER_REPAIRS: lambda facts, _: _visits(facts.earlier_repairs),
    FactName.DAYS_IN_REPAIR: lambda facts, _: facts.days_in_repair,
    FactName.DAYS_WAITING_FOR_PARTS: lambda facts, _: facts.days_waiting_for_parts,
    FactName.DAYS_SINCE_START: lambda facts, starts_on: (
        None if starts_on is None else (facts.received_on - starts_on).days
    ),
}


def _visits(repairs: Iterable[EarlierRepair]) -> int:
    """Count repairs by visit: one that brand and customer shared is one repair."""
    visits = [repair.visit for repair in repairs]
    return visits.count("") + len(set(visits) - {""})


def wording(name: FactName, condition: Condition) -> str:
    """Return the condition as the trace shows it, e.g. `region none_of CN, HK`."""
    if condition.one_of:
        return f"{name} one_of {', '.join(condition.one_of)}"
    if condition.none_of:
        return f"{name} none_of {', '.join(condition.none_of)}"
    bounds = [
        f"{word} {bound}"
        for word, bound in (("at_least", condition.at_least), ("at_most", condition.at_most))
        if bound is not None
    ]
    return f"{name} {' and '.join(bounds)}"


def admits(condition: Condition) -> Callable[[str | int], bool]:
    """Return a closure that tells whether the condition holds for a known value."""
    return _bounds(condition) if condition.is_bounds else _membership(condition)


def compile_condition(name: FactName, condition: Condition) -> Test:
    """Return a closure that tests one fact. Findings are tested by the exclusion itself."""
    asked = ASKED[name]
    holds = admits(condition)

    def test(facts: Facts, starts_on: date | None) -> tuple[bool | None, str | int]:
        fact = asked(facts, starts_on)
        if fact is None:
            return None, "unknown"
        return holds(fact), fact

    return test


def compile_conditions(when: Mapping[FactName, Condition]) -> Tests:
    """Return the tests of plain facts with their wording, in the order of the catalogue."""
    return tuple(
        (wording(name, when[name]), compile_condition(name, when[name]))
        for name in ASKED
        if name in when
    )


def note_all(tests: Tests, rule: str, facts: Facts, starts_on: date | None, trail: Trail) -> bool:
    """Note each test in the trail up to the first that does not hold; tell whether all did."""
    for words, test in tests:
        holds, fact = test(facts, starts_on)
        trail.note(rule, words, fact, _OUTCOMES[holds])
        if not holds:
            return False
    return True


def _membership(condition: Condition) -> Callable[[str | int], bool]:
    if condition.one_of:
        wanted = frozenset(condition.one_of)
        return lambda fact: fact in wanted
    unwanted = frozenset(condition.none_of)
    return lambda fact: fact not in unwanted


def _bounds(condition: Condition) -> Callable[[str | int], bool]:
    low = -1 if condition.at_least is None else condition.at_least
    high = 10**9 if condition.at_most is None else condition.at_most
    return lambda fact: low <= int(fact) <= high
