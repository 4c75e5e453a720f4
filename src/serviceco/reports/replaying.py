"""Deciding past orders by another policy: pure, without a trace, and order by order as at the counter."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from serviceco.policy.rules import (
    CompiledLaw,
    CompiledPolicy,
    decide_coverage,
    decide_payer,
    sum_coverage,
)
from serviceco.policy.words import Coverage, Decision, Facts, LineKind, Payer, document_of
from serviceco.repairs.rules import find_offer, price_to
from serviceco.repairs.words import LineGiven, Offer

PAYERS = (Payer.BRAND, Payer.CUSTOMER, Payer.TENANT, Payer.OTHER)
_read_facts = msgspec.json.Decoder(Facts).decode
_Key = tuple[str, str, LineKind, str, int | None]
# Of one law, each version with its first day, the latest first.
Dated = Sequence[tuple[date, CompiledLaw]]


@dataclass(frozen=True, slots=True)
class PastLine:
    """A line as it stands, with the facts on which it was decided, as JSON; None if it never was."""

    kind: LineKind
    code: str
    repair_level: int | None
    quantity: int
    amount_minor: int
    payer: Payer
    is_declined: bool
    facts: str | None


@dataclass(frozen=True, slots=True)
class PastOrder:
    """A closed order. `visit` holds the payer and the facts of the unit as a whole, if decided."""

    id: UUID
    branch_id: UUID
    model_id: UUID
    coverage: Coverage
    lines: Sequence[PastLine]
    visit: tuple[Payer, str] | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """What an order comes to: its coverage, and what each of `PAYERS` bears in minor units."""

    coverage: Coverage
    minor: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A policy with every version of the laws that it names, to decide the past by."""

    policy: CompiledPolicy
    laws: Mapping[str, Dated]
    offers: dict[_Key, Offer | None] = field(default_factory=dict)

    def decide(self, facts: Facts) -> Decision:
        """Decide with reasons and trace, by the law in force on the day of receipt."""
        return decide_coverage(self.policy, self._law(facts), facts)

    def side_of(self, order: PastOrder) -> Side:
        """Return what the order would have come to.

        A line that the customer declined would have been repaired had somebody else paid, and
        the fee for a diagnosis without a repair not been due.
        """
        settled = [(line, *self._settle(line)) for line in order.lines]
        is_repaired = any(
            line.is_declined and payer is not Payer.CUSTOMER for line, payer, _ in settled
        )
        live = [
            (payer, amount_minor)
            for line, payer, amount_minor in settled
            if (not line.is_declined or payer is not Payer.CUSTOMER)
            and not (is_repaired and line.kind is LineKind.DIAGNOSIS)
        ]
        if order.coverage is Coverage.DECLINED and not is_repaired:
            return Side(Coverage.DECLINED, _minor(live))
        if live or order.visit is None:
            return Side(sum_coverage(payer for payer, _ in live), _minor(live))
        visit = decide_payer(*self._asked(_read_facts(order.visit[1])))
        return Side(sum_coverage([visit]), _minor(()))

    def price(self, line: PastLine, facts: Facts, payer: Payer) -> int:
        """Return what a line costs that payer in minor units; as it stood, if no list has it."""
        offer = self._offer(facts, line)
        return price_to(offer, payer) * line.quantity if offer else line.amount_minor

    def _settle(self, line: PastLine) -> tuple[Payer, int]:
        if line.facts is None:
            return line.payer, line.amount_minor
        facts = _read_facts(line.facts)
        payer = decide_payer(*self._asked(facts))
        return payer, self.price(line, facts, payer)

    def _offer(self, facts: Facts, line: PastLine) -> Offer | None:
        key = (facts.category, facts.model, line.kind, line.code, line.repair_level)
        if key not in self.offers:
            given = LineGiven(line=line.kind, code=line.code, repair_level=line.repair_level)
            self.offers[key] = find_offer(self.policy.policy, facts.category, facts.model, given)
        return self.offers[key]

    def _asked(self, facts: Facts) -> tuple[CompiledPolicy, CompiledLaw | None, Facts]:
        return self.policy, self._law(facts), facts

    def _law(self, facts: Facts) -> CompiledLaw | None:
        versions = self.laws.get(self.policy.law_code(facts.category) or "", ())
        return next((law for since, law in versions if since <= facts.received_on), None)


def side_as_decided(order: PastOrder) -> Side:
    """Return what the order came to."""
    live = [(line.payer, line.amount_minor) for line in order.lines if not line.is_declined]
    return Side(order.coverage, _minor(live))


@dataclass(frozen=True, slots=True)
class DecidedLine:
    """A line, or with `kind` None the visit as a whole, with the decision that stands."""

    kind: LineKind | None
    code: str
    names: Mapping[str, str]
    past: PastLine
    decision: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedTwice:
    """A line with both decisions as documents, and what it costs by each in minor units."""

    kind: LineKind | None
    code: str
    names: Mapping[str, str]
    is_declined: bool
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    before_minor: int
    after_minor: int


def decide_twice(
    line: DecidedLine, candidate: Candidate, against: Candidate | None
) -> DecidedTwice:
    """Decide a line by the candidate, and by `against` if it is not to be as it was."""
    past = line.past
    facts = _read_facts(past.facts or "")
    after = candidate.decide(facts)
    before, before_minor = line.decision, past.amount_minor
    if against is not None:
        decided = against.decide(facts)
        before, before_minor = document_of(decided), against.price(past, facts, decided.payer)
    return DecidedTwice(
        kind=line.kind,
        code=line.code,
        names=line.names,
        is_declined=past.is_declined,
        before=before,
        after=document_of(after),
        before_minor=before_minor,
        after_minor=candidate.price(past, facts, after.payer),
    )


@dataclass(slots=True)
class Sum:
    """Orders added up: how many, and what each payer bore and would bear."""

    orders: int = 0
    before: tuple[int, ...] = (0, 0, 0, 0)
    after: tuple[int, ...] = (0, 0, 0, 0)

    def add(self, before: Side, after: Side) -> None:
        """Count one order more."""
        self.orders += 1
        self.before = tuple(map(int.__add__, self.before, before.minor))
        self.after = tuple(map(int.__add__, self.after, after.minor))


Cell = tuple[UUID, UUID, Coverage, Coverage]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a batch comes to: cells by branch, model and coverages, and changed orders."""

    cells: dict[Cell, Sum]
    changed: list[tuple[PastOrder, Side, Side]]


def replay_orders(
    orders: Iterable[PastOrder], candidate: Candidate, against: Candidate | None = None
) -> Replayed:
    """Decide orders by the candidate, and compare with what was decided or with `against`."""
    replayed = Replayed({}, [])
    for order in orders:
        before = against.side_of(order) if against else side_as_decided(order)
        after = candidate.side_of(order)
        cell = (order.branch_id, order.model_id, before.coverage, after.coverage)
        if (found := replayed.cells.get(cell)) is None:
            found = replayed.cells[cell] = Sum()
        found.add(before, after)
        if before != after:
            replayed.changed.append((order, before, after))
    return replayed


def _minor(live: Iterable[tuple[Payer, int]]) -> tuple[int, ...]:
    sums = dict.fromkeys(PAYERS, 0)
    for payer, amount_minor in live:
        sums[payer] += amount_minor
    return tuple(sums.values())
