"""What an inspector notes for a story: everything passes but what the story is about."""

from collections.abc import Sequence
from decimal import Decimal
from random import Random

from serviceco.demo.stories import Story, Trouble
from serviceco.policy.words import EvidenceKind, FactName, InspectionStep, Policy, StepKind
from serviceco.repairs.words import Answer, StepOutcome

NO_FAULT = "no_fault_found"


def answers_to(
    dice: Random, standard: Sequence[InspectionStep], policy: Policy, story: Story
) -> list[Answer]:
    """Return the answers to every step of the standard."""
    failing = _failing_step(dice, standard, policy, story)
    return [_answer(dice, step, fails=step is failing, policy=policy) for step in standard]


def _failing_step(
    dice: Random, standard: Sequence[InspectionStep], policy: Policy, story: Story
) -> InspectionStep | None:
    if story.trouble is Trouble.NOTHING:
        return next((step for step in standard if NO_FAULT in step.finds), None)
    harmful = _harmful(policy)
    if story.trouble is Trouble.DAMAGE:
        wanted = [step for step in standard if harmful.intersection(step.finds)]
    else:
        plain = [
            step for step in standard if _faults(step) and not harmful.intersection(step.finds)
        ]
        component = story.part.component if story.part else ""
        wanted = [step for step in plain if step.component == component] or plain
    return dice.choice(wanted) if wanted else None


def _answer(dice: Random, step: InspectionStep, *, fails: bool, policy: Policy) -> Answer:
    finding = None
    if fails and step.finds:
        harmful = [code for code in step.finds if code in _harmful(policy)]
        finding = dice.choice(harmful or list(step.finds))
    if step.kind is StepKind.MEASURE:
        reading = _reading(dice, step, fails=fails)
        return Answer(step_code=step.code, reading=f"{reading}", finding_code=finding)
    outcome = StepOutcome.FAIL if fails else StepOutcome.PASS
    return Answer(step_code=step.code, outcome=outcome, finding_code=finding)


def _reading(dice: Random, step: InspectionStep, *, fails: bool) -> Decimal:
    """Return a reading inside the limits, or one that is just outside."""
    low, high = step.at_least, step.at_most
    if fails:
        return low * Decimal("0.8") if low is not None else (high or Decimal(0)) * Decimal("1.25")
    floor = low if low is not None else (high or Decimal(0)) / 2
    ceiling = high if high is not None else floor * Decimal("1.2")
    return round(floor + (ceiling - floor) * Decimal(dice.randrange(10, 90)) / 100, 2)


def _harmful(policy: Policy) -> frozenset[str]:
    """Return the findings that the policy holds against the customer once a photo shows them."""
    return frozenset(
        code
        for exclusion in policy.exclusions
        if EvidenceKind.PHOTO in exclusion.evidence
        for code in exclusion.when[FactName.FINDING].one_of
    )


def _faults(step: InspectionStep) -> bool:
    return bool(step.finds) and NO_FAULT not in step.finds
