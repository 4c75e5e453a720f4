"""Turnaround histograms, rates and periods. Pure.

A histogram has fixed bins whose edges grow by a constant factor, so that a quantile read from it
is wrong by at most `TURNAROUND_ERROR` of its value, however many histograms were merged. The
first bin holds everything under a minute and is wrong by at most 30 seconds; the last one is open
and holds everything over about eleven months.

Packed, a histogram is one 32-bit big-endian count per bin, with empty bins at the end left out.
Read as one large integer, two of them add bin by bin: merging thousands is a sum.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from serviceco.core.periods import Period, add_months
from serviceco.policy.words import Coverage
from serviceco.repairs.words import Outcome
from serviceco.reports.words import COUNTS, Figures, TurnaroundBin

TURNAROUND_ERROR = 0.05
GROWTH = (1 + TURNAROUND_ERROR) / (1 - TURNAROUND_ERROR)
FIRST_EDGE_SECONDS = 60
BINS = 132
BIN_BYTES = 4
REPEAT_DAYS = 90
_WIDTH = BINS * BIN_BYTES
# The 0.975 quantile of the standard normal distribution, for a 95 % interval.
_Z = 1.959964


def bin_of(seconds: float) -> int:
    """Return the number of the bin that a turnaround falls into."""
    if seconds < FIRST_EDGE_SECONDS:
        return 0
    steps = math.floor(math.log(seconds / FIRST_EDGE_SECONDS) / math.log(GROWTH))
    return min(steps + 1, BINS - 1)


def bin_edges(number: int) -> tuple[float, float]:
    """Return a bin's bounds in seconds: from (in), until (out)."""
    if number == 0:
        return 0.0, float(FIRST_EDGE_SECONDS)
    since = FIRST_EDGE_SECONDS * GROWTH ** (number - 1)
    return since, since * GROWTH


def bin_value(number: int) -> float:
    """Return the seconds that stand for a bin, equally wrong in proportion at both its edges."""
    since, until = bin_edges(number)
    return 2 * since * until / (since + until) if number else until / 2


def pack(counts: Sequence[int]) -> bytes:
    """Return the packed form of `BINS` counts."""
    last = max((number for number, count in enumerate(counts) if count), default=-1)
    return b"".join(count.to_bytes(BIN_BYTES) for count in counts[: last + 1])


def add_up(packed: Iterable[bytes]) -> int:
    """Return the sum of packed histograms as one integer, which adds up further."""
    return sum(int.from_bytes(one.ljust(_WIDTH, b"\0")) for one in packed)


def unpack(together: int) -> list[int]:
    """Return the counts per bin of histograms added up."""
    laid = together.to_bytes(_WIDTH)
    return [int.from_bytes(laid[at : at + BIN_BYTES]) for at in range(0, _WIDTH, BIN_BYTES)]


def quantile_of_bins(counts: Sequence[int], share: float) -> float | None:
    """Return a quantile in seconds read from a histogram, or None for an empty one."""
    size = sum(counts)
    if not size:
        return None
    rank, rest = divmod((size - 1) * share, 1)
    low, high = _value_at(counts, int(rank)), _value_at(counts, min(int(rank) + 1, size - 1))
    return low + (high - low) * rest


def _value_at(counts: Sequence[int], rank: int) -> float:
    passed = 0
    for number, count in enumerate(counts):
        passed += count
        if rank < passed:
            return bin_value(number)
    raise ValueError(f"rank {rank} lies beyond {passed} orders")


def exact_quantile(durations: Sequence[float], share: float) -> float | None:
    """Return a quantile by linear interpolation between the two nearest, or None for none."""
    if not durations:
        return None
    ordered = sorted(durations)
    rank, rest = divmod((len(ordered) - 1) * share, 1)
    low, high = ordered[int(rank)], ordered[min(int(rank) + 1, len(ordered) - 1)]
    return low + (high - low) * rest


def filled_bins(counts: Sequence[int]) -> tuple[TurnaroundBin, ...]:
    """Return the bins that hold an order, with their bounds."""
    return tuple(
        TurnaroundBin(*bin_edges(number), count) for number, count in enumerate(counts) if count
    )


def rate(part: int, whole: int) -> float | None:
    """Return a share from 0 to 1, or None of nothing."""
    return part / whole if whole else None


def rate_interval(part: int, whole: int) -> tuple[float, float] | None:
    """Return the 95 % interval of a rate by Wilson's score, which holds for small branches too."""
    if not whole:
        return None
    share, spread = part / whole, _Z * _Z / whole
    middle = share + spread / 2
    half = _Z * math.sqrt((share * (1 - share) + spread / 4) / whole)
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


def is_provisional(period: Period, today: date) -> bool:
    """Tell whether a device closed in the period could still come back within 90 days."""
    return today < period.until + timedelta(days=REPEAT_DAYS)


def month_of(day: date) -> date:
    """Return the first day of its month."""
    return day.replace(day=1)


def whole_months(period: Period) -> Period:
    """Return the whole calendar months inside a period; empty where there is none."""
    since = month_of(period.since)
    if since < period.since:
        since = add_months(since, 1)
    return Period(since, max(since, month_of(period.until)))


def odd_days(period: Period) -> tuple[Period, ...]:
    """Return the days of a period before and after its whole months."""
    months = whole_months(period)
    if not months.days:
        return (period,)
    return Period(period.since, months.since), Period(months.until, period.until)


def orders_in(payload: Mapping[str, Any]) -> set[UUID]:
    """Return the orders that an outbox entry is about."""
    if "order_ids" in payload:
        return {UUID(text) for text in payload["order_ids"]}
    return {UUID(payload["order_id"])}


def places_in(payload: Mapping[str, Any]) -> set[tuple[UUID, date]]:
    """Return the branches and days where an outbox entry's orders counted before."""
    return {(UUID(branch), date.fromisoformat(day)) for branch, day in payload.get("was", ())}


@dataclass(slots=True)
class Tally:
    """Counts on their way to figures; of turnaround either bins added up or each duration."""

    counts: Counter[str] = field(default_factory=Counter)
    coverages: Counter[Coverage] = field(default_factory=Counter)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    bins: int = 0
    durations: list[float] = field(default_factory=list)

    def add(self, coverage: Coverage, outcome: Outcome, counts: Mapping[str, int]) -> None:
        """Add closed orders of one coverage and outcome."""
        for name in COUNTS:
            self.counts[name] += counts[name]
        self.coverages[coverage] += counts["orders"]
        self.outcomes[outcome] += counts["orders"]

    def join(self, other: "Tally") -> None:
        """Add everything that another tally holds."""
        self.counts.update(other.counts)
        self.coverages.update(other.coverages)
        self.outcomes.update(other.outcomes)
        self.bins += other.bins
        self.durations += other.durations

    def quantiles(self, *shares: float) -> list[float | None]:
        """Return quantiles of turnaround in seconds: exact from durations, else from bins."""
        if self.durations:
            return [exact_quantile(self.durations, share) for share in shares]
        counts = unpack(self.bins)
        return [quantile_of_bins(counts, share) for share in shares]


def figures_of(tally: Tally, *, provisional: bool, with_money: bool) -> Figures:
    """Return the figures of a tally, with rates."""
    counts = tally.counts
    middle, ninth = tally.quantiles(0.5, 0.9)
    return Figures(
        by_coverage={one: tally.coverages[one] for one in Coverage},
        by_outcome={one: tally.outcomes[one] for one in Outcome},
        turnaround_p50_seconds=middle,
        turnaround_p90_seconds=ninth,
        on_time_rate=rate(counts["on_time"], counts["promised"]),
        repeat_rate=rate(counts["repeated"], counts["cohort"]),
        repeat_interval=rate_interval(counts["repeated"], counts["cohort"]),
        is_provisional=provisional,
        received=counts["received"],
        orders=counts["orders"],
        timed=counts["timed"],
        promised=counts["promised"],
        on_time=counts["on_time"],
        cohort=counts["cohort"],
        repeated=counts["repeated"],
        warranty_minor=counts["warranty_minor"] if with_money else None,
        paid_minor=counts["paid_minor"] if with_money else None,
        goodwill_minor=counts["goodwill_minor"] if with_money else None,
        other_minor=counts["other_minor"] if with_money else None,
    )
