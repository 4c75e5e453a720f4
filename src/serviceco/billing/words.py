"""The vocabulary of quotes and payments."""

from enum import StrEnum

from serviceco.core.refusals import Refusal


class QuoteStatus(StrEnum):
    """How far a quote has come."""

    SENT = "sent"
    APPROVED = "approved"
    DECLINED = "declined"
    SUPERSEDED = "superseded"


class ApprovalChannel(StrEnum):
    """How the customer's decision reached the branch."""

    COUNTER = "counter"
    PHONE = "phone"
    LINK = "link"


class PaymentMethod(StrEnum):
    """How the customer paid; the order is that of the counter's number keys."""

    CASH = "cash"
    WECHAT = "wechat"
    ALIPAY = "alipay"
    CARD = "card"
    ACCOUNT = "account"


class NothingToQuote(Refusal):
    """No line of the order is the customer's to pay."""

    code = "NOTHING_TO_QUOTE"


class QuoteDecided(Refusal):
    """The quote was already answered or replaced by a newer one."""

    code = "QUOTE_DECIDED"


class AmountNotDue(Refusal):
    """The payment is not above zero, or more than the customer still owes."""

    code = "AMOUNT_NOT_DUE"
