"""What of a company's work its brand is shown, and by which news it is kept current."""

from serviceco.claims.words import ClaimStatus
from serviceco.policy.words import Coverage

# A repair that the customer or the company pays alone is the company's own business.
SHOWN_COVERAGE = frozenset({Coverage.UNDECIDED, Coverage.IN_WARRANTY, Coverage.MIXED})
# A claim is the brand's to see from the moment it is filed.
SHOWN_CLAIMS = frozenset({ClaimStatus.SUBMITTED})

# What a brand's systems may be told. What a customer is asked to pay, and answers, is not theirs.
CASE_NEWS = frozenset(
    {"repair.received", "repair.quality_passed", "repair.handed_over", "repair.cancelled"}
)
CLAIM_NEWS = frozenset({"claim.submitted"})

# What changes a case or claim comes as one of these, whatever else is told of it.
CASE_TOPICS = frozenset({"repair.received", "repair.changed"})
CLAIM_TOPICS = frozenset({"claim.submitted"})
TOPICS = CASE_TOPICS | CLAIM_TOPICS
HEARD = TOPICS | CASE_NEWS | CLAIM_NEWS
