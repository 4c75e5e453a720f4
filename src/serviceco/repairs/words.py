"""States, codes and refusals of a repair order."""

from enum import StrEnum

from serviceco.core.refusals import Refusal


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
    DECLINED = "declined"
    CANCELLED = "cancelled"


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


class WrongRepairStatus(Refusal):
    """The step is not allowed from the order's present status."""

    code = "WRONG_REPAIR_STATUS"


class OpenOrderExists(Refusal):
    """The same device is already in a branch of this company."""

    code = "OPEN_ORDER_EXISTS"


class InvalidSerial(Refusal):
    """The IMEI's check digit is wrong, or the serial does not fit the model's pattern."""

    code = "INVALID_SERIAL"


class UnknownBrand(Refusal):
    """The tenant holds no contract in force with that brand, or the brand does not exist."""

    code = "UNKNOWN_BRAND"


class InspectionIncomplete(Refusal):
    """A required step of the standard has no answer."""

    code = "INSPECTION_INCOMPLETE"


class PaymentDue(Refusal):
    """The customer's share must be paid before this step."""

    code = "PAYMENT_DUE"


class SamePerson(Refusal):
    """The quality check is done by another person than the repair."""

    code = "SAME_PERSON"
