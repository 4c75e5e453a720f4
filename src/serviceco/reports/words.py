"""The vocabulary of reports: spans, and the figures of a branch."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from serviceco.core.periods import Period
from serviceco.core.refusals import Refusal
from serviceco.policy.words import Coverage
from serviceco.repairs.words import Outcome

# Stands in keys, where a column cannot be empty, for "the brand is not known".
UNKNOWN_BRAND = UUID(int=0)

# An order that is handed over, imported or mended counts where it was closed and where it was
# received; one that comes back counts against the visit before, too.
TOPICS = frozenset(
    {"repair.handed_over", "repair.received", "repair.imported", "repair.import_changed"}
)

FLAGS = ("promised", "on_time", "cohort", "repeated")
MONEY = ("warranty_minor", "paid_minor", "goodwill_minor", "other_minor")
COUNTS = ("orders", "timed", *FLAGS, *MONEY)


class ReplayStatus(StrEnum):
    """Where the replay of a policy stands; one that was cancelled keeps what it had counted."""

    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class TooManyReplays(Refusal):
    """As many replays are running as may at a time."""

    code = "TOO_MANY_REPLAYS"


class ReplayEnded(Refusal):
    """The replay has ended, so there is nothing to cancel."""

    code = "REPLAY_ENDED"


class Span(StrEnum):
    """How much time one roll-up row covers, in days of the branch's zone."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a branch did in a period; an order counts where it was closed (trade.md 7).

    Turnaround is gross: device taken in to customer told, on site request to hand-over; `timed`
    is how many orders it was recorded for. `cohort` counts orders repaired here, `repeated` those
    of them whose device came back within 90 days; the rate is provisional until these have passed
    for the whole period. Rates are None where nothing was counted, sums of money (`*_minor`)
    where the actor may not read them. Goodwill is a cost, not revenue.
    """

    received: int
    orders: int
    by_coverage: dict[Coverage, int]
    by_outcome: dict[Outcome, int]
    timed: int
    turnaround_p50_seconds: float | None
    turnaround_p90_seconds: float | None
    promised: int
    on_time: int
    on_time_rate: float | None
    cohort: int
    repeated: int
    repeat_rate: float | None
    repeat_interval: tuple[float, float] | None
    is_provisional: bool
    warranty_minor: int | None
    paid_minor: int | None
    goodwill_minor: int | None
    other_minor: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PerformanceRow:
    """The figures of one branch and brand; `brand_*` are None where no brand is known or meant."""

    branch_id: UUID
    branch_code: str
    branch_name: str
    brand_id: UUID | None
    brand_name: str | None
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """A report with its total, complete up to `as_of`.

    `turnaround_error` bounds the relative error of the quantiles; 0 means that they are exact.
    """

    period: Period
    rows: tuple[PerformanceRow, ...]
    total: Figures
    currency: str
    as_of: datetime
    turnaround_error: float


@dataclass(frozen=True, slots=True)
class WeekVolume:
    """Orders closed in the week that begins on the Monday `week_on`."""

    week_on: date
    coverage: Coverage
    orders: int


@dataclass(frozen=True, slots=True)
class TurnaroundBin:
    """Orders with a turnaround from `since_seconds` (in) to `until_seconds` (out)."""

    since_seconds: float
    until_seconds: float
    orders: int


@dataclass(frozen=True, slots=True)
class TurnaroundDistribution:
    """The histogram behind the quantiles; empty bins are left out."""

    bins: tuple[TurnaroundBin, ...]
    p50_seconds: float | None
    p90_seconds: float | None
