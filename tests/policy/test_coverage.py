"""Coverage of one line on its edges: the clock, the exclusions, the guarantee."""

from datetime import date

import pytest

from serviceco.policy.rules import last_covered_day, sum_coverage
from serviceco.policy.words import (
    Coverage,
    EarlierRepair,
    LineKind,
    Missing,
    Outcome,
    Payer,
    ProofKind,
    ReasonCode,
    Term,
)
from tests.policy import factories as make

B, C, T, O = Payer.BRAND, Payer.CUSTOMER, Payer.TENANT, Payer.OTHER  # noqa: E741 - table letters


@pytest.mark.parametrize(
    ("received_on", "payer", "codes"),
    [
        (date(2025, 3, 10), B, ["r_in_period"]),
        (date(2026, 3, 10), B, ["r_in_period"]),
        (date(2026, 3, 11), C, ["r_expired"]),
    ],
)
def test_the_last_day_of_the_term_is_covered(received_on, payer, codes):
    decision = make.decide(make.facts(received_on))
    assert (decision.payer, list(decision.reason_codes)) == (payer, codes)
    assert decision.last_covered_on == date(2026, 3, 10)


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2025, 12, 15), 0, date(2025, 12, 15)),
        (date(2025, 8, 31), 6, date(2026, 2, 28)),
    ],
)
def test_a_month_without_that_day_ends_on_its_last(start, months, last):
    assert last_covered_day(start, months) == last


def test_a_component_runs_its_own_clock():
    on = date(2025, 10, 1)
    battery = make.decide(make.facts(on, component="battery"))
    display = make.decide(make.facts(on))
    assert (battery.payer, display.payer) == (C, B)
    assert battery.reasons[0].rule == "T-2"


def test_labour_on_a_component_falls_back_to_the_category():
    decision = make.decide(
        make.facts(date(2025, 10, 1), component="battery", line_kind=LineKind.LABOUR)
    )
    assert decision.payer is B


@pytest.mark.parametrize(
    ("kind", "component", "code"),
    [
        (LineKind.TRAVEL, "display", ReasonCode.NOT_IN_TERMS),
        (LineKind.PART, "film", ReasonCode.CONSUMABLE),
    ],
)
def test_what_the_terms_leave_out_is_paid_by_the_customer(kind, component, code):
    film = Term(rule="T-9", clause="5", consumable=True)
    terms = make.policy(coverage={"phone": make.cover(components={"film": film})})
    decision = make.decide(make.facts(line_kind=kind, component=component), by=terms)
    assert (decision.payer, decision.reason_codes) == (C, (code,))


def test_a_category_without_terms_is_not_promised():
    decision = make.decide(make.facts(category="kettle"))
    assert (decision.payer, decision.reason_codes) == (C, (ReasonCode.NOT_IN_TERMS,))


def test_all_reasons_are_given_not_only_the_first():
    decision = make.decide(
        make.facts(date(2026, 9, 1), region="HK", findings=(make.found("cracked", "display"),))
    )
    assert decision.payer is C
    assert decision.reason_codes == ("r_expired", "r_damage", "r_grey_import")


def test_damage_to_one_component_leaves_the_others_covered():
    cracked = (make.found("cracked", "display"),)
    assert make.decide(make.facts(findings=cracked)).payer is C
    assert make.decide(make.facts(findings=cracked, component="speaker")).payer is B


def test_damage_without_its_photo_does_not_count_and_is_reported_missing():
    decision = make.decide(make.facts(findings=(make.found("cracked", photo=False),)))
    assert decision.payer is B
    assert decision.missing == (Missing(what="photo", rule="X-1", finding="cracked"),)
    assert Outcome.MISSING in {step.outcome for step in decision.trace}


def test_a_second_finding_with_its_photo_counts_though_the_first_has_none():
    findings = (make.found("cracked", photo=False), make.found("cracked"))
    assert make.decide(make.facts(findings=findings)).payer is C


def test_an_unknown_fact_never_excludes():
    assert make.decide(make.facts(region="")).payer is B


def test_the_first_row_that_hits_names_the_payer():
    spoilt = make.decide(make.facts(findings=(make.found("broken_in_workshop"),)))
    assert (spoilt.payer, spoilt.reason_codes) == (T, ("r_damage",))


@pytest.mark.parametrize(
    ("proofs", "kind", "starts_on"),
    [
        ((make.made(date(2025, 1, 1)), make.invoice()), "invoice", make.BOUGHT),
        ((make.made(date(2025, 1, 1)),), "manufacture_date", date(2025, 4, 1)),
        (
            (make.invoice(date(2025, 6, 1)), make.invoice(date(2025, 5, 1))),
            "invoice",
            date(2025, 5, 1),
        ),
        (
            (make.invoice(date(2025, 2, 1), verified=False), make.invoice()),
            "invoice",
            make.BOUGHT,
        ),
        (
            (make.invoice(date(2026, 1, 1)), make.made(date(2025, 1, 1))),
            "manufacture_date",
            date(2025, 4, 1),
        ),
    ],
)
def test_the_start_follows_the_precedence_of_proof(proofs, kind, starts_on):
    decision = make.decide(make.facts(proofs=proofs))
    assert decision.start is not None
    assert (decision.start.kind, decision.start.starts_on) == (kind, starts_on)


def test_an_unverified_invoice_gives_way_and_is_reported_missing():
    decision = make.decide(
        make.facts(proofs=(make.invoice(verified=False), make.made(date(2025, 1, 1))))
    )
    assert decision.start is not None
    assert decision.start.kind is ProofKind.MANUFACTURE_DATE
    assert [missing.what for missing in decision.missing] == ["invoice"]


def test_without_any_proof_the_customer_pays_and_hears_what_would_help():
    decision = make.decide(make.facts(proofs=()))
    assert (decision.payer, decision.reason_codes) == (C, ("r_no_proof",))
    assert [m.what for m in decision.missing] == ["invoice", "activation", "manufacture_date"]
    assert decision.last_covered_on is None


def test_a_unit_too_young_to_be_expired_is_covered_without_proof():
    strict = make.policy(start=make.STARTS[:1], is_provable=True)
    young = make.facts(proofs=(make.made(date(2025, 1, 1)),))
    assert make.decide(young, by=strict).reason_codes == ("r_in_period",)
    old = make.facts(date(2026, 1, 2), proofs=(make.made(date(2025, 1, 1)),))
    assert make.decide(old, by=strict).reason_codes == ("r_no_proof",)


EXPIRED = date(2026, 6, 1)
REPAIRED = EarlierRepair(on=date(2026, 4, 1), components=("display",), payer=C)


@pytest.mark.parametrize(
    ("received_on", "component", "payer", "code"),
    [
        (date(2026, 6, 30), "display", T, "r_repair_guarantee"),
        (date(2026, 7, 1), "display", C, "r_expired"),
        (date(2026, 6, 30), "speaker", C, "r_expired"),
    ],
)
def test_a_repair_is_guaranteed_for_its_component(received_on, component, payer, code):
    decision = make.decide(
        make.facts(received_on, component=component, earlier_repairs=(REPAIRED,))
    )
    assert (decision.payer, decision.reason_codes) == (payer, (code,))


def test_the_longer_of_term_and_repair_guarantee_counts():
    late = EarlierRepair(on=date(2026, 3, 1), components=("display",))
    decision = make.decide(make.facts(date(2026, 3, 5), earlier_repairs=(late,)))
    assert decision.reason_codes == ("r_in_period",)
    assert decision.last_covered_on == date(2026, 5, 30)
    early = EarlierRepair(on=date(2025, 4, 1), components=("display",))
    decision = make.decide(make.facts(earlier_repairs=(early,)))
    assert decision.last_covered_on == date(2026, 3, 10)


def test_damage_ends_the_repair_guarantee_too():
    decision = make.decide(
        make.facts(
            EXPIRED, earlier_repairs=(REPAIRED,), findings=(make.found("cracked", "display"),)
        )
    )
    assert (decision.payer, decision.reason_codes) == (C, ("r_damage",))


def test_replacing_a_part_never_restarts_the_clock_of_the_unit():
    repair = EarlierRepair(on=date(2026, 3, 9), components=("mainboard",))
    decision = make.decide(make.facts(date(2026, 3, 11), earlier_repairs=(repair,)))
    assert decision.reason_codes == ("r_expired",)


def test_days_in_repair_lengthen_the_term_where_the_policy_says_so():
    kind = make.policy(repair_time_extends=True)
    late = make.facts(date(2026, 3, 20), days_in_repair=10)
    assert make.decide(late, by=kind).payer is B
    assert make.decide(late).payer is C


@pytest.mark.parametrize(
    ("payers", "coverage"),
    [
        ([], Coverage.UNDECIDED),
        ([B, None], Coverage.UNDECIDED),
        ([B, B], Coverage.IN_WARRANTY),
        ([B, O], Coverage.IN_WARRANTY),
        ([C], Coverage.PAID),
        ([B, C], Coverage.MIXED),
        ([T, C], Coverage.MIXED),
        ([T, B], Coverage.GOODWILL),
    ],
)
def test_an_order_sums_its_lines(payers, coverage):
    assert sum_coverage(payers) is coverage
