"""The vocabulary of customers and devices."""

from datetime import date
from uuid import UUID

import msgspec

from serviceco.core.refusals import Refusal
from serviceco.policy.words import ProofKind, SaleChannel


class CustomerGiven(msgspec.Struct, frozen=True, kw_only=True):
    """A person as the counter wrote them down; `phone` as spoken, `language` a BCP 47 tag."""

    phone: str
    name: str = ""
    email: str | None = None
    language: str | None = None


class ProofGiven(msgspec.Struct, frozen=True, kw_only=True):
    """A proof of purchase as shown at the counter; `is_verified` says that staff saw it."""

    kind: ProofKind
    dated_on: date
    number: str = ""
    seller: str = ""
    channel: SaleChannel = SaleChannel.UNKNOWN
    is_verified: bool = True


class DeviceGiven(msgspec.Struct, frozen=True, kw_only=True):
    """A device as the counter wrote it down: codes of the registers, serials as scanned.

    With a `brand` under contract the printed name is the brand's own; `brand_printed` is for
    devices of brands without one. `serial_override_reason` lets a serial pass that does not fit
    its model, never a wrong IMEI of a phone.
    """

    category: str
    brand: str | None = None
    model: str | None = None
    brand_printed: str = ""
    model_printed: str = ""
    serial: str | None = None
    second_serial: str | None = None
    serial_override_reason: str = ""
    manufactured_year: int | None = None


class Unit(msgspec.Struct, frozen=True, kw_only=True):
    """A device as the register keeps it: ids found, serials normalised."""

    category_id: UUID
    brand_id: UUID | None
    brand_alias_id: UUID | None
    model_id: UUID | None
    brand_printed: str
    model_printed: str
    serial: str | None
    second_serial: str | None
    serial_note: str
    manufactured_year: int | None


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    """Who came, and with what; `phone` is E.164."""

    customer_id: UUID
    device_id: UUID
    phone: str


class InvalidPhone(Refusal):
    """The text is no telephone number of the tenant's country, nor an international one."""

    code = "INVALID_PHONE"


class PurchaseInFuture(Refusal):
    """A proof of purchase is dated after the day on which the device came in."""

    code = "PURCHASE_IN_FUTURE"
