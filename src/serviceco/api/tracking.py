"""One order for its customer: what a link shows, and the answer it takes."""

from datetime import date, datetime
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from serviceco.api.mutations import Call, computed, mutation
from serviceco.api.plan.access import Access
from serviceco.api.plan.fields import column
from serviceco.api.plan.scalars import Int64, Money
from serviceco.api.plan.types import planned
from serviceco.api.repairs import RepairOrderType
from serviceco.billing import tracking
from serviceco.billing.tables import Quote
from serviceco.billing.words import QuoteStatus
from serviceco.core.actor import ActorKind, Permission
from serviceco.policy.words import Coverage
from serviceco.repairs import customer_links
from serviceco.repairs.words import Outcome, RepairStatus
from serviceco.tenancy.tables import Brand

CUSTOMER = Access(kinds=frozenset({ActorKind.CUSTOMER}))


@strawberry.type(description="Where the device is, and whom to ask.")
class TrackedBranch:
    """GraphQL face of a branch for customers."""

    name: str = strawberry.field(description="Name.")
    address: str = strawberry.field(description="Address; empty where unknown.")
    phone: str = strawberry.field(description="Telephone; empty where unknown.")
    zone: str = strawberry.field(description="IANA time zone.")


@strawberry.type(description="What the customer is asked to pay.")
class TrackedQuote:
    """GraphQL face of a quote for customers."""

    revision: int = strawberry.field(description="Which one; send it back with the answer.")
    status: QuoteStatus = strawberry.field(description="How far it has come.")
    amount: Money = strawberry.field(description="The sum asked for.")
    lines: JSON = strawberry.field(description="The lines as they were sent.")
    valid_until: date = strawberry.field(description="Last day on which it can be approved.")
    is_answerable: bool = strawberry.field(description="Whether it can be approved now.")
    may_decline: bool = strawberry.field(description="Whether it can at least be declined.")


@strawberry.type(description="An order as its customer sees it.")
class TrackedOrder:
    """GraphQL face of a tracked order."""

    number: str = strawberry.field(description="Twelve digits.")
    status: RepairStatus = strawberry.field(description="Where it stands.")
    coverage: Coverage = strawberry.field(description="What its lines come to.")
    outcome: Outcome | None = strawberry.field(description="What came of it, once known.")
    received_at: datetime = strawberry.field(description="Device taken into custody.")
    promised_at: datetime | None = strawberry.field(description="Promised to be ready.")
    ready_at: datetime | None = strawberry.field(description="Ready for pickup.")
    closed_at: datetime | None = strawberry.field(description="Handed over, or cancelled.")
    company: str = strawberry.field(description="Name of the company.")
    device: str = strawberry.field(description="Brand and model as printed on it.")
    brand_names: JSON | None = strawberry.field(description="The brand's name per language.")
    branch: TrackedBranch = strawberry.field(description="Where the device is.")
    decisions: JSON = strawberry.field(description="Who pays and why, as it stands now.")
    quote: TrackedQuote | None = strawberry.field(description="The newest quote, if one was sent.")
    due: Money = strawberry.field(description="What is to be paid at the pickup.")


@planned(Quote, description="A quote that its customer answered.", needs=CUSTOMER)
class AnsweredQuote:
    """GraphQL face of an answer."""

    revision: int = column(Quote.revision, "Which one.")
    status: QuoteStatus = column(Quote.status, "What the customer decided.")
    decided_at: datetime | None = column(Quote.decided_at, "When.")


@computed("The order that your link opens.", needs=CUSTOMER)
async def tracked_order(call: Call) -> TrackedOrder:
    """Show the order of the link."""
    seen = await tracking.track_order(call.session, call.actor, at=call.at)
    order, branch = seen.order, seen.branch
    brand = await call.session.get(Brand, order.brand_id) if order.brand_id else None
    return TrackedOrder(
        number=order.number,
        status=order.status,
        coverage=order.coverage,
        outcome=order.outcome,
        received_at=order.received_at,
        promised_at=order.promised_at,
        ready_at=order.ready_at,
        closed_at=order.closed_at,
        company=seen.tenant.name,
        device=f"{seen.device.brand_printed} {seen.device.model_printed}".strip(),
        brand_names=JSON(brand.names) if brand else None,
        branch=TrackedBranch(
            name=branch.name, address=branch.address, phone=branch.phone, zone=branch.zone
        ),
        decisions=JSON(seen.decisions),
        quote=_quote(seen),
        due=Money(amount_minor=Int64(seen.due_minor), currency=order.currency),
    )


def _quote(seen: tracking.TrackedOrder) -> TrackedQuote | None:
    quote = seen.quote
    if quote is None:
        return None
    return TrackedQuote(
        revision=quote.revision,
        status=quote.status,
        amount=Money(amount_minor=Int64(quote.amount_minor), currency=quote.currency),
        lines=JSON(quote.lines),
        valid_until=quote.valid_until,
        is_answerable=seen.is_answerable,
        may_decline=seen.may_decline,
    )


@mutation(
    AnsweredQuote,
    needs=CUSTOMER,
    description="Approve or decline the quote that you were shown, by your link.",
)
async def answer_quote(call: Call, revision: int, approved: bool, note: str = "") -> UUID:  # noqa: FBT001 - a GraphQL argument has its name
    """Keep the customer's answer."""
    quote = await tracking.answer_quote(
        call.session, call.actor, revision=revision, approved=approved, note=note, at=call.at
    )
    return quote.id


@mutation(
    RepairOrderType,
    needs=Permission.RECEIVE_DEVICE,
    description="End the customer's links of an order; `renewed` makes a new one.",
)
async def revoke_customer_link(call: Call, number: str, renewed: bool = False) -> UUID:  # noqa: FBT001, FBT002 - a GraphQL argument has its name
    """Take a link back."""
    order = await customer_links.revoke_customer_link(
        call.session, call.actor, number, renewed=renewed, at=call.at
    )
    return order.id


COMPUTED = (tracked_order,)
MUTATIONS = (answer_quote, revoke_customer_link)
