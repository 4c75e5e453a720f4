"""The vocabulary of customers and devices."""

from enum import StrEnum

from serviceco.core.refusals import Refusal


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


class InvalidPhone(Refusal):
    """The text is no telephone number of the tenant's country, nor an international one."""

    code = "INVALID_PHONE"


class PurchaseInFuture(Refusal):
    """A proof of purchase is dated after the day on which the device came in."""

    code = "PURCHASE_IN_FUTURE"
