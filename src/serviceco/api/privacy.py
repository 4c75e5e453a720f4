"""People's data in GraphQL: what is held, who saw it, how long it is kept, whom support may see."""

from datetime import datetime
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from serviceco.api.mutations import Call, computed, mutation
from serviceco.api.plan.access import OWN_PEOPLE, Access
from serviceco.api.plan.fields import column, in_python, many, pages, to_one
from serviceco.api.plan.filters import at_least, equals, less_than, one_of
from serviceco.api.plan.pages import Connection
from serviceco.api.plan.types import extends, planned
from serviceco.api.repairs import RepairOrderType
from serviceco.core.actor import Actor, ActorKind, Permission
from serviceco.customers.rules import mask_name, mask_phone
from serviceco.customers.tables import Customer
from serviceco.privacy import disclosure, erasure, persons, retention, support
from serviceco.privacy.queries import (
    count_holdings,
    find_persons,
    get_customer,
    list_obstacles,
    person_of,
)
from serviceco.privacy.tables import AuditRecord, RetentionRule, SupportConsent
from serviceco.privacy.words import AuditAct, Ground, Kept
from serviceco.repairs.tables import RepairOrder
from serviceco.tenancy.queries import get_tenant

strawberry.enum(AuditAct, description="What was done with people's data.")
strawberry.enum(Ground, description="Why a person is erased.")
strawberry.enum(Kept, description="What a company keeps for a period of its own choice.")

# A name stands behind each of these acts; machines have none.
PEOPLE = OWN_PEOPLE - {ActorKind.MACHINE}
PRIVACY = Access(Permission.MANAGE_PRIVACY, PEOPLE)


def _masked_name(_actor: Actor, name: str) -> str:
    return mask_name(name)


def _masked_phone(_actor: Actor, phone: str) -> str:
    return mask_phone(phone) if phone else ""


@planned(
    Customer,
    description="A customer for those who need not know who it is.",
    needs=Permission.READ_ORDERS,
)
class MaskedCustomerType:
    """GraphQL face of a masked customer; `revealCustomer` shows the whole for a reason."""

    name: str = in_python(
        Customer.name, fill=_masked_name, description="Name with its middle hidden."
    )
    phone: str = in_python(
        Customer.phone, fill=_masked_phone, description="Telephone with its middle hidden."
    )
    erased_at: datetime | None = column(Customer.erased_at, "Since when the person is erased.")


@extends(RepairOrderType)
class RepairOrderMask:
    """The customer of an order, masked."""

    masked_customer: MaskedCustomerType | None = to_one(
        RepairOrder.customer_id, "Whose device it is, masked; for who may not read customers."
    )


@planned(
    Customer,
    description="Name and telephone of a customer, shown to whoever said why.",
    needs=Access(Permission.READ_ORDERS, PEOPLE),
)
class RevealedCustomerType:
    """GraphQL face of a revealed customer; only `revealCustomer` leads here."""

    name: str = column(Customer.name, "Full name.")
    phone: str = column(Customer.phone, "Telephone, E.164.")


@planned(
    AuditRecord, description="One act with people's data, as the company sees it.", needs=PRIVACY
)
class AuditRecordType:
    """GraphQL face of an audit record."""

    id: UUID = column(AuditRecord.id, "Its id.")
    act: AuditAct = column(AuditRecord.act, "What was done.")
    at: datetime = column(AuditRecord.at, "When.")
    actor_kind: str = column(AuditRecord.actor_kind, "Staff, support or system.")
    actor_name: str = column(AuditRecord.actor_name, "Who did it.")
    consented_by: str = column(AuditRecord.consented_by, "Who let support in; may be empty.")
    ticket: str = column(AuditRecord.ticket, "The ticket that support works on; may be empty.")
    order_number: str = column(AuditRecord.order_number, "The order concerned; may be empty.")
    customer_id: UUID | None = column(AuditRecord.customer_id, "The person concerned, if one.")
    reason: str = column(AuditRecord.reason, "Why, in their words; goes with the person.")
    until: datetime | None = column(AuditRecord.until, "How long it lasts, where it does.")
    detail: JSON = column(AuditRecord.detail, "Coded facts: grounds, counts by table.")


@planned(
    AuditRecord,
    description="A customer as revealed.",
    needs=Access(Permission.READ_ORDERS, PEOPLE),
)
class RevealType:
    """GraphQL face of a reveal: what was asked for, and nothing else of the list."""

    at: datetime = column(AuditRecord.at, "When it was revealed.")
    customer: RevealedCustomerType | None = to_one(AuditRecord.customer_id, "Whose device it is.")


@planned(RetentionRule, description="For how long a kind of data is kept.", needs=PRIVACY)
class RetentionRuleType:
    """GraphQL face of a retention rule."""

    kept: str = column(RetentionRule.kept, "What it is about: customers, photos, words, sign_ins.")
    months: int | None = column(RetentionRule.months, "Months after the last use; null for ever.")
    changed_at: datetime = column(RetentionRule.changed_at, "When it was last changed.")


@planned(
    SupportConsent,
    description="Support may look at the company's orders, without customers and money.",
    needs=Access(Permission.MANAGE_TENANT, PEOPLE),
)
class SupportConsentType:
    """GraphQL face of a consent."""

    id: UUID = column(SupportConsent.id, "Its id.")
    granted_by_name: str = column(SupportConsent.granted_by_name, "Who gave it.")
    granted_at: datetime = column(SupportConsent.granted_at, "When.")
    until: datetime = column(SupportConsent.until, "Its end, unless it is withdrawn before.")
    withdrawn_at: datetime | None = column(SupportConsent.withdrawn_at, "When it was withdrawn.")


@strawberry.type
class PrivacyQueries:
    """Root fields of privacy."""

    audit_records: Connection[AuditRecordType] = pages(
        "Who did what with people's data, newest first.",
        order_by=(AuditRecord.at.desc(), AuditRecord.id.desc()),
        filters={
            "acts": one_of(AuditRecord.act, "Only these acts."),
            "actor_name": equals(AuditRecord.actor_name, "Only acts of this person."),
            "order_number": equals(AuditRecord.order_number, "Only acts about this order."),
            "entered_since": at_least(AuditRecord.at, "Then or later."),
            "entered_until": less_than(AuditRecord.at, "Before then."),
        },
    )
    support_consents: list[SupportConsentType] = many(
        "Consents to support, newest first.",
        order_by=(SupportConsent.granted_at.desc(), SupportConsent.id.desc()),
        at_most=20,
    )


@strawberry.type(description="How many rows of a table tell of a person.")
class HeldRows:
    """GraphQL face of a holding."""

    table: str = strawberry.field(description="Name of the table.")
    rows: int = strawberry.field(description="How many rows.")


@strawberry.type(description="A customer, for whoever answers for privacy.")
class Person:
    """GraphQL face of a person."""

    id: UUID = strawberry.field(description="Id of the customer.")
    name: str = strawberry.field(description="Full name; empty once erased.")
    phone: str = strawberry.field(description="Telephone, E.164; empty once erased.")
    created_at: datetime = strawberry.field(description="When they first came.")
    erased_at: datetime | None = strawberry.field(description="When they were erased.")


@strawberry.type(description="What keeps a person from being erased.")
class Obstacle:
    """GraphQL face of a refusal to come."""

    code: str = strawberry.field(description="Stable, SCREAMING_SNAKE.")
    message: str = strawberry.field(description="The reason in English.")
    number: str = strawberry.field(description="The order concerned.")


@strawberry.type(description="A customer, what is held about them, and what keeps it.")
class PersonDossier:
    """GraphQL face of what is held about a person."""

    person: Person = strawberry.field(description="The customer.")
    held: list[HeldRows] = strawberry.field(description="Rows about them, by table.")
    obstacles: list[Obstacle] = strawberry.field(
        description="Why they cannot be erased yet; empty where they can."
    )


@strawberry.type(description="A period, and what would go now.")
class RetentionPeriod:
    """GraphQL face of a rule with its preview."""

    kept: Kept = strawberry.field(description="What is kept.")
    months: int | None = strawberry.field(description="For how many months; null for ever.")
    would_go: int | None = strawberry.field(
        description="How many would go now; null where nothing is limited, or nobody counts."
    )


@computed("Customers with this telephone.", needs=PRIVACY)
async def persons_by_phone(call: Call, phone: str) -> list[Person]:
    """Find persons."""
    tenant = await get_tenant(call.session)
    found = await find_persons(call.session, call.actor, phone, country=tenant.country)
    return [_person(person) for person in found]


@computed("What is held about a customer, and whether it could be erased.", needs=PRIVACY)
async def person(call: Call, customer_id: UUID) -> PersonDossier:
    """Describe a person."""
    customer = await get_customer(call.session, call.actor, customer_id)
    return PersonDossier(
        person=_person(person_of(customer)),
        held=[
            HeldRows(table=holding.table, rows=holding.rows)
            for holding in await count_holdings(call.session, customer_id)
        ],
        obstacles=[
            Obstacle(
                code=refusal.code, message=refusal.message, number=str(refusal.facts["number"])
            )
            for refusal in await list_obstacles(call.session, customer_id, at=call.at)
        ],
    )


@computed("All about the person of an export that you made within minutes.", needs=PRIVACY)
async def person_export(call: Call, export_id: UUID) -> JSON:
    """Return rows by table."""
    return JSON(await persons.read_export(call.session, call.actor, export_id, at=call.at))


@computed("The company's periods, or others to try, with what would go under them.", needs=PRIVACY)
async def retention_periods(
    call: Call,
    customers: int | None = None,
    photos: int | None = None,
    words: int | None = None,
) -> list[RetentionPeriod]:
    """Preview periods; those not given are the company's own."""
    rules = await retention.list_rules(call.session)
    tried = {Kept.CUSTOMERS: customers, Kept.PHOTOS: photos, Kept.WORDS: words}
    own = {kept: rules[kept].months if kept in rules else None for kept in Kept}
    months = {kept: tried.get(kept) or own[kept] for kept in Kept}
    counts = await retention.preview_retention(call.session, call.actor, months, at=call.at)
    return [RetentionPeriod(kept=kept, months=months[kept], would_go=counts[kept]) for kept in Kept]


def _person(found: object) -> Person:
    return Person(
        **{
            name: getattr(found, name)
            for name in ("id", "name", "phone", "created_at", "erased_at")
        }
    )


@mutation(
    RevealType,
    needs=Access(Permission.READ_ORDERS, PEOPLE),
    description="Show name and telephone of an order's customer; the company sees who asked why.",
)
async def reveal_customer(call: Call, order_number: str, reason: str) -> UUID:
    """Reveal a customer."""
    entered = await disclosure.reveal_customer(
        call.session, call.actor, order_number, reason=reason, at=call.at
    )
    return entered.id


@mutation(AuditRecordType, needs=PRIVACY, description="Take out everything about a person.")
async def export_person(call: Call, customer_id: UUID) -> UUID:
    """Enter an export; `personExport` gives it."""
    return (await persons.export_person(call.session, call.actor, customer_id, at=call.at)).id


@mutation(
    AuditRecordType,
    needs=PRIVACY,
    description="Erase what tells of a person; orders, books and the record stay.",
)
async def erase_person(call: Call, customer_id: UUID, ground: Ground) -> UUID:
    """Erase a person."""
    entered = await erasure.erase_person(
        call.session, call.actor, customer_id, ground=ground, at=call.at
    )
    return entered.id


@mutation(
    RetentionRuleType,
    needs=PRIVACY,
    description="Keep a kind of data for so many months after its last use; null for ever.",
)
async def set_retention(call: Call, kept: Kept, months: int | None = None) -> UUID:
    """Set a period."""
    rule = await retention.set_retention(call.session, call.actor, kept, months=months, at=call.at)
    return rule.id


@mutation(
    SupportConsentType,
    needs=Access(Permission.MANAGE_TENANT, PEOPLE),
    description="Let support look at the company's orders for so many hours.",
)
async def grant_support(call: Call, hours: int) -> UUID:
    """Let support in."""
    return (await support.grant_support(call.session, call.actor, hours=hours, at=call.at)).id


@mutation(
    SupportConsentType,
    needs=Access(Permission.MANAGE_TENANT, PEOPLE),
    description="Take a consent to support back; its sessions end at their next request.",
)
async def withdraw_support(call: Call, consent_id: UUID) -> UUID:
    """Put support out."""
    consent = await support.withdraw_support(call.session, call.actor, consent_id, at=call.at)
    return consent.id


QUERIES = (PrivacyQueries,)
COMPUTED = (persons_by_phone, person, person_export, retention_periods)
MUTATIONS = (
    reveal_customer,
    export_person,
    erase_person,
    set_retention,
    grant_support,
    withdraw_support,
)
