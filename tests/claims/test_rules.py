"""Which evidence an order holds, and what its claim still lacks."""

from datetime import date, timedelta

import pytest

from serviceco.claims.rules import MEND, Gathered, evidence_in, find_problems, missing_evidence
from serviceco.policy.words import ClaimEvidence, ClaimRules
from tests.policy.factories import policy

DAY = date(2026, 11, 2)
ALL = frozenset(ClaimEvidence)
RULES = policy(
    claims=ClaimRules(
        rule="C-1",
        clause="1",
        deadline_days=30,
        evidence=(ClaimEvidence.SERIAL_PHOTO, ClaimEvidence.SIGNED_SLIP),
        repeat_unpaid_days=30,
    )
)


@pytest.mark.parametrize(
    ("gathered", "evidence"),
    [
        (Gathered(), set()),
        (Gathered(slots=frozenset({"serial"})), {ClaimEvidence.SERIAL_PHOTO}),
        (Gathered(slots=frozenset({"serial_back"})), {ClaimEvidence.SERIAL_PHOTO}),
        (Gathered(slots=frozenset({"serials", "front"})), set()),
        (Gathered(slots=frozenset({"fault"})), {ClaimEvidence.FAULT_PHOTO}),
        (Gathered(has_fault_photo=True), {ClaimEvidence.FAULT_PHOTO}),
        (Gathered(slots=frozenset({"signed_slip"})), {ClaimEvidence.SIGNED_SLIP}),
        (Gathered(has_proof=True), {ClaimEvidence.PROOF_OF_PURCHASE}),
        (Gathered(parts_recorded=True), {ClaimEvidence.DEFECTIVE_PART}),
        (Gathered(slots=frozenset({"defective_part"})), {ClaimEvidence.DEFECTIVE_PART}),
        (Gathered(is_coded=True), {ClaimEvidence.REPAIR_CODES}),
    ],
)
def test_evidence_is_what_the_order_holds(gathered: Gathered, evidence: set[ClaimEvidence]):
    assert evidence_in(gathered) == evidence


def problems(evidence=ALL, *, filed_on=DAY, repeat_of=None) -> list[tuple[str, str | None]]:
    found = find_problems(
        RULES, evidence, handed_over_on=DAY, filed_on=filed_on, repeat_of=repeat_of
    )
    return [(each["code"], each.get("evidence")) for each in found]


def test_a_complete_claim_in_time_has_no_problem():
    assert problems(filed_on=DAY + timedelta(days=30)) == []


def test_each_missing_evidence_is_named_in_the_order_of_the_policy():
    assert problems(frozenset()) == [
        ("r_missing_evidence", "serial_photo"),
        ("r_missing_evidence", "signed_slip"),
    ]


def test_a_late_or_repeated_claim_is_said_so_and_is_the_brands_to_judge():
    late_and_repeated = find_problems(
        RULES,
        ALL,
        handed_over_on=DAY,
        filed_on=DAY + timedelta(days=31),
        repeat_of=DAY - timedelta(days=30),
    )

    assert [each["code"] for each in late_and_repeated] == ["r_late_claim", "r_duplicate"]
    assert missing_evidence(late_and_repeated) == []


def test_staff_are_told_in_three_languages_how_to_mend_whatever_a_policy_may_ask():
    assert set(MEND) == ALL
    assert all(set(words) == {"zh_hans", "zh_hant", "en"} for words in MEND.values())
