"""Small policies, laws and facts with keyword overrides, for tests that need no file."""

from datetime import date
from typing import Any

from serviceco.policy.rules import compile_law, compile_policy, decide_coverage
from serviceco.policy.words import (
    CategoryCover,
    ClaimEvidence,
    ClaimRules,
    Clause,
    Condition,
    Decision,
    EvidenceKind,
    Exclusion,
    FactName,
    Facts,
    Finding,
    Guarantee,
    Law,
    LineKind,
    Payer,
    PayModel,
    PayTerms,
    Permit,
    Policy,
    Proof,
    ProofKind,
    Reach,
    ReasonCode,
    StartRule,
    Term,
    Texts,
)

BOUGHT = date(2025, 3, 10)
TEXT = Texts(zh_hans="文", zh_hant="文", en="text")
CLAUSES = {number: Clause(zh_hans=number, zh_hant=number, en=number) for number in "12345"}
STARTS = (
    StartRule(proof=ProofKind.INVOICE),
    StartRule(proof=ProofKind.ACTIVATION, verified=False),
    StartRule(proof=ProofKind.MANUFACTURE_DATE, verified=False, grace_days=90),
)
DAMAGE = Exclusion(
    rule="X-1",
    clause="3",
    reason=ReasonCode.DAMAGE,
    when={FactName.FINDING: Condition(one_of=("cracked",))},
    evidence=(EvidenceKind.PHOTO,),
    reach=Reach.COMPONENT,
)
GREY = Exclusion(
    rule="X-2",
    clause="4",
    reason=ReasonCode.GREY_IMPORT,
    when={FactName.REGION: Condition(none_of=("CN",))},
)
TESTER_BROKE = Exclusion(
    rule="X-3",
    clause="5",
    reason=ReasonCode.DAMAGE,
    when={FactName.FINDING: Condition(one_of=("broken_in_workshop",))},
    payer=Payer.TENANT,
)


def term(labour: int = 12, part: int = 12, **overrides: Any) -> Term:
    values: dict[str, Any] = {
        "rule": "T-1",
        "clause": "1",
        "months": {LineKind.LABOUR: labour, LineKind.PART: part},
    }
    return Term(**values | overrides)


def cover(**overrides: Any) -> CategoryCover:
    battery = Term(rule="T-2", clause="2", months={LineKind.PART: 6})
    values: dict[str, Any] = {"whole": term(), "components": {"battery": battery}}
    return CategoryCover(**values | overrides)


def policy(**overrides: Any) -> Policy:
    values: dict[str, Any] = {
        "format": 1,
        "code": "north-phones",
        "brand": "north",
        "version": "2026.1",
        "effective_from": date(2026, 1, 1),
        "currency": "CNY",
        "title": TEXT,
        "clauses": CLAUSES,
        "start": STARTS,
        "coverage": {"phone": cover()},
        "findings": {"cracked": TEXT},
        "inspection": {},
        "labour": (),
        "parts": (),
        "pay": PayTerms(model=PayModel.PER_REPAIR, reimburses_parts=True),
        "claims": ClaimRules(
            rule="C-1",
            clause="1",
            deadline_days=30,
            evidence=(ClaimEvidence.PROOF_OF_PURCHASE,),
            repeat_unpaid_days=30,
        ),
        "exclusions": (DAMAGE, GREY, TESTER_BROKE),
        "guarantee": Guarantee(rule="G-1", clause="2", days=90),
    }
    return Policy(**values | overrides)


def law(**overrides: Any) -> Law:
    values: dict[str, Any] = {
        "format": 1,
        "code": "test-law",
        "version": "2001",
        "in_force_from": date(2001, 1, 1),
        "title": TEXT,
        "sources": {},
        "clauses": CLAUSES,
        "start": (StartRule(proof=ProofKind.INVOICE),),
        "coverage": {"phone": CategoryCover(whole=term(rule="L-1", labour=24, part=24))},
        "permits": (
            Permit(
                rule="L-2",
                clause="3",
                reason=ReasonCode.DAMAGE,
                evidence=(EvidenceKind.PHOTO,),
            ),
        ),
        "is_provable": True,
    }
    return Law(**values | overrides)


def invoice(on: date = BOUGHT, *, verified: bool = True) -> Proof:
    return Proof(kind=ProofKind.INVOICE, on=on, verified=verified)


def made(on: date) -> Proof:
    return Proof(kind=ProofKind.MANUFACTURE_DATE, on=on)


def found(code: str, component: str = "", *, photo: bool = True) -> Finding:
    return Finding(code=code, component=component, photos=("a1",) if photo else ())


def facts(received_on: date = date(2025, 9, 1), **overrides: Any) -> Facts:
    values: dict[str, Any] = {
        "category": "phone",
        "line_kind": LineKind.PART,
        "component": "display",
        "proofs": (invoice(),),
        "region": "CN",
    }
    return Facts(received_on=received_on, **values | overrides)


def decide(facts_: Facts, *, by: Policy | None = None, floor: Law | None = None) -> Decision:
    return decide_coverage(
        compile_policy(by or policy()), compile_law(floor) if floor else None, facts_
    )
