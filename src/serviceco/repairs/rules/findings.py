"""Answers to a brand's inspection standard, and what they found."""

import re
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Protocol
from uuid import UUID

import msgspec

from serviceco.core.refusals import InvalidInput, Refusal
from serviceco.policy.rules import is_within
from serviceco.policy.words import Finding, InspectionStep, StepKind
from serviceco.repairs.words import Answer, Judged, StepOutcome, UnknownStep

# Plain digits: of an exponent such as 1E+999999999 the text alone would fill the memory.
_READING = re.compile(r"[+-]?(?:[0-9]{1,12}(?:\.[0-9]{0,12})?|\.[0-9]{1,12})")


class Result(Protocol):
    """The answer to a step, as far as it makes a finding."""

    step_code: str
    outcome: StepOutcome
    finding_code: str | None
    reading: str | None
    unit: str | None
    photo_id: UUID | None


class Picture(Protocol):
    """A photo, as far as it is evidence."""

    id: UUID
    slot: str
    sha256: str


def findings_of(
    steps: Iterable[InspectionStep], results: Iterable[Result], photos: Iterable[Picture]
) -> tuple[Finding, ...]:
    """Return what the failed steps of a standard found, each with its component and evidence.

    A photo proves the finding of a step if it is named by the answer or lies in the step's slot.
    """
    components = {step.code: step.component for step in steps}
    pictures = tuple(photos)
    return tuple(
        Finding(
            code=result.finding_code,
            component=components.get(result.step_code, ""),
            photos=tuple(
                picture.sha256
                for picture in pictures
                if picture.id == result.photo_id or picture.slot == result.step_code
            ),
            reading=result.reading or "",
            unit=result.unit or "",
        )
        for result in results
        if result.outcome is StepOutcome.FAIL and result.finding_code
    )


def judge(step: InspectionStep, answer: Answer) -> Judged | Refusal:
    """Return what an answer comes to, or the refusal that names what is wrong with it.

    A reading is held against the step's limits, both in. A fail needs its finding where the step
    knows several; where it knows one, that is it.
    """
    if answer.outcome is StepOutcome.NOT_APPLICABLE:
        if step.required:
            return UnknownStep(f"The step {step.code} must be answered.", field=step.code)
        return Judged(outcome=StepOutcome.NOT_APPLICABLE)
    if step.kind is StepKind.MEASURE:
        return _judge_reading(step, answer)
    outcome = answer.outcome
    if outcome is None and step.kind is StepKind.PHOTO:
        outcome = StepOutcome.PASS
    if outcome is None:
        return InvalidInput(f"Say whether {step.code} passes.", field=step.code)
    return _with_finding(step, answer, Judged(outcome=outcome))


def missing_steps(
    steps: Iterable[InspectionStep], *, answered: Collection[str], slots: Collection[str]
) -> list[str]:
    """Return the codes of required steps that have neither an answer nor, for a photo, a picture."""
    return [
        step.code
        for step in steps
        if step.required
        and (step.code not in slots if step.kind is StepKind.PHOTO else step.code not in answered)
    ]


def _judge_reading(step: InspectionStep, answer: Answer) -> Judged | Refusal:
    typed = (answer.reading or "").strip()
    if not _READING.fullmatch(typed):
        return InvalidInput(f"The reading of {step.code} is no number.", field=step.code)
    reading = Decimal(typed)
    outcome = StepOutcome.PASS if is_within(step, reading) else StepOutcome.FAIL
    return _with_finding(
        step, answer, Judged(outcome=outcome, reading=f"{reading:f}", unit=step.unit)
    )


def _with_finding(step: InspectionStep, answer: Answer, judged: Judged) -> Judged | Refusal:
    if judged.outcome is not StepOutcome.FAIL or not step.finds:
        return judged
    finding = answer.finding_code or (step.finds[0] if len(step.finds) == 1 else None)
    if finding not in step.finds:
        return InvalidInput(f"Say what was found at {step.code}.", field=step.code)
    return msgspec.structs.replace(judged, finding_code=finding)
