"""Codes and texts that the rest of the vocabulary is built from."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar


class Payer(StrEnum):
    """Who bears the cost of a line."""

    BRAND = "brand"
    CUSTOMER = "customer"
    TENANT = "tenant"
    OTHER = "other"


class Coverage(StrEnum):
    """What the lines of an order come to."""

    IN_WARRANTY = "in_warranty"
    PAID = "paid"
    MIXED = "mixed"
    GOODWILL = "goodwill"
    UNDECIDED = "undecided"
    DECLINED = "declined"


class LineKind(StrEnum):
    """What a line is for."""

    LABOUR = "labour"
    PART = "part"
    TRAVEL = "travel"
    DIAGNOSIS = "diagnosis"


class ProofKind(StrEnum):
    """What shows when the warranty began."""

    INVOICE = "invoice"
    WARRANTY_CARD = "warranty_card"
    ACTIVATION = "activation"
    REGISTRATION = "registration"
    MANUFACTURE_DATE = "manufacture_date"


class SaleChannel(StrEnum):
    """Who sold the device; it decides who is responsible."""

    MANUFACTURER = "manufacturer"
    DEALER = "dealer"
    ONLINE = "online"
    UNKNOWN = "unknown"


class EvidenceKind(StrEnum):
    """What must hang on a finding before it may count against the customer."""

    PHOTO = "photo"
    READING = "reading"


class Reach(StrEnum):
    """How far a finding or an earlier repair extends: its own component, or the whole unit."""

    COMPONENT = "component"
    UNIT = "unit"


class ReasonCode(StrEnum):
    """Why a decision is as it is; each is a key of the glossary, in three languages."""

    IN_PERIOD = "r_in_period"
    REPAIR_GUARANTEE = "r_repair_guarantee"
    EXPIRED = "r_expired"
    NOT_IN_TERMS = "r_not_in_terms"
    CONSUMABLE = "r_consumable"
    NO_PROOF = "r_no_proof"
    DAMAGE = "r_damage"
    LIQUID = "r_liquid"
    UNAUTHORISED = "r_unauth"
    SERIAL_MISMATCH = "r_sn_mismatch"
    SERIAL_UNREADABLE = "r_sn_unreadable"
    GREY_IMPORT = "r_grey_import"
    NO_FAULT = "r_ntf"
    SOFTWARE = "r_software"
    FORCE_MAJEURE = "r_force_majeure"
    RECALL = "r_recall"
    TWO_REPAIRS = "r_two_repairs"
    PARTS_60_DAYS = "r_parts_60d"
    REFUND_WINDOW = "statutory_7d"
    EXCHANGE_WINDOW = "statutory_15d"
    MISSING_EVIDENCE = "r_missing_evidence"
    LATE_CLAIM = "r_late_claim"
    DUPLICATE = "r_duplicate"


class Outcome(StrEnum):
    """What came of one step of a trace."""

    HOLDS = "holds"
    FAILS = "fails"
    UNKNOWN = "unknown"
    MISSING = "missing"
    LIFTED = "lifted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Base of what stands in a file: a field that nobody knows is an error, not a surprise."""

    # Read by pydantic in packs/reader.py; a plain mapping, so that words need no framework.
    __pydantic_config__: ClassVar[Any] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts(Written):
    """One text in the three languages of the house; Traditional Chinese is Taiwan usage."""

    zh_hans: str
    zh_hant: str
    en: str

    def __post_init__(self) -> None:
        """Refuse a language left empty."""
        if not (self.zh_hans.strip() and self.zh_hant.strip() and self.en.strip()):
            raise ValueError("a text is needed in zh_hans, zh_hant and en")

    def in_language(self, tag: str) -> str:
        """Return the text for a BCP 47 tag (`zh-Hans`, `zh-TW`, `en-IE` …), English by default."""
        lowered = tag.lower()
        if not lowered.startswith("zh"):
            return self.en
        is_traditional = lowered.startswith(("zh-hant", "zh-tw", "zh-hk", "zh-mo"))
        return self.zh_hant if is_traditional else self.zh_hans
