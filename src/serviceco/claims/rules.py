"""What lies with an order as evidence, and what a claim still lacks. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from serviceco.policy.rules import claim_objections
from serviceco.policy.words import ClaimEvidence, Policy, ReasonCode

# How staff mend what is missing; the key of a photo is the slot that it goes into.
MEND: dict[ClaimEvidence, dict[str, str]] = {
    ClaimEvidence.PROOF_OF_PURCHASE: {
        "zh_hans": "补录购机凭证",
        "zh_hant": "補登購買證明",
        "en": "Add the proof of purchase",
    },
    ClaimEvidence.SERIAL_PHOTO: {
        "zh_hans": "补拍机号照片",
        "zh_hant": "補拍序號照片",
        "en": "Add a photo of the serial number",
    },
    ClaimEvidence.FAULT_PHOTO: {
        "zh_hans": "补拍故障照片",
        "zh_hant": "補拍故障照片",
        "en": "Add a photo of the fault",
    },
    ClaimEvidence.SIGNED_SLIP: {
        "zh_hans": "补拍客户签字的受理单",
        "zh_hant": "補拍客戶簽名的收件單",
        "en": "Add a photo of the signed slip",
    },
    ClaimEvidence.DEFECTIVE_PART: {
        "zh_hans": "补录旧件序列号或旧件照片",
        "zh_hant": "補登舊件序號或舊件照片",
        "en": "Record the defective part's serial, or add its photo",
    },
    ClaimEvidence.REPAIR_CODES: {
        "zh_hans": "补录故障现象、故障与处理",
        "zh_hant": "補登故障現象、故障與處理",
        "en": "Record symptom, fault and remedy",
    },
}
SLOTS = {
    ClaimEvidence.SERIAL_PHOTO: "serial",
    ClaimEvidence.FAULT_PHOTO: "fault",
    ClaimEvidence.SIGNED_SLIP: "signed_slip",
    ClaimEvidence.DEFECTIVE_PART: "defective_part",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What an order holds. `slots` are those of its photos; a slot may go on: `serial_back`.

    `has_fault_photo`: a failed step of the inspection has a photo. `parts_recorded`: every
    exchanged part of the brand has the serial of the old one. `is_coded`: symptom, fault and
    remedy are recorded.
    """

    slots: frozenset[str] = frozenset()
    has_fault_photo: bool = False
    has_proof: bool = False
    parts_recorded: bool = False
    is_coded: bool = False


def evidence_in(gathered: Gathered) -> frozenset[ClaimEvidence]:
    """Return which kinds of evidence the order holds."""
    shown = {
        evidence
        for evidence, slot in SLOTS.items()
        if any(each == slot or each.startswith(f"{slot}_") for each in gathered.slots)
    }
    recorded = {
        ClaimEvidence.FAULT_PHOTO: gathered.has_fault_photo,
        ClaimEvidence.PROOF_OF_PURCHASE: gathered.has_proof,
        ClaimEvidence.DEFECTIVE_PART: gathered.parts_recorded,
        ClaimEvidence.REPAIR_CODES: gathered.is_coded,
    }
    return frozenset(shown | {evidence for evidence, is_there in recorded.items() if is_there})


def find_problems(
    policy: Policy,
    evidence: frozenset[ClaimEvidence],
    *,
    handed_over_on: date,
    filed_on: date,
    repeat_of: date | None,
) -> list[dict[str, Any]]:
    """Return why the brand would refuse the claim: its own rules, asked before it does.

    Each problem has the `code` of its reason; missing evidence also `evidence` and, in three
    languages, how to `mend` it, in the order of the policy.
    """
    objections = claim_objections(
        policy,
        handed_over_on=handed_over_on,
        filed_on=filed_on,
        evidence=evidence,
        repeat_of=repeat_of,
    )
    missing = [each for each in policy.claims.evidence if each not in evidence]
    return [
        {"code": ReasonCode.MISSING_EVIDENCE.value, "evidence": each.value, "mend": MEND[each]}
        for each in missing
    ] + [{"code": code.value} for code in objections if code is not ReasonCode.MISSING_EVIDENCE]


def missing_evidence(problems: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the problems that keep a claim back: lateness and repetition are the brand's to judge."""
    return [each for each in problems if each["code"] == ReasonCode.MISSING_EVIDENCE]
