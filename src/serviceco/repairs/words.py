"""States, steps, values and refusals of a repair order."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import msgspec

from serviceco.core.refusals import Refusal
from serviceco.customers.words import CustomerGiven, DeviceGiven, ProofGiven
from serviceco.policy.words import (
    Coverage,
    Decision,
    LabourRate,
    LineKind,
    PartOffer,
    Payer,
    Texts,
)


class RepairStatus(StrEnum):
    """Where the order stands; coverage, payment and claim are facets of their own."""

    RECEIVED = "received"
    INSPECTING = "inspecting"
    QUOTING = "quoting"
    WAITING_PARTS = "waiting_parts"
    REPAIRING = "repairing"
    QC = "qc"
    READY = "ready"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """A step that staff take; rules.py says who, from which status, and to which."""

    START_INSPECTION = "start_inspection"
    CONCLUDE_INSPECTION = "conclude_inspection"
    SEND_QUOTE = "send_quote"
    APPROVE = "approve"
    DECLINE = "decline"
    WAIT_FOR_PARTS = "wait_for_parts"
    START_REPAIR = "start_repair"
    COMPLETE_REPAIR = "complete_repair"
    PASS_QUALITY = "pass_quality"  # noqa: S105 - a step, not a secret
    FAIL_QUALITY = "fail_quality"
    HAND_OVER = "hand_over"
    CANCEL = "cancel"


class Outcome(StrEnum):
    """What came of the visit."""

    REPAIRED = "repaired"
    ADJUSTED = "adjusted"
    NO_FAULT_FOUND = "no_fault_found"
    DECLINED = "declined"
    NOT_REPAIRED = "not_repaired"
    REPAIRABLE = "repairable"
    UNKNOWN = "unknown"


class ServiceMode(StrEnum):
    """How the device and the technician meet."""

    CARRY_IN = "carry_in"
    ON_SITE = "on_site"
    MAIL_IN = "mail_in"


class Origin(StrEnum):
    """Whether the order was lived here or imported as history, which does not act."""

    COUNTER = "counter"
    IMPORT = "import"


class StepOutcome(StrEnum):
    """The answer to one step of an inspection standard."""

    PASS = "pass"  # noqa: S105 - an answer, not a secret
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"


class LineStatus(StrEnum):
    """How far a line has come."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    DECLINED = "declined"
    DONE = "done"


class Intake(msgspec.Struct, frozen=True, kw_only=True):
    """What the counter wrote down when a device came in.

    `words` is what the customer said, verbatim, in `words_language` (BCP 47). With `again` an
    actor who may do so takes a device in although it has an open order.
    """

    branch_id: UUID
    device: DeviceGiven
    customer: CustomerGiven
    words: str
    words_language: str = ""
    symptom_codes: tuple[str, ...] = ()
    condition_codes: tuple[str, ...] = ()
    condition_note: str = ""
    accessories: tuple[str, ...] = ()
    proofs: tuple[ProofGiven, ...] = ()
    mode: ServiceMode = ServiceMode.CARRY_IN
    location: str = ""
    promised_at: datetime | None = None
    again: bool = False


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier visit of the same device. `done` pairs payer and component of each line done."""

    order_id: UUID
    number: str
    outcome: Outcome | None
    received_at: datetime
    ready_at: datetime | None
    closed_at: datetime | None
    done: tuple[tuple[Payer, str | None], ...]


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What the company knows of a device: its visits, newest first, and its proofs."""

    visits: tuple[Visit, ...] = ()
    proofs: tuple[ProofGiven, ...] = ()


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where and as what a unit came in: codes of the registers, zone and day of the branch."""

    category: str
    model: str
    region: str
    zone: str
    received_on: date


class CoveragePreview(msgspec.Struct, frozen=True, kw_only=True):
    """What intake would decide and warn about; nothing of it is saved.

    `decision` is None for a brand without a contract: then the customer pays.
    `open_order_number` is the device's order that is still open, `repeat_of_number` the earlier
    repair that this one would repeat, `repeat_days` days after it.
    """

    coverage: Coverage
    decision: Decision | None
    model_code: str | None
    open_order_number: str | None
    repeat_of_number: str | None
    repeat_days: int | None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one step of the standard.

    A measured step is judged by its `reading` (decimal text); `outcome` is then not given. A
    fail names its finding where the step knows several. A photo step needs a photo in the slot
    of its code, or `photo_id`.
    """

    step_code: str
    outcome: StepOutcome | None = None
    reading: str | None = None
    finding_code: str | None = None
    photo_id: UUID | None = None
    note: str = ""


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer comes to once it is held against its step."""

    outcome: StepOutcome
    reading: str | None = None
    unit: str | None = None
    finding_code: str | None = None


class LineGiven(msgspec.Struct, frozen=True, kw_only=True):
    """A line as staff propose it. The policy's lists give name and price.

    A part is named by its part number in `code`, labour by its `repair_level`. Without a policy
    (a brand without a contract) `name` and `price_minor` must be given, and are refused with one.
    """

    line: LineKind
    code: str = ""
    repair_level: int | None = None
    quantity: int = 1
    name: str = ""
    price_minor: int | None = None


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A line as the policy's lists have it; prices are per piece, in the policy's currency."""

    code: str
    names: Texts
    to_brand_minor: int
    to_customer_minor: int
    component: str = ""
    repair_level: int | None = None
    labour_minutes: int | None = None


class PriceList(msgspec.Struct, frozen=True, kw_only=True):
    """What the pinned policy lists for one device; amounts in minor units of the order's currency."""

    labour: tuple[LabourRate, ...] = ()
    parts: tuple[PartOffer, ...] = ()
    travel_price_minor: int = 0
    diagnosis_price_minor: int = 0


class PartFitted(msgspec.Struct, frozen=True, kw_only=True):
    """The serials of a part that was exchanged: what went in and what came out."""

    line_id: UUID
    new_serial: str = ""
    old_serial: str = ""


class WorkDone(msgspec.Struct, frozen=True, kw_only=True):
    """The record without which no repair is complete: fault, remedy, time and parts."""

    outcome: Outcome
    fault_note: str
    remedy_note: str
    labour_minutes: int
    parts: tuple[PartFitted, ...] = ()


class WrongRepairStatus(Refusal):
    """The step is not allowed from the order's present status."""

    code = "WRONG_REPAIR_STATUS"


class NothingToUndo(Refusal):
    """The latest act on the order is none that can be taken back, somebody else's, or too old."""

    code = "NOTHING_TO_UNDO"


class OpenOrderExists(Refusal):
    """The same device is already in a branch of this company."""

    code = "OPEN_ORDER_EXISTS"


class OpenOrdersRemain(Refusal):
    """A branch is not closed while devices are there; `count` says how many."""

    code = "OPEN_ORDERS_REMAIN"


class BranchClosed(Refusal):
    """The branch takes nothing in any more."""

    code = "BRANCH_CLOSED"


class InvalidSerial(Refusal):
    """The IMEI's check digit is wrong, or the serial does not fit the model's pattern."""

    code = "INVALID_SERIAL"


class UnknownBrand(Refusal):
    """The tenant holds no contract in force with that brand, or the brand does not exist."""

    code = "UNKNOWN_BRAND"


class InspectionIncomplete(Refusal):
    """A required step of the standard has no answer, or the inspection is not concluded."""

    code = "INSPECTION_INCOMPLETE"


class UnknownStep(Refusal):
    """The pinned standard has no such step, or the answer does not fit it."""

    code = "UNKNOWN_STEP"


class UnknownLine(Refusal):
    """The pinned policy lists no such part or labour, or the order has no such line."""

    code = "UNKNOWN_LINE"


class LevelNotAuthorised(Refusal):
    """The contract does not let this branch do repairs of that level."""

    code = "LEVEL_NOT_AUTHORISED"


class ApprovalNeeded(Refusal):
    """The customer has not approved what they are to pay."""

    code = "APPROVAL_NEEDED"


class PaymentDue(Refusal):
    """The customer's share must be paid before this step."""

    code = "PAYMENT_DUE"


class MoneyHeld(Refusal):
    """The customer has paid for this order, so it cannot be cancelled."""

    code = "MONEY_HELD"


class RecordMissing(Refusal):
    """The fault, the remedy or the time is not recorded; nothing closes without them."""

    code = "RECORD_MISSING"


class InvalidPhoto(Refusal):
    """The file is no picture that we keep: its kind, its size or its pixels."""

    code = "INVALID_PHOTO"


class OrderChanged(Refusal):
    """Somebody changed the order after the actor had seen it."""

    code = "ORDER_CHANGED"


class SamePerson(Refusal):
    """The quality check is done by another person than the repair."""

    code = "SAME_PERSON"
