"""A decision in the reader's words: the policy's own codes all have a sentence."""

import pytest

from serviceco.core.catalogues import LANGUAGES, find_sentence
from serviceco.policy.words import Payer, ProofKind, ReasonCode
from serviceco.web.decisions import why_of
from serviceco.web.gallery_facts import DECISION


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_of_a_decision_has_its_words(language: str) -> None:
    keys = [f"reason.{code.value}" for code in ReasonCode]
    keys += [
        f"{family}.{kind.value}" for kind in ProofKind for family in ("proof_kind", "evidence")
    ]
    keys += [f"payer.{payer.value}" for payer in Payer]
    assert [key for key in keys if find_sentence(language, key) is None] == []


def test_a_decision_reads_with_its_clause_rule_and_version() -> None:
    why = why_of(DECISION, "zh-Hant")
    assert why is not None
    ground = why.grounds[0]
    assert ground.sentence == "人為損壞（外力/摔落）"
    assert (ground.clause, ground.rule) == ("4.2", "HX-2.3")
    assert ground.text == "外力造成的螢幕破裂不在保固範圍"
    assert why.missing == ("缺少：購買發票",)
    assert why.covered_until == "2027/03/01"
    assert why.policy == "xinghe-phones 2026.3"


def test_proofs_of_which_any_would_do_share_a_sentence() -> None:
    missing = [
        {"what": what, "rule": "", "finding": finding}
        for what, finding in (("invoice", ""), ("warranty_card", ""), ("photo", "screen_cracked"))
    ]
    why = why_of(DECISION | {"missing": missing}, "en")
    assert why is not None
    assert why.missing == ("Missing: Purchase invoice / Warranty card", "Missing: Photo")


def test_an_order_without_a_decision_has_nothing_to_explain() -> None:
    assert why_of(None, "en") is None
