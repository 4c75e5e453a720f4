"""What a decision gathers on its way: steps, grounds against, evidence that is missing."""

from dataclasses import dataclass, field
from typing import ClassVar

from serviceco.policy.words import Finding, Missing, Outcome, Payer, Reason, Step


@dataclass(frozen=True, slots=True)
class Ground:
    """An exclusion that hit, who pays by it, and the finding that proves it, if any."""

    reason: Reason
    payer: Payer
    finding: Finding | None


@dataclass(slots=True)
class Trail:
    """Filled in the order in which the rules are tried; `is_kept` tells whether steps are noted."""

    is_kept: ClassVar[bool] = True
    steps: list[Step] = field(default_factory=list)
    grounds: list[Ground] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)

    def note(self, rule: str, condition: str, fact: object, outcome: Outcome) -> None:
        """Add a step to the trace."""
        self.steps.append(Step(rule, condition, str(fact), outcome))


class QuietTrail(Trail):
    """A trail without a trace, for deciding in bulk."""

    is_kept: ClassVar[bool] = False

    def note(self, rule: str, condition: str, fact: object, outcome: Outcome) -> None:
        """Add nothing."""
