"""What must hold for all facts: the clock is monotone, the law only lifts, JSON recomputes."""

from dataclasses import replace
from datetime import date, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from serviceco.core.canonical import canonical_json
from serviceco.policy.rules import (
    compile_law,
    compile_policy,
    decide_coverage,
    decide_payer,
    last_covered_day,
    sum_coverage,
)
from serviceco.policy.words import (
    EarlierRepair,
    Facts,
    Finding,
    LineKind,
    Payer,
    Proof,
    ProofKind,
    SaleChannel,
    decision_of,
    document_of,
    facts_of,
    law_of,
    policy_of,
)
from tests.policy import factories as make

POLICY = compile_policy(make.policy(repair_time_extends=True, is_provable=True))
LAW = compile_law(make.law(months_after_repair=12))

days = st.dates(date(2023, 1, 1), date(2027, 12, 31))
components = st.sampled_from(["", "display", "battery", "mainboard"])
proofs = st.builds(Proof, kind=st.sampled_from(ProofKind), on=days, verified=st.booleans())
findings = st.builds(
    Finding,
    code=st.sampled_from(["cracked", "broken_in_workshop", "scratched"]),
    component=components,
    photos=st.sampled_from([(), ("a1",)]),
)
repairs = st.builds(
    EarlierRepair,
    on=days,
    components=st.lists(components, max_size=2).map(tuple),
    payer=st.sampled_from(Payer),
)
facts = st.builds(
    Facts,
    category=st.sampled_from(["phone", "kettle"]),
    line_kind=st.sampled_from(LineKind),
    received_on=days,
    component=components,
    proofs=st.lists(proofs, max_size=3).map(tuple),
    findings=st.lists(findings, max_size=3).map(tuple),
    channel=st.sampled_from(SaleChannel),
    region=st.sampled_from(["", "CN", "HK"]),
    earlier_repairs=st.lists(repairs, max_size=2).map(tuple),
    days_in_repair=st.integers(0, 90),
)


@given(days, st.integers(0, 120), st.integers(0, 120))
def test_more_months_never_end_earlier(start, months, more):
    assert last_covered_day(start, months) <= last_covered_day(start, months + more)


@given(days, st.integers(0, 400), st.integers(0, 120))
def test_a_later_start_never_ends_earlier(start, later, months):
    assert last_covered_day(start, months) <= last_covered_day(
        start + timedelta(days=later), months
    )


@given(facts, st.permutations([0, 1, 2]))
def test_the_order_of_proofs_changes_nothing(line, order):
    shuffled = tuple(line.proofs[index] for index in order if index < len(line.proofs))
    one = decide_coverage(POLICY, LAW, line)
    other = decide_coverage(POLICY, LAW, replace(line, proofs=shuffled))
    assert (one.payer, one.last_covered_on) == (other.payer, other.last_covered_on)


@given(facts, repairs)
def test_a_repair_never_shortens_the_cover_nor_restarts_it(line, repair):
    before = decide_coverage(POLICY, None, line)
    after = decide_coverage(
        POLICY, None, replace(line, earlier_repairs=(*line.earlier_repairs, repair))
    )
    assert after.start == before.start
    if before.last_covered_on and after.last_covered_on:
        bound = max(before.last_covered_on, repair.on + timedelta(days=90))
        assert before.last_covered_on <= after.last_covered_on <= bound


@given(facts)
def test_the_law_only_lifts(line):
    promised = decide_coverage(POLICY, None, line)
    lawful = decide_coverage(POLICY, LAW, line)
    if promised.payer is not Payer.CUSTOMER:
        assert (lawful.payer, lawful.reasons) == (promised.payer, promised.reasons)
    else:
        assert (lawful.floor is not None) == (lawful.payer is not Payer.CUSTOMER)


@given(facts)
def test_deciding_in_bulk_names_the_same_payer(line):
    for law in (LAW, None):
        assert decide_payer(POLICY, law, line) is decide_coverage(POLICY, law, line).payer


@given(facts)
def test_every_decision_names_a_reason_and_the_missing_evidence_once(line):
    decision = decide_coverage(POLICY, LAW, line)
    assert decision.reasons
    assert len(set(decision.missing)) == len(decision.missing)
    assert decision.trace


@given(facts)
def test_stored_json_recomputes_to_the_identical_decision(line):
    stored = canonical_json(document_of(line))
    decided = canonical_json(document_of(decide_coverage(POLICY, LAW, line)))
    # What comes back from the database has lost the order of its keys.
    policy = policy_of(_unordered(document_of(POLICY.policy)))
    law = law_of(_unordered(document_of(LAW.law)))
    again = decide_coverage(
        compile_policy(policy), compile_law(law), facts_of(msgspec.json.decode(stored))
    )
    assert canonical_json(document_of(again)) == decided
    assert decision_of(msgspec.json.decode(decided)) == again


@given(st.lists(st.sampled_from([*Payer, None]), max_size=6))
def test_the_sum_of_an_order_forgets_order_and_repetition(payers):
    assert sum_coverage(payers) is sum_coverage([*reversed(payers), *payers])


def _unordered(document):
    if isinstance(document, dict):
        return {key: _unordered(document[key]) for key in sorted(document, key=lambda k: k[::-1])}
    if isinstance(document, list):
        return [_unordered(part) for part in document]
    return document
