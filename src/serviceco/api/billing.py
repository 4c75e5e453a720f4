"""Quotes and payments in GraphQL."""

from datetime import date, datetime
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from serviceco.api.plan.access import OWN_PEOPLE, Access
from serviceco.api.plan.fields import column, money, to_many
from serviceco.api.plan.nodes import Node
from serviceco.api.plan.scalars import Money
from serviceco.api.plan.types import extends, planned
from serviceco.api.repairs import RepairOrderType
from serviceco.billing.tables import Payment, Quote
from serviceco.billing.words import ApprovalChannel, PaymentMethod, QuoteStatus
from serviceco.core.actor import Permission
from serviceco.repairs.tables import RepairOrder

strawberry.enum(QuoteStatus, description="How far a quote has come.")
strawberry.enum(ApprovalChannel, description="How the customer's decision arrived.")
strawberry.enum(PaymentMethod, description="How the customer paid.")


OF_THE_COMPANY = Access(Permission.READ_ORDERS, OWN_PEOPLE)


@planned(
    Quote,
    description="What the customer is asked to pay.",
    needs=OF_THE_COMPANY,
    within=(Quote.order_id, RepairOrder),
)
class QuoteType(Node):
    """GraphQL face of a quote."""

    id: UUID = column(Quote.id, "Its id.")
    revision: int = column(Quote.revision, "Its number within the order, from 1.")
    status: QuoteStatus = column(Quote.status, "How far it has come.")
    amount: Money = money(Quote.amount_minor, Quote.currency, "The sum asked for.")
    lines: JSON = column(Quote.lines, "The lines as they were shown.")
    valid_until: date = column(Quote.valid_until, "Last day on which it can be approved.")
    sent_at: datetime = column(Quote.sent_at, "When it was made.")
    decided_at: datetime | None = column(Quote.decided_at, "When the customer decided.")
    channel: ApprovalChannel | None = column(Quote.channel, "How the decision arrived.")
    note: str = column(Quote.note, "Note on the decision; may be empty.")


@planned(
    Payment,
    description="Money received from the customer.",
    needs=OF_THE_COMPANY,
    within=(Payment.order_id, RepairOrder),
)
class PaymentType(Node):
    """GraphQL face of a payment."""

    id: UUID = column(Payment.id, "Its id.")
    method: PaymentMethod = column(Payment.method, "How it was paid.")
    amount: Money = money(Payment.amount_minor, Payment.currency, "How much.")
    reference: str = column(Payment.reference, "Reference of the provider; may be empty.")
    received_at: datetime = column(Payment.received_at, "When.")


@extends(RepairOrderType)
class RepairOrderBilling:
    """Quotes and payments of an order."""

    quotes: list[QuoteType] = to_many(
        Quote.order_id, "Its quotes, newest first.", order_by=(Quote.revision.desc(),), at_most=20
    )
    payments: list[PaymentType] = to_many(
        Payment.order_id,
        "Its payments, oldest first.",
        order_by=(Payment.received_at, Payment.id),
        at_most=20,
    )
