"""What earlier visits mean for a new one: open orders, repeat repairs, facts for the policy."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from serviceco.core.periods import local_day
from serviceco.customers.words import ProofGiven
from serviceco.policy.words import EarlierRepair, Facts, LineKind, Proof, SaleChannel
from serviceco.repairs.words import Outcome, Place, Visit

# The trade's window for a repeat repair (KPI RRR-90): intake within 90 days of hand-over.
REPEAT_WINDOW = timedelta(days=90)
REPAIRED = frozenset({Outcome.REPAIRED, Outcome.ADJUSTED})


def find_open(visits: Iterable[Visit]) -> Visit | None:
    """Return the device's visit that has not ended, the newest if there are several."""
    return next((visit for visit in visits if visit.closed_at is None), None)


def find_repeat(visits: Iterable[Visit], received_at: datetime) -> tuple[Visit, int] | None:
    """Return the repair that an intake repeats and after how many whole days, or None.

    `visits` come newest first. Only a repaired or adjusted device can come back; the ninetieth
    day is still in.
    """
    for visit in visits:
        if visit.closed_at is None or visit.outcome not in REPAIRED:
            continue
        since = received_at - visit.closed_at
        if timedelta(0) <= since <= REPEAT_WINDOW:
            return visit, since.days
    return None


def earlier_repairs(visits: Iterable[Visit], zone: str) -> tuple[EarlierRepair, ...]:
    """Return the finished repairs as the policy reads them: of each visit what each payer bore."""
    return tuple(
        EarlierRepair(
            on=local_day(visit.closed_at, zone),
            components=tuple(sorted({part for who, part in visit.done if who == payer and part})),
            payer=payer,
            visit=visit.number,
        )
        for visit in visits
        if visit.closed_at and visit.done and visit.outcome in REPAIRED
        for payer in sorted({who for who, _ in visit.done})
    )


def days_in_repair(visits: Iterable[Visit], zone: str) -> int:
    """Return the days that the device spent in finished repairs, from intake to ready."""
    return sum(
        (local_day(visit.ready_at, zone) - local_day(visit.received_at, zone)).days
        for visit in visits
        if visit.ready_at and visit.outcome in REPAIRED
    )


def unit_facts(place: Place, visits: Sequence[Visit], proofs: Iterable[ProofGiven]) -> Facts:
    """Return the facts of a unit as the policy asks for them, before any finding.

    Of several sale channels the one named last counts.
    """
    proofs = tuple(proofs)
    channels = [proof.channel for proof in proofs if proof.channel is not SaleChannel.UNKNOWN]
    return Facts(
        category=place.category,
        line_kind=LineKind.LABOUR,
        received_on=place.received_on,
        model=place.model,
        proofs=tuple(
            Proof(kind=proof.kind, on=proof.dated_on, verified=proof.is_verified)
            for proof in proofs
        ),
        channel=channels[-1] if channels else SaleChannel.UNKNOWN,
        region=place.region,
        earlier_repairs=earlier_repairs(visits, place.zone),
        days_in_repair=days_in_repair(visits, place.zone),
    )
