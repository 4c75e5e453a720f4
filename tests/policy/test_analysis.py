"""The static check: each flaw is found in a policy broken in one place, and its example shows it."""

from dataclasses import replace
from decimal import Decimal

import pytest
from click.testing import CliRunner

from serviceco.cli import main
from serviceco.core.places import project_folder
from serviceco.policy.analysis import flaws_of
from serviceco.policy.checks import coverage_of_tests
from serviceco.policy.packs import facts_text
from serviceco.policy.rules import Names
from serviceco.policy.words import (
    Condition,
    EvidenceKind,
    Exclusion,
    FactName,
    Finding,
    FlawCode,
    InspectionStep,
    LineKind,
    PartOffer,
    Payer,
    Policy,
    Reach,
    ReasonCode,
    StepKind,
)
from tests.policy.factories import DAMAGE, TEXT, cover, decide, law, policy, term

NAMES = Names(
    models={"N1": "phone", "N2": "phone", "T1": "tablet"},
    components=frozenset({"display", "battery"}),
)
STEPS = (
    InspectionStep(code="front", title=TEXT, kind=StepKind.PHOTO, finds=("cracked",)),
    InspectionStep(code="cell", title=TEXT, kind=StepKind.MEASURE, unit="V", at_least=Decimal(3)),
)
GOOD = policy(
    exclusions=(DAMAGE,),
    coverage={"phone": cover(law="test-law"), "tablet": cover(whole=term(rule="T-9"))},
    inspection={"phone": STEPS, "tablet": STEPS},
)


def row(rule: str = "X-9", **overrides) -> Exclusion:
    values = {"clause": "3", "reason": ReasonCode.DAMAGE, "when": {}, "evidence": ()}
    return Exclusion(rule=rule, **values | overrides)


def asking(**conditions: Condition) -> Exclusion:
    return row(when={FactName(name): condition for name, condition in conditions.items()})


def one(*codes: str) -> Condition:
    return Condition(one_of=codes)


def with_rows(*rows: Exclusion) -> Policy:
    return replace(GOOD, exclusions=(DAMAGE, *rows))


def with_step(category: str = "tablet", **overrides) -> Policy:
    measure = replace(STEPS[1], **overrides)
    return replace(GOOD, inspection={**GOOD.inspection, category: (STEPS[0], measure)})


def flaws(broken: Policy):
    return list(flaws_of(broken, {"test-law": law()}, NAMES))


DEAD = {
    "bounds crossed": asking(days_in_repair=Condition(at_least=9, at_most=3)),
    "no such category": asking(category=one("toaster")),
    "every category taken away": asking(category=Condition(none_of=("phone", "tablet"))),
    "no such model": asking(model=one("N9")),
    "every model taken away": asking(model=Condition(none_of=("N1", "N2", "T1"))),
    "a model of another category": asking(model=one("T1"), category=one("phone")),
    "no such component": asking(component=one("flux")),
    "no such kind of line": asking(line_kind=one("gift")),
    "no such channel": asking(channel=one("market")),
    "a channel that nobody knows": asking(channel=one("unknown")),
    "no such repair level": asking(repair_level=Condition(at_least=4)),
    "below every repair level": asking(repair_level=Condition(at_most=0)),
    "fewer than no repairs": asking(earlier_repairs=Condition(at_most=-1)),
    "fewer than no days in repair": asking(days_in_repair=Condition(at_most=-1)),
    "fewer than no days of waiting": asking(days_waiting_for_parts=Condition(at_most=-5)),
}


@pytest.mark.parametrize("dead", DEAD.values(), ids=DEAD.keys())
def test_a_row_that_never_hits_is_an_error_and_its_example_comes_nearest(dead):
    broken = with_rows(dead)
    (flaw,) = flaws(broken)
    assert (flaw.code, flaw.rules, flaw.is_warning) == (FlawCode.NEVER_HITS, ("X-9",), False)
    assert flaw.where[:2] == ("exclusions", 1)
    assert "X-9" not in {reason.rule for reason in decide(flaw.example, by=broken).reasons}


def test_a_finding_that_no_step_of_the_rows_category_finds_never_hits():
    broken = replace(
        with_rows(row(when={FactName.FINDING: one("cracked"), FactName.CATEGORY: one("tablet")})),
        inspection={"phone": STEPS, "tablet": STEPS[1:]},
    )
    (flaw,) = flaws(broken)
    assert (flaw.code, flaw.example.category) == (FlawCode.NEVER_HITS, "tablet")


SHADOWED = {
    "the same row twice": row(when=DAMAGE.when, evidence=DAMAGE.evidence, reach=Reach.COMPONENT),
    "narrower by category": row(
        when={**DAMAGE.when, FactName.CATEGORY: one("tablet")},
        evidence=DAMAGE.evidence,
        reach=Reach.COMPONENT,
    ),
    "another payer that never pays": row(
        when={**DAMAGE.when, FactName.LINE_KIND: one("part")},
        evidence=DAMAGE.evidence,
        reach=Reach.COMPONENT,
        payer=Payer.TENANT,
    ),
    "more evidence than the first asks for": row(
        when=DAMAGE.when,
        evidence=(EvidenceKind.PHOTO, EvidenceKind.READING),
        reach=Reach.COMPONENT,
    ),
}


@pytest.mark.parametrize("behind", SHADOWED.values(), ids=SHADOWED.keys())
def test_a_row_behind_one_that_takes_all_of_it_never_names_the_payer(behind):
    broken = with_rows(behind)
    (flaw,) = flaws(broken)
    assert (flaw.code, flaw.rules) == (FlawCode.SHADOWED, ("X-9", "X-1"))
    assert [reason.rule for reason in decide(flaw.example, by=broken).reasons] == ["X-1", "X-9"]


NOT_SHADOWED = {
    "wider reach": row(when=DAMAGE.when, evidence=DAMAGE.evidence),
    "fewer days": asking(days_in_repair=Condition(at_least=3)),
    "no evidence": row(when=DAMAGE.when, reach=Reach.COMPONENT),
}


@pytest.mark.parametrize("beside", NOT_SHADOWED.values(), ids=NOT_SHADOWED.keys())
def test_a_row_that_takes_more_than_the_one_before_it_is_not_shadowed(beside):
    assert FlawCode.SHADOWED not in {flaw.code for flaw in flaws(with_rows(beside))}


def test_bounds_within_bounds_are_shadowed_and_bounds_beside_bounds_are_not():
    wide, within, beside = (
        row(rule, when={FactName.DAYS_SINCE_START: Condition(at_least=low, at_most=high)})
        for rule, low, high in (("W", 10, 20), ("I", 12, 20), ("B", 15, 21))
    )
    shadowed = [
        flaw.rules
        for flaw in flaws(replace(GOOD, exclusions=(wide, within, beside)))
        if flaw.code is FlawCode.SHADOWED
    ]
    assert shadowed == [("I", "W")]


def test_rows_with_different_payers_for_the_same_facts_overlap():
    broken = with_rows(row(when=DAMAGE.when, payer=Payer.TENANT))
    (flaw,) = flaws(broken)
    assert (flaw.code, flaw.rules) == (FlawCode.OVERLAP, ("X-9", "X-1"))
    decision = decide(flaw.example, by=broken)
    assert [reason.rule for reason in decision.reasons] == ["X-1", "X-9"]


def test_rows_about_different_findings_do_not_overlap():
    steps = (*STEPS, replace(STEPS[0], code="back", finds=("slip",)))
    other = row(when={FactName.FINDING: one("slip")}, payer=Payer.TENANT)
    broken = replace(
        with_rows(other),
        findings={"cracked": TEXT, "slip": TEXT},
        inspection={"phone": steps, "tablet": steps},
    )
    assert flaws(broken) == []


def test_less_evidence_than_the_law_asks_for_is_lifted_as_the_example_shows():
    broken = replace(GOOD, exclusions=(replace(DAMAGE, evidence=()),))
    (flaw,) = flaws(broken)
    assert (flaw.code, flaw.rules) == (FlawCode.LACKS_EVIDENCE, ("X-1", "L-2"))
    decision = decide(flaw.example, by=broken, floor=law())
    assert decision.floor is not None
    assert [missing.what for missing in decision.missing] == ["photo"]


def test_a_reason_that_the_law_does_not_know_is_lifted_as_the_example_shows():
    broken = replace(GOOD, exclusions=(replace(DAMAGE, reason=ReasonCode.LIQUID),))
    (flaw,) = flaws(broken)
    assert flaw.code is FlawCode.NOT_PERMITTED
    assert decide(flaw.example, by=broken, floor=law()).floor is not None


def test_a_row_outside_the_law_or_against_the_company_needs_no_permit():
    tablets = replace(DAMAGE, evidence=(), when={**DAMAGE.when, FactName.CATEGORY: one("tablet")})
    ours = replace(DAMAGE, evidence=(), payer=Payer.TENANT)
    assert flaws(replace(GOOD, exclusions=(tablets,))) == []
    assert flaws(replace(GOOD, exclusions=(ours,))) == []


def test_a_part_that_is_sold_and_that_no_term_speaks_of_is_a_gap():
    part = PartOffer(
        part_no="P",
        title=TEXT,
        component="display",
        category="phone",
        cost_minor=1,
        price_minor=2,
    )
    silent = cover(whole=term(months={LineKind.LABOUR: 12}), law="test-law")
    broken = replace(GOOD, parts=(part,), coverage={**GOOD.coverage, "phone": silent})
    (flaw,) = flaws(broken)
    assert (flaw.code, flaw.where) == (FlawCode.GAP, ("parts", 0))
    assert decide(flaw.example, by=broken).reason_codes == (ReasonCode.NOT_IN_TERMS,)
    said = cover(whole=term(months={LineKind.LABOUR: 12, LineKind.PART: 0}), law="test-law")
    assert flaws(replace(broken, coverage={**GOOD.coverage, "phone": said})) == []


def test_a_category_that_the_brand_sells_and_no_term_names_is_a_gap():
    broken = replace(GOOD, coverage={"phone": GOOD.coverage["phone"]})
    (flaw,) = flaws(broken)
    assert (flaw.code, flaw.example.model) == (FlawCode.GAP, "T1")
    assert decide(flaw.example, by=broken).reason_codes == (ReasonCode.NOT_IN_TERMS,)


def test_a_finding_that_nobody_uses_changes_nothing():
    broken = replace(GOOD, findings={"cracked": TEXT, "dusty": TEXT})
    (flaw,) = flaws(broken)
    assert (flaw.code, flaw.where) == (FlawCode.IDLE_FINDING, ("findings", "dusty"))
    assert [finding.code for finding in flaw.example.findings] == ["dusty"]
    plain = replace(flaw.example, findings=())
    assert decide(flaw.example, by=broken).reasons == decide(plain, by=broken).reasons


@pytest.mark.parametrize(
    ("unit", "code"), [("mV", FlawCode.MIXED_UNITS), ("volts", FlawCode.UNKNOWN_UNIT)]
)
def test_units_that_clash_or_that_nobody_knows_are_named(unit, code):
    (flaw,) = flaws(with_step(unit=unit))
    assert (flaw.code, flaw.where) == (code, ("inspection", "tablet", 1, "unit"))
    assert flaw.example.findings == (Finding(code="cell", reading="3", unit=unit),)


def test_a_good_policy_has_no_flaw():
    assert flaws(GOOD) == []


def test_an_example_is_written_as_the_facts_of_a_test():
    (flaw,) = flaws(with_rows(DEAD["no such model"]))
    assert facts_text(flaw.example) == (
        "{category: phone, line_kind: part, received_on: 2026-01-31, model: N1, "
        "proofs: [{kind: invoice, on: 2026-01-01, verified: true}]}"
    )


def test_the_tests_of_the_demo_packs_reach_every_row():
    packs = coverage_of_tests(project_folder("tenants"))
    assert [str(problem) for pack in packs for problem in pack.missed] == []
    assert all(pack.rows for pack in packs)


def test_the_command_prints_how_many_rows_are_reached():
    answer = CliRunner().invoke(main, ["policy", "check", "--coverage"])
    assert "xinghe-cn                         20 of  20 rows reached" in answer.output
