"""The vocabulary of brand policy."""

from enum import StrEnum


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
