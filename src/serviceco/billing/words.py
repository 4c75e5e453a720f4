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


class QuoteExpired(Refusal):
    """The customer decided after the last day on which the quote was valid."""

    code = "QUOTE_EXPIRED"


class QuoteOutdated(Refusal):
    """The customer's lines changed after the quote was sent; a new revision is due."""

    code = "QUOTE_OUTDATED"


class QuoteUndecided(Refusal):
    """The customer has not agreed to the price yet, so nothing is due."""

    code = "QUOTE_UNDECIDED"


class RefundDue(Refusal):
    """The customer has paid more than is owed; the rest is given back before the hand-over."""

    code = "REFUND_DUE"


class AccessoriesUnconfirmed(Refusal):
    """Accessories that came with the device were not confirmed at the hand-over."""

    code = "ACCESSORIES_UNCONFIRMED"


class AmountNotDue(Refusal):
    """The amount is not above zero, or more than is owed."""

    code = "AMOUNT_NOT_DUE"
