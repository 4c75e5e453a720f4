"""Quotes, payments and the hand-over, in GraphQL."""

from uuid import UUID

from serviceco.api.billing import PaymentType, QuoteType
from serviceco.api.mutations import Call, mutation
from serviceco.api.plan.scalars import Int64
from serviceco.api.repairs import RepairOrderType
from serviceco.api.versions import versioned
from serviceco.billing import handover, payments, quotes
from serviceco.billing.words import ApprovalChannel, PaymentMethod
from serviceco.core.actor import Permission


@mutation(
    QuoteType,
    needs=Permission.QUOTE,
    description="Quote the customer's lines; a newer quote replaces the older.",
)
async def send_quote(call: Call, number: str, valid_days: int = 7) -> UUID:
    """Quote the customer's lines."""
    quote = await quotes.send_quote(
        call.session, call.actor, number, valid_days=valid_days, at=call.at
    )
    return quote.id


@mutation(
    QuoteType,
    needs=Permission.APPROVE_QUOTE,
    description="Record whether the customer approves the quote.",
)
async def decide_quote(
    call: Call,
    number: str,
    approved: bool,  # noqa: FBT001 - a GraphQL argument has its name
    channel: ApprovalChannel,
    note: str = "",
) -> UUID:
    """Record the customer's decision."""
    quote = await quotes.decide_quote(
        call.session, call.actor, number, approved=approved, channel=channel, note=note, at=call.at
    )
    return quote.id


@mutation(PaymentType, needs=Permission.TAKE_PAYMENT, description="Take money from the customer.")
async def take_payment(
    call: Call, number: str, amount_minor: Int64, method: PaymentMethod, reference: str = ""
) -> UUID:
    """Take a payment."""
    payment = await payments.take_payment(
        call.session,
        call.actor,
        number,
        amount_minor=amount_minor,
        method=method,
        reference=reference,
        at=call.at,
    )
    return payment.id


@mutation(
    RepairOrderType,
    needs=Permission.HAND_OVER,
    description="Hand the device over: the order closes and its split is posted to the ledger.",
)
async def hand_over(
    call: Call, number: str, accessories: list[str], collector: str = "", note: str = ""
) -> UUID:
    """Hand the device over."""
    order = await handover.hand_over(
        call.session,
        call.actor,
        number,
        accessories=accessories,
        collector=collector,
        note=note,
        at=call.at,
    )
    return order.id


@mutation(
    PaymentType,
    needs=Permission.TAKE_PAYMENT,
    description="Give back what the customer paid too much.",
)
async def refund_payment(
    call: Call, number: str, amount_minor: Int64, method: PaymentMethod, reference: str = ""
) -> UUID:
    """Give money back."""
    payment = await payments.refund_payment(
        call.session,
        call.actor,
        number,
        amount_minor=amount_minor,
        method=method,
        reference=reference,
        at=call.at,
    )
    return payment.id


MUTATIONS = tuple(
    map(versioned, (send_quote, decide_quote, take_payment, refund_payment, hand_over))
)
