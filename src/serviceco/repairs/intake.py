"""Taking a device in at the counter."""

import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.catalogue.rules import normalise_serial
from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.order_numbers import order_number
from serviceco.core.refusals import InvalidInput, NotFound
from serviceco.customers.operations import proof_rows, register_brought, require_past
from serviceco.customers.queries import find_devices
from serviceco.customers.words import Brought, DeviceGiven, ProofGiven, Unit
from serviceco.evidence.operations import compose_event
from serviceco.evidence.rules import commitment
from serviceco.identity.links import new_link
from serviceco.policy.queries import PolicyInForce, effective_policy
from serviceco.policy.rules import sum_coverage
from serviceco.policy.words import Coverage, Payer
from serviceco.repairs.coverage import Case, decision_row
from serviceco.repairs.desk import Desk, read_desk, read_history, take_number_and_history
from serviceco.repairs.rules import (
    SearchFacts,
    find_open,
    find_repeat,
    find_serial_fault,
    unit_facts,
)
from serviceco.repairs.searching import compose_search_keys, product_names
from serviceco.repairs.tables import CustomerWords, RepairOrder
from serviceco.repairs.words import (
    CoveragePreview,
    History,
    Intake,
    InvalidSerial,
    OpenOrderExists,
    Origin,
    Place,
    RepairStatus,
    UnknownBrand,
)
from serviceco.repairs.work_tables import CoverageDecision
from serviceco.storage.batch import adopt, insert_together
from serviceco.storage.outbox import compose_entry
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.operations import find_or_add_alias

# The chain keeps these for ever, so words have no place in them.
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


async def receive_device(
    session: AsyncSession, actor: Actor, intake: Intake, *, at: datetime
) -> RepairOrder:
    """Take a device in: customer, device, proofs, order, first decision, event and outbox.

    Five statements, once the policy is compiled in this process. A brand that is named must be
    under contract for the branch. A device may come in by its printed name alone: it is of the
    brand that the company's alias for the name means, and without a contract its customer pays.

    Raises:
        NotPermitted: the actor does not take devices in.
        NotFound: no such branch in the actor's scope, or no such category or model.
        UnknownBrand: no contract in force with that brand, or no brand at all.
        InvalidSerial: a wrong IMEI, or a serial that does not fit and is not excused.
        InvalidInput: no words of the customer, an unknown symptom, or a mark that is no code.
        InvalidPhone: the customer's phone is no number.
        PurchaseInFuture: a proof is dated after the branch's day.
        NoPolicyInForce: the contract's brand has published no policy yet.
        OpenOrderExists: the device is in for repair already, and the actor may not pass over it.
    """
    actor.require(Permission.RECEIVE_DEVICE)
    actor.require_branch(intake.branch_id)
    desk = await read_desk(session, intake.branch_id, intake.device, at=at)
    unit = await _name_brand(session, identify_unit(desk, intake.device))
    _check_words(desk, intake)
    require_past(intake.proofs, desk.today)
    brought = await register_brought(
        session,
        actor,
        intake.customer,
        unit,
        country=desk.tenant.country,
        language=desk.tenant.language,
        at=at,
    )
    policy = await _find_policy(session, desk)
    sequence, history = await take_number_and_history(session, brought.device_id, desk.today)
    _check_open(actor, intake, history)
    case = _open_case(desk, policy, history, intake.proofs)
    number = order_number(desk.today, sequence)
    order = _new_order(tenant_of(session), desk, intake, brought, unit, number=number, at=at)
    order.owner_staff_id = actor.staff_id
    _link_repeat(order, history)
    decisions = _decide(actor, order, case, at=at)
    words = _words_of(order, intake, desk.tenant.language)
    proofs = proof_rows(session, brought.device_id, intake.proofs, at=at)
    event = compose_event(session, actor, "repair.received", order, at=at, **_facts(order, words))
    entry = compose_entry(session, "repair.received", _announcement(order), at=at)
    link = new_link(session, order.id, number, at=at)
    keys = compose_search_keys(order, _search_facts(order, desk, brought, unit, intake))
    await insert_together(session, [order, words, *proofs, *decisions, event, entry, link, keys])
    adopt(session, order)
    return order


async def preview_coverage(
    session: AsyncSession,
    actor: Actor,
    branch_id: UUID,
    device: DeviceGiven,
    *,
    proofs: Sequence[ProofGiven] = (),
    at: datetime,
) -> CoveragePreview:
    """Say what intake would decide and warn about, and save nothing.

    Raises:
        Refusal: as `receive_device` for the device and its proofs.
    """
    actor.require(Permission.RECEIVE_DEVICE)
    actor.require_branch(branch_id)
    desk = await read_desk(session, branch_id, device, at=at)
    unit = identify_unit(desk, device)
    require_past(proofs, desk.today)
    history = await _find_history(session, unit)
    case = _open_case(desk, await _find_policy(session, desk), history, proofs)
    decision = case.policy.decide(case.facts) if case else None
    open_visit = find_open(history.visits)
    repeat = find_repeat(history.visits, at)
    return CoveragePreview(
        coverage=sum_coverage([decision.payer if decision else Payer.CUSTOMER]),
        decision=decision,
        model_code=desk.model.code if desk.model else None,
        open_order_number=open_visit.number if open_visit else None,
        repeat_of_number=repeat[0].number if repeat else None,
        repeat_days=repeat[1] if repeat else None,
    )


def identify_unit(desk: Desk, device: DeviceGiven) -> Unit:
    """Return the device with the ids of the registers and normalised serials.

    Raises:
        NotFound: no such category or model.
        UnknownBrand: no contract in force with that brand, or neither brand nor printed name.
        InvalidSerial: a wrong IMEI, or a serial that does not fit and is not excused.
    """
    if desk.category is None:
        raise NotFound("There is no such category.", field="category")
    if device.brand and desk.contract_id is None:
        raise UnknownBrand(
            "This branch has no contract in force with that brand.",
            field="brand",
            brand=device.brand,
        )
    printed = desk.brand.name if desk.brand else device.brand_printed.strip()
    if not printed:
        raise UnknownBrand("Say which brand stands on the device.", field="brand_printed")
    if device.model and desk.model is None:
        raise NotFound("The brand has no such model.", field="model")
    return Unit(
        category_id=desk.category.id,
        brand_id=desk.brand.id if desk.brand else None,
        brand_alias_id=desk.alias_id,
        model_id=desk.model.id if desk.model else None,
        brand_printed=printed,
        model_printed=device.model_printed or (desk.model.name if desk.model else ""),
        serial=_check_serial(desk, device, device.serial, field="serial"),
        second_serial=_check_serial(desk, device, device.second_serial, field="second_serial"),
        serial_note=device.serial_override_reason,
        manufactured_year=device.manufactured_year,
    )


async def _name_brand(session: AsyncSession, unit: Unit) -> Unit:
    """Note a printed brand that nobody has met yet, so that staff can say later which it is."""
    if unit.brand_id or unit.brand_alias_id:
        return unit
    alias = await find_or_add_alias(session, unit.brand_printed)
    return msgspec.structs.replace(unit, brand_alias_id=alias.id)


def _check_serial(desk: Desk, device: DeviceGiven, text: str | None, *, field: str) -> str | None:
    serial = normalise_serial(text or "")
    if not serial:
        return None
    fault = find_serial_fault(
        serial,
        takes_imei=desk.category is not None and desk.category.takes_imei,
        pattern=desk.model.serial_pattern if desk.model and field == "serial" else None,
        is_excused=bool(device.serial_override_reason.strip()),
    )
    if fault:
        raise InvalidSerial(fault, field=field, serial=serial)
    return serial


def _check_words(desk: Desk, intake: Intake) -> None:
    if not intake.words.strip():
        raise InvalidInput("Write down what the customer said.", field="words")
    unknown = sorted(set(intake.symptom_codes) - desk.symptom_codes)
    if unknown:
        raise InvalidInput(f"There is no symptom {unknown[0]}.", field="symptom_codes")
    if not all(map(_CODE.fullmatch, intake.condition_codes)):
        raise InvalidInput("Marks are codes; words go into the note.", field="condition_codes")


def _check_open(actor: Actor, intake: Intake, history: History) -> None:
    visit = find_open(history.visits)
    if visit and not (intake.again and actor.may(Permission.RECEIVE_AGAIN)):
        raise OpenOrderExists(
            f"This device is in for repair already: order {visit.number}.",
            field="serial",
            number=visit.number,
        )


async def _find_history(session: AsyncSession, unit: Unit) -> History:
    if unit.serial is None:
        return History()
    for device in await find_devices(session, unit.serial):
        if device.brand_printed == unit.brand_printed:
            return await read_history(session, device.id)
    return History()


async def _find_policy(session: AsyncSession, desk: Desk) -> PolicyInForce | None:
    """Return the policy in force on the day of the intake; None without a contract."""
    if desk.brand is None or desk.category is None or desk.contract_id is None:
        return None
    return await effective_policy(session, desk.brand.id, desk.today)


def _open_case(
    desk: Desk, policy: PolicyInForce | None, history: History, proofs: Sequence[ProofGiven]
) -> Case | None:
    """Gather the facts of a unit on the day of its intake; None without a policy."""
    if policy is None or desk.category is None:
        return None
    place = Place(
        category=desk.category.code,
        model=desk.model.code if desk.model else "",
        region=desk.tenant.country,
        zone=desk.branch.zone,
        received_on=desk.today,
    )
    return Case(policy=policy, facts=unit_facts(place, history.visits, (*history.proofs, *proofs)))


def _new_order(
    tenant_id: UUID,
    desk: Desk,
    intake: Intake,
    brought: Brought,
    unit: Unit,
    *,
    number: str,
    at: datetime,
) -> RepairOrder:
    return RepairOrder(
        tenant_id=tenant_id,
        id=new_id(),
        number=number,
        branch_id=desk.branch.id,
        customer_id=brought.customer_id,
        device_id=brought.device_id,
        brand_id=unit.brand_id,
        category_id=unit.category_id,
        contract_id=desk.contract_id,
        origin=Origin.COUNTER,
        mode=intake.mode,
        status=RepairStatus.RECEIVED,
        coverage=Coverage.UNDECIDED,
        symptom_codes=list(intake.symptom_codes),
        condition_codes=list(intake.condition_codes),
        condition_note=intake.condition_note,
        accessories=list(intake.accessories),
        location=intake.location,
        received_at=at,
        promised_at=intake.promised_at,
        currency=desk.tenant.currency,
        event_seq=0,
        event_hash=b"",
    )


def _link_repeat(order: RepairOrder, history: History) -> None:
    if repeat := find_repeat(history.visits, order.received_at):
        visit, days = repeat
        order.repeat_of_id, order.repeat_days = visit.order_id, days


def _decide(
    actor: Actor, order: RepairOrder, case: Case | None, *, at: datetime
) -> list[CoverageDecision]:
    """Decide on the visit as a whole; without a contract nobody but the customer pays."""
    if case is None:
        order.coverage = Coverage.PAID
        return []
    order.policy_version_id = case.policy.version_id
    decision = decision_row(actor, order, case, case.facts, line_id=None, at=at)
    order.coverage = sum_coverage([decision.payer])
    return [decision]


def _words_of(order: RepairOrder, intake: Intake, language: str) -> CustomerWords:
    return CustomerWords(
        tenant_id=order.tenant_id,
        id=order.id,
        words=intake.words,
        language=intake.words_language or intake.customer.language or language,
        salt=secrets.token_bytes(16),
    )


def _search_facts(
    order: RepairOrder, desk: Desk, brought: Brought, unit: Unit, intake: Intake
) -> SearchFacts:
    return SearchFacts(
        number=order.number,
        serials=[serial for serial in (unit.serial, unit.second_serial) if serial],
        products=product_names(unit.brand_printed, unit.model_printed, desk.brand, desk.model),
        customer=intake.customer.name,
        phone=brought.phone,
    )


def _facts(order: RepairOrder, words: CustomerWords) -> dict[str, object]:
    """Return what the event keeps: codes and ids, and of what was said or typed freely a commitment."""
    return {
        "number": order.number,
        "branch_id": order.branch_id,
        "brand_id": order.brand_id,
        "device_id": order.device_id,
        "mode": order.mode,
        "words": commitment(words.salt, words.words),
        "symptom_codes": order.symptom_codes,
        "condition_codes": order.condition_codes,
        # What came with the device is typed freely, and free words may name a person.
        "accessories": commitment(words.salt, "\n".join(order.accessories)),
        "coverage": order.coverage,
        "policy_version_id": order.policy_version_id,
        "repeat_of_id": order.repeat_of_id,
        "repeat_days": order.repeat_days,
    }


def _announcement(order: RepairOrder) -> dict[str, object]:
    return {
        "order_id": order.id,
        "number": order.number,
        "branch_id": order.branch_id,
        "brand_id": order.brand_id,
        "repeat_of_id": order.repeat_of_id,
    }
