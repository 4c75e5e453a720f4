"""What the counter must know when a device comes in, in as few statements as it takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Date,
    DateTime,
    ScalarSelect,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    false,
    func,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.catalogue.rules import is_imei, normalise_serial, type_allocation_code
from serviceco.catalogue.tables import Category, ProductModel, Symptom
from serviceco.core.refusals import NotFound
from serviceco.customers.tables import ProofOfPurchase
from serviceco.customers.words import DeviceGiven, ProofGiven
from serviceco.repairs.tables import OrderSequence, RepairOrder
from serviceco.repairs.words import BranchClosed, History, LineStatus, Visit
from serviceco.repairs.work_tables import OrderLine
from serviceco.storage.direct import Direct
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.rules import fold_spelling
from serviceco.tenancy.tables import Branch, Brand, BrandAlias, Contract, ContractBranch, Tenant

# Visits of one device that the counter and the policy look back on.
_LOOK_BACK = 20
# What the counter asks with every device is built once and then only filled.
_TENANT: BindParameter[UUID] = bindparam("tenant", type_=Uuid())
_BRANCH: BindParameter[UUID] = bindparam("branch", type_=Uuid())
_DEVICE: BindParameter[UUID] = bindparam("device", type_=Uuid())
_VISIT = tuple(field.name for field in msgspec.structs.fields(Visit))


class Company(msgspec.Struct, frozen=True):
    """What the counter must know of its company."""

    country: str
    language: str
    currency: str


class Counter(msgspec.Struct, frozen=True):
    """The branch of the counter."""

    id: UUID
    zone: str
    closed_at: datetime | None


class Kind(msgspec.Struct, frozen=True):
    """A category."""

    id: UUID
    code: str
    takes_imei: bool


class Make(msgspec.Struct, frozen=True):
    """A brand."""

    id: UUID
    code: str
    name: str
    names: dict[str, Any]


class Model(msgspec.Struct, frozen=True):
    """A model of a brand."""

    id: UUID
    code: str
    name: str
    serial_pattern: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What the registers know about a device at a counter; `today` is the branch's day.

    `brand` is the one named, else the one that the company's alias for the printed name means.
    `contract_id` is that of the contract in force for the brand, this branch and today.
    """

    tenant: Company
    branch: Counter
    today: date
    category: Kind | None
    alias_id: UUID | None
    brand: Make | None
    model: Model | None
    contract_id: UUID | None
    symptom_codes: frozenset[str]


async def read_desk(
    session: AsyncSession, branch_id: UUID, device: DeviceGiven, *, at: datetime
) -> Desk:
    """Look up everything that the counter wrote down about a device, in one statement.

    A model that was not named is known by its IMEI where the brand is.

    Raises:
        NotFound: the tenant has no such branch.
        BranchClosed: the branch takes nothing in any more.
    """
    values = {
        "tenant": tenant_of(session),
        "branch": branch_id,
        "at": at,
        "category": device.category,
        "brand": device.brand,
        "spelling": fold_spelling(device.brand_printed),
        "model": device.model,
        "tac": [type_allocation_code(serial)] if is_imei(serial := _serial_of(device)) else None,
    }
    named = _Named(
        brand=bool(device.brand),
        alias=not device.brand and bool(device.brand_printed.strip()),
        model=bool(device.model),
        imei=values["tac"] is not None,
    )
    rows = await _at_the_desk(named).rows(session, values)
    if not rows:
        raise NotFound("There is no such branch.")
    row = rows[0]
    branch = Counter(*row[3:6])
    _require_open(branch)
    return Desk(
        tenant=Company(*row[:3]),
        branch=branch,
        category=Kind(*row[6:9]) if row[6] else None,
        brand=Make(*row[9:13]) if row[9] else None,
        model=Model(*row[13:17]) if row[13] else None,
        today=row[17],
        alias_id=row[18],
        contract_id=row[19],
        symptom_codes=frozenset(row[20] or ()),
    )


@dataclass(frozen=True, slots=True)
class _Named:
    """What is known of a device: its query differs by that alone, and is built once for each."""

    brand: bool
    alias: bool
    model: bool
    imei: bool


def _serial_of(device: DeviceGiven) -> str:
    return normalise_serial(device.serial or "")


@lru_cache
def _at_the_desk(named: _Named) -> Direct:
    today = cast(func.timezone(Branch.zone, bindparam("at", type_=DateTime(timezone=True))), Date)
    known = select(
        *(Tenant.country, Tenant.language, Tenant.currency),
        *(Branch.id, Branch.zone, Branch.closed_at),
        *(Category.id, Category.code, Category.takes_imei),
        *(Brand.id, Brand.code, Brand.name, Brand.names),
        *(ProductModel.id, ProductModel.code, ProductModel.name, ProductModel.serial_pattern),
        *(today, BrandAlias.id, _contract_in_force(today), _symptoms()),
    )
    return Direct(
        known.select_from(Branch)
        .join(Tenant, Tenant.id == Branch.tenant_id)
        .outerjoin(Category, Category.code == bindparam("category"))
        .outerjoin(BrandAlias, and_(BrandAlias.tenant_id == _TENANT, _names_alias(named)))
        .outerjoin(Brand, _names_brand(named))
        .outerjoin(ProductModel, and_(ProductModel.brand_id == Brand.id, _names_model(named)))
        .where(Branch.tenant_id == _TENANT, Branch.id == _BRANCH)
        .limit(1)
    )


def _require_open(branch: Counter) -> None:
    if branch.closed_at is not None:
        raise BranchClosed("This branch is closed.", field="branch_id")


async def read_history(session: AsyncSession, device_id: UUID) -> History:
    """Return what the company knows of a device: its latest visits and its proofs of purchase."""
    values = {"tenant": tenant_of(session), "device": device_id}
    return _history(await _known().rows(session, values))


async def take_number_and_history(
    session: AsyncSession, device_id: UUID, day: date
) -> tuple[int, History]:
    """Take the company's next number of the day, and read the device's history.

    The day's sequence stays locked until the transaction ends, so numbers have no gaps. One
    statement, sent last before the writes, so that it is locked briefly.
    """
    values = {"tenant": tenant_of(session), "device": device_id, "day": day}
    rows = await _taken_and_known().rows(session, values)
    return rows[0][0], _history([row[1:] for row in rows])


@lru_cache
def _known() -> Direct:
    known = select(_proofs().label("proofs")).subquery("known")
    visits = _visits().subquery("visit")
    return Direct(select(known, visits).select_from(known.outerjoin(visits, true())))


@lru_cache
def _taken_and_known() -> Direct:
    taken = (
        insert(OrderSequence)
        .values(tenant_id=_TENANT, day=bindparam("day"), last=1)
        .on_conflict_do_update(
            index_elements=["tenant_id", "day"], set_={"last": OrderSequence.last + 1}
        )
        .returning(OrderSequence.last)
        .cte("taken")
    )
    visits = _visits().subquery("visit")
    query = select(taken.c.last.label("taken"), _proofs().label("proofs"), visits)
    return Direct(query.select_from(taken.outerjoin(visits, true())))


def _contract_in_force(today: ColumnElement[date]) -> ScalarSelect[UUID]:
    """Return the contract with the row's brand that covers its category at the branch today."""
    return (
        select(Contract.id)
        .join(ContractBranch, ContractBranch.contract_id == Contract.id)
        .where(
            Contract.tenant_id == _TENANT,
            ContractBranch.tenant_id == _TENANT,
            ContractBranch.branch_id == _BRANCH,
            Contract.brand_id == Brand.id,
            Contract.since <= today,
            or_(Contract.until.is_(None), Contract.until > today),
            or_(
                Contract.category_codes.is_(None),
                Category.code == any_(Contract.category_codes),
            ),
        )
        .order_by(Contract.since.desc())
        .limit(1)
        .correlate(Brand, Branch, Category)
        .scalar_subquery()
    )


def _symptoms() -> ScalarSelect[list[str]]:
    """Return the codes of the symptoms of the row's category."""
    return (
        select(func.array_agg(Symptom.code))
        .where(Symptom.category_id == Category.id)
        .correlate(Category)
        .scalar_subquery()
    )


def _visits() -> Select[*tuple[Any, ...]]:
    done = (
        select(func.json_agg(func.json_build_array(OrderLine.payer, OrderLine.component)))
        .where(
            OrderLine.tenant_id == _TENANT,
            OrderLine.order_id == RepairOrder.id,
            OrderLine.status == LineStatus.DONE,
        )
        .correlate(RepairOrder)
        .scalar_subquery()
    )
    return (
        select(
            RepairOrder.id.label("order_id"),
            RepairOrder.number,
            RepairOrder.outcome,
            RepairOrder.received_at,
            RepairOrder.ready_at,
            RepairOrder.closed_at,
            func.coalesce(done, text("'[]'::json")).label("done"),
        )
        .where(RepairOrder.tenant_id == _TENANT, RepairOrder.device_id == _DEVICE)
        .order_by(RepairOrder.received_at.desc())
        .limit(_LOOK_BACK)
    )


def _proofs() -> ScalarSelect[Any]:
    proof = func.json_build_object(
        text("'kind'"), ProofOfPurchase.proof,
        text("'dated_on'"), ProofOfPurchase.dated_on,
        text("'channel'"), ProofOfPurchase.channel,
        text("'is_verified'"), ProofOfPurchase.is_verified,
    )  # fmt: skip
    return (
        select(func.json_agg(aggregate_order_by(proof, ProofOfPurchase.id)))
        .where(ProofOfPurchase.tenant_id == _TENANT, ProofOfPurchase.device_id == _DEVICE)
        .scalar_subquery()
    )


def _history(rows: Sequence[tuple[Any, ...]]) -> History:
    """Read rows of proofs, equal in all of them, and of one visit each, which may be missing."""
    visits = [dict(zip(_VISIT, row[1:], strict=True)) for row in rows if row[1]]
    return History(
        visits=msgspec.convert(visits, tuple[Visit, ...]),
        proofs=msgspec.convert(rows[0][0] or (), tuple[ProofGiven, ...]),
    )


def _names_alias(named: _Named) -> ColumnElement[bool]:
    if not named.alias:
        # Never true; a plain false would swallow the tenant's constant beside it.
        return BrandAlias.spelling.is_(None)
    return BrandAlias.spelling == bindparam("spelling")


def _names_brand(named: _Named) -> ColumnElement[bool]:
    return Brand.code == bindparam("brand") if named.brand else Brand.id == BrandAlias.brand_id


def _names_model(named: _Named) -> ColumnElement[bool]:
    if named.model:
        return ProductModel.code == bindparam("model")
    if named.imei:
        return ProductModel.tac_prefixes.contains(bindparam("tac", type_=ARRAY(Text())))
    return false()
