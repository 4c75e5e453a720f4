"""What is known about one line of an order when it is decided who pays."""

from dataclasses import dataclass
from datetime import date

from serviceco.policy.words.codes import LineKind, Payer, ProofKind, SaleChannel, Written


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof(Written):
    """Evidence of when the warranty began. `verified` means that somebody has seen it."""

    kind: ProofKind
    on: date
    verified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Written):
    """What the inspection found, and what proves it.

    `component` is empty for the whole unit. `photos` are SHA-256 names of files; `reading` is
    decimal text in `unit`.
    """

    code: str
    component: str = ""
    photos: tuple[str, ...] = ()
    reading: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierRepair(Written):
    """What one payer bore of a finished repair of the same serial, handed over on a day.

    `visit` is the number of its order: what several payers bore of one visit is one repair. An
    entry without it, as stored before it was known, is a repair of its own.
    """

    on: date
    components: tuple[str, ...] = ()
    payer: Payer = Payer.BRAND
    visit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts(Written):
    """The facts of one line. All but the first five may be unknown; unknown never harms.

    `component` is the class of part that the line is about, empty where it is about the unit.
    `region` is the ISO 3166 country of sale. `received_on` is a day of the branch's zone.
    `days_in_repair` sums the earlier repairs of this serial; `days_waiting_for_parts` is of this
    one. Stored as JSON with the decision, so a field may be added with a default, never renamed.
    """

    category: str
    line_kind: LineKind
    received_on: date
    component: str = ""
    model: str = ""
    proofs: tuple[Proof, ...] = ()
    findings: tuple[Finding, ...] = ()
    repair_level: int | None = None
    channel: SaleChannel = SaleChannel.UNKNOWN
    region: str = ""
    earlier_repairs: tuple[EarlierRepair, ...] = ()
    days_in_repair: int = 0
    days_waiting_for_parts: int = 0
