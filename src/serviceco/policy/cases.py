"""Runs the test cases that a policy carries."""

from collections.abc import Iterator, Mapping

from serviceco.policy.packs import Problem, Read
from serviceco.policy.rules import CompiledLaw, CompiledPolicy, compile_policy, decide_coverage
from serviceco.policy.words import Case, Decision, Expected, Policy


def case_problems(policy: Read[Policy], laws: Mapping[str, CompiledLaw]) -> Iterator[Problem]:
    """Run the tests that a policy carries and yield those that it does not pass."""
    compiled = compile_policy(policy.words)
    for n, case in enumerate(policy.words.tests):
        for field_name, message in failures(case, compiled, laws):
            where = ("tests", n, "expect", field_name)
            yield policy.source.problem(where, f"test `{case.name}`: {message}")


def failures(
    case: Case, policy: CompiledPolicy, laws: Mapping[str, CompiledLaw]
) -> list[tuple[str, str]]:
    """Return what a decision says otherwise than the test expects: the field, and a sentence."""
    law = laws.get(policy.law_code(case.facts.category) or "")
    decided = _outcome(decide_coverage(policy, law, case.facts))
    return [
        (name, f"{name} is {decided[name]}, expected {wanted}")
        for name, wanted in _wanted(case.expect).items()
        if decided[name] != wanted
    ]


def _outcome(decision: Decision) -> dict[str, str]:
    return {
        "payer": decision.payer.value,
        "reasons": ", ".join(decision.reason_codes),
        "rule": decision.reasons[0].rule,
        "floor": decision.floor.rule if decision.floor else "none",
        "last_covered_on": str(decision.last_covered_on),
        "missing": ", ".join(missing.what for missing in decision.missing),
        "remedies": ", ".join(remedy.code for remedy in decision.remedies),
    }


def _wanted(expect: Expected) -> dict[str, str]:
    """Return what must agree, as text."""
    lists = {"missing": expect.missing, "remedies": expect.remedies}
    optional = {
        "rule": expect.rule,
        "last_covered_on": expect.last_covered_on,
        **{name: None if codes is None else ", ".join(codes) for name, codes in lists.items()},
    }
    return {
        "payer": expect.payer.value,
        "reasons": ", ".join(expect.reasons),
        "floor": expect.floor or "none",
        **{name: str(wanted) for name, wanted in optional.items() if wanted is not None},
    }
