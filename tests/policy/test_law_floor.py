"""The law as a floor under every promise: it lifts, never lowers, and names its clause."""

from datetime import date, timedelta

import pytest

from serviceco.policy.words import (
    CategoryCover,
    Condition,
    EarlierRepair,
    Exclusion,
    FactName,
    Missing,
    Payer,
    ReasonCode,
    Remedy,
    SaleChannel,
)
from tests.policy import factories as make


def test_the_law_lifts_an_expired_promise_and_names_its_clause():
    decision = make.decide(make.facts(date(2026, 9, 1)), floor=make.law())
    assert (decision.payer, decision.reason_codes) == (Payer.BRAND, ("r_in_period",))
    assert decision.floor is not None
    assert (decision.floor.code, decision.floor.rule) == ("test-law", "L-1")
    assert [reason.code for reason in decision.floor.overruled] == ["r_expired"]
    assert decision.last_covered_on == date(2027, 3, 10)


def test_the_law_is_silent_where_the_brand_already_covers():
    decision = make.decide(make.facts(), floor=make.law())
    assert decision.floor is None
    assert decision.last_covered_on == date(2027, 3, 10)


def test_the_law_overrules_a_ground_that_it_does_not_know():
    assert make.decide(make.facts(region="HK"), floor=make.law()).payer is Payer.BRAND


def test_a_ground_that_the_law_knows_stands():
    broken = make.facts(findings=(make.found("cracked", "display"),))
    decision = make.decide(broken, floor=make.law())
    assert (decision.payer, decision.floor) == (Payer.CUSTOMER, None)


def test_the_law_may_ask_for_evidence_that_the_brand_did_not():
    lax = make.policy(
        exclusions=(
            Exclusion(
                rule="X-9",
                clause="3",
                reason=ReasonCode.DAMAGE,
                when=make.DAMAGE.when,
            ),
        )
    )
    broken = make.facts(findings=(make.found("cracked", photo=False),))
    decision = make.decide(broken, by=lax, floor=make.law())
    assert decision.payer is Payer.BRAND
    assert decision.missing == (Missing(what="photo", rule="L-2", finding="cracked"),)


def test_the_law_names_the_seller_where_he_is_liable():
    seller = make.law(liable_by_channel={SaleChannel.DEALER: Payer.OTHER})
    sold = make.facts(date(2026, 9, 1), channel=SaleChannel.DEALER)
    assert make.decide(sold, floor=seller).payer is Payer.OTHER


def test_a_law_without_the_category_leaves_the_promise_alone():
    other = make.law(coverage={"tablet": CategoryCover(whole=make.term())})
    decision = make.decide(make.facts(date(2026, 9, 1)), floor=other)
    assert (decision.payer, decision.floor) == (Payer.CUSTOMER, None)


def test_a_repair_under_liability_adds_months_once():
    longer = make.law(months_after_repair=12)
    repairs = tuple(
        EarlierRepair(on=make.BOUGHT + timedelta(days=days), components=("hinge",))
        for days in (100, 200)
    )
    decision = make.decide(make.facts(date(2027, 9, 1), earlier_repairs=repairs), floor=longer)
    assert (decision.payer, decision.last_covered_on) == (Payer.BRAND, date(2028, 3, 10))


def test_remedies_open_with_their_conditions_and_close_with_a_refusal():
    exchange = Remedy(
        rule="L-7",
        clause="4",
        reason=ReasonCode.EXCHANGE_WINDOW,
        when={FactName.DAYS_SINCE_START: Condition(at_most=15)},
    )
    right = make.law(remedies=(exchange,))
    early, late = date(2025, 3, 25), date(2025, 3, 26)
    opened = make.decide(make.facts(early), floor=right)
    assert [remedy.code for remedy in opened.remedies] == ["statutory_15d"]
    assert make.decide(make.facts(late), floor=right).remedies == ()
    broken = make.facts(early, findings=(make.found("cracked"),))
    assert make.decide(broken, floor=right).remedies == ()


@pytest.mark.parametrize(
    ("visits", "opens"),
    [(("1", "1"), False), (("1", "2"), True), (("1", "1", "2"), True), (("", ""), True)],
)
def test_a_visit_that_brand_and_customer_shared_is_one_repair(visits, opens):
    exchange = Remedy(
        rule="L-8",
        clause="4",
        reason=ReasonCode.TWO_REPAIRS,
        when={FactName.EARLIER_REPAIRS: Condition(at_least=2)},
    )
    repairs = tuple(
        EarlierRepair(on=make.BOUGHT + timedelta(days=30), payer=payer, visit=visit)
        for visit, payer in zip(visits, (Payer.BRAND, Payer.CUSTOMER, Payer.BRAND), strict=False)
    )
    decision = make.decide(
        make.facts(earlier_repairs=repairs), floor=make.law(remedies=(exchange,))
    )
    assert [remedy.code for remedy in decision.remedies] == ["r_two_repairs"] * opens


def test_a_repair_after_the_day_of_receipt_prolongs_nothing():
    longer = make.law(months_after_repair=12)
    received = date(2025, 9, 1)
    later = EarlierRepair(on=received + timedelta(days=1), components=("hinge",))
    decision = make.decide(make.facts(received, earlier_repairs=(later,)), floor=longer)
    assert decision.last_covered_on == date(2027, 3, 10)


def test_a_repair_after_the_term_prolongs_nothing():
    longer = make.law(months_after_repair=12)
    late = EarlierRepair(on=date(2027, 4, 1), components=("hinge",), payer=Payer.TENANT)
    decision = make.decide(make.facts(date(2027, 9, 1), earlier_repairs=(late,)), floor=longer)
    assert (decision.payer, decision.last_covered_on) == (Payer.CUSTOMER, date(2027, 3, 10))
