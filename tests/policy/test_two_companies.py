"""The same device under two companies of one brand: different decisions, each with its clause."""

from datetime import date

import pytest

from serviceco.core.places import project_folder
from serviceco.policy.packs import read_law, read_policy
from serviceco.policy.rules import compile_law, compile_policy, decide_coverage
from serviceco.policy.words import (
    Decision,
    Facts,
    Finding,
    LineKind,
    Payer,
    Proof,
    ProofKind,
    ReasonCode,
    document_of,
    policy_of,
)

TENANTS = project_folder("tenants")
MAINLAND = compile_policy(read_policy(TENANTS / "qinghe/brands/xinghe.yaml"))
TAIWAN = compile_policy(read_policy(TENANTS / "anjie/brands/xinghe.yaml"))
SANBAO = compile_law(read_law(TENANTS / "_law/cn-sanbao-phone.yaml"))
INVOICE = Proof(kind=ProofKind.INVOICE, on=date(2025, 3, 10), verified=True)
CRACKED = Finding(code="screen_cracked", component="display", photos=("p1",))
BRAND, CUSTOMER = Payer.BRAND, Payer.CUSTOMER


def decide_both(received_on: date, **facts: object) -> tuple[Decision, Decision]:
    values = {"category": "phone", "line_kind": LineKind.PART, "proofs": (INVOICE,)} | facts
    line = Facts(received_on=received_on, **values)  # type: ignore[arg-type]  # table of tests
    return decide_coverage(MAINLAND, SANBAO, line), decide_coverage(TAIWAN, None, line)


@pytest.mark.parametrize(
    ("received_on", "facts", "payers", "codes"),
    [
        (date(2026, 5, 12), {"region": "TW"}, (CUSTOMER, BRAND), ("r_expired", "r_in_period")),
        (date(2025, 8, 20), {"region": "CN"}, (BRAND, CUSTOMER), ("r_in_period", "r_grey_import")),
        (
            date(2025, 8, 20),
            {"component": "speaker", "findings": (CRACKED,)},
            (BRAND, CUSTOMER),
            ("r_in_period", "r_damage"),
        ),
    ],
)
def test_the_same_device_is_decided_by_each_companys_terms(received_on, facts, payers, codes):
    decisions = decide_both(received_on, **facts)
    assert tuple(decision.payer for decision in decisions) == payers
    assert tuple(decision.reason_codes for decision in decisions) == tuple((c,) for c in codes)


def test_each_decision_names_clause_rule_and_version():
    mainland, taiwan = decide_both(date(2026, 5, 12), region="TW")
    assert (mainland.reasons[0].clause, mainland.reasons[0].rule) == ("1.1", "XH-1.1")
    assert (taiwan.reasons[0].clause, taiwan.reasons[0].rule) == ("一之1", "XT-1.1")
    assert "二十四個月" in taiwan.reasons[0].text.in_language("zh-TW")
    assert (mainland.policy.code, mainland.policy.version) == ("xinghe-cn", "2025.2")
    assert mainland.policy.sha256 != taiwan.policy.sha256


def test_three_guarantees_lift_a_policy_that_would_promise_less():
    document = read_policy(TENANTS / "qinghe/brands/xinghe.yaml")
    battery = {"component": "battery", "region": "CN"}
    mainland, _ = decide_both(date(2025, 9, 10), **battery)
    assert (mainland.payer, mainland.floor) == (BRAND, None)
    stingy = compile_policy(_with_battery_months(document, 3))
    line = Facts(
        category="phone",
        line_kind=LineKind.PART,
        received_on=date(2025, 9, 10),
        component="battery",
        proofs=(INVOICE,),
    )
    lifted = decide_coverage(stingy, SANBAO, line)
    assert lifted.payer is BRAND
    assert lifted.floor is not None
    assert (lifted.floor.rule, lifted.floor.clause) == ("SB-2", "battery")
    assert [reason.code for reason in lifted.floor.overruled] == [ReasonCode.EXPIRED]


def _with_battery_months(policy, months):
    document = document_of(policy)
    term = document["coverage"]["phone"]["components"]["battery"]
    term["months"] = dict.fromkeys(term["months"], months)
    return policy_of(document)
