"""Limits of a standard, price lists, and what a brand would object to in a claim."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from serviceco.policy.rules import (
    claim_objections,
    find_labour_rate,
    find_part,
    is_within,
    parts_for,
)
from serviceco.policy.words import (
    ClaimEvidence,
    InspectionStep,
    LabourRate,
    PartOffer,
    StepKind,
    Texts,
)
from tests.policy import factories as make

VOLTS = InspectionStep(
    code="mains",
    title=make.TEXT,
    kind=StepKind.MEASURE,
    unit="V",
    at_least=Decimal("207"),
    at_most=Decimal("253"),
)
PROOF = frozenset({ClaimEvidence.PROOF_OF_PURCHASE})
CLOSED = date(2026, 3, 1)


def part(part_no: str, *models: str) -> PartOffer:
    return PartOffer(
        part_no=part_no,
        title=make.TEXT,
        component="display",
        category="phone",
        cost_minor=100,
        price_minor=200,
        models=models,
    )


def rate(level: int) -> LabourRate:
    return LabourRate(
        category="phone",
        level=level,
        title=make.TEXT,
        labour_minutes=20,
        brand_pays_minor=0,
        price_minor=3000,
    )


@pytest.mark.parametrize(
    ("reading", "within"),
    [("207", True), ("253.0", True), ("206.9", False), ("253.1", False)],
)
def test_both_limits_are_in(reading, within):
    assert is_within(VOLTS, Decimal(reading)) is within


def test_a_single_limit_leaves_the_other_side_open():
    assert is_within(replace(VOLTS, at_most=None), Decimal(10_000))


def test_a_part_without_models_fits_them_all():
    policy = make.policy(parts=(part("P-1", "A"), part("P-2"), part("P-3", "B")))
    assert [found.part_no for found in parts_for(policy, "phone", model="A")] == ["P-1", "P-2"]
    assert [found.part_no for found in parts_for(policy, "phone")] == ["P-1", "P-2", "P-3"]
    assert parts_for(policy, "tablet") == ()


def test_prices_are_found_by_number_and_level():
    policy = make.policy(parts=(part("P-1"),), labour=(rate(1), rate(2)))
    assert find_part(policy, "P-1") is policy.parts[0]
    assert find_part(policy, "P-9") is None
    assert find_labour_rate(policy, "phone", 2) is policy.labour[1]
    assert find_labour_rate(policy, "phone", 3) is None


@pytest.mark.parametrize(
    ("days", "evidence", "repeat_of", "objections"),
    [
        (30, PROOF, None, ()),
        (31, PROOF, None, ("r_late_claim",)),
        (0, frozenset(), None, ("r_missing_evidence",)),
        (0, PROOF, CLOSED - timedelta(days=30), ("r_duplicate",)),
        (0, PROOF, CLOSED - timedelta(days=31), ()),
        (31, frozenset(), CLOSED, ("r_late_claim", "r_missing_evidence", "r_duplicate")),
    ],
)
def test_a_claim_is_objected_to_for_all_reasons_at_once(days, evidence, repeat_of, objections):
    found = claim_objections(
        make.policy(),
        handed_over_on=CLOSED,
        filed_on=CLOSED + timedelta(days=days),
        evidence=evidence,
        repeat_of=repeat_of,
    )
    assert found == objections


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("zh-Hans", "简"),
        ("zh-CN", "简"),
        ("zh-Hant", "繁"),
        ("zh-TW", "繁"),
        ("en-IE", "en"),
        ("fr", "en"),
    ],
)
def test_a_text_answers_in_the_readers_language(tag, text):
    assert Texts(zh_hans="简", zh_hant="繁", en="en").in_language(tag) == text
