"""States and refusals of a claim."""

from enum import StrEnum

from serviceco.core.refusals import Refusal


class ClaimStatus(StrEnum):
    """Where a claim stands between the repair company and the brand."""

    OPEN = "open"
    INCOMPLETE = "incomplete"
    SUBMITTED = "submitted"


class ClaimIncomplete(Refusal):
    """Evidence that the brand's claim rules ask for is missing."""

    code = "CLAIM_INCOMPLETE"


class WrongClaimStatus(Refusal):
    """The step is not allowed from the claim's present status."""

    code = "WRONG_CLAIM_STATUS"
