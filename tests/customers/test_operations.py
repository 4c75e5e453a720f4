from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.core.refusals import NotPermitted
from serviceco.customers.operations import register_brought
from serviceco.customers.queries import find_customers, find_devices
from serviceco.customers.words import Brought, CustomerGiven, InvalidPhone, Unit
from serviceco.storage.unit_of_work import unit_of_work
from serviceco.tenancy.queries import get_tenant
from tests.catalogue.registers import new_category
from tests.factories import NOON, Factory

CALLER = CustomerGiven(phone="138 1234 5678", name="陈晓明")


@pytest.fixture
async def unit(make: Factory) -> Unit:
    return Unit(
        category_id=await new_category(make.admin_engine),
        brand_id=None,
        brand_alias_id=None,
        model_id=None,
        brand_printed="Orion",
        model_printed="",
        serial="SN0017",
        second_serial=None,
        serial_note="",
        manufactured_year=None,
    )


async def bring(session: AsyncSession, actor: Actor, unit: Unit, **changes: Any) -> Brought:
    given = CustomerGiven(phone=changes.get("phone", CALLER.phone), name=changes.get("name", ""))
    tenant = await get_tenant(session)
    return await register_brought(
        session,
        actor,
        given,
        unit,
        country=tenant.country,
        language=tenant.language,
        at=NOON,
    )


async def test_the_same_person_with_the_same_device_is_found_again(
    session: AsyncSession, actor: Actor, unit: Unit
) -> None:
    first = await bring(session, actor, unit, name="陈晓明")
    again = await bring(session, actor, unit, phone="+86 13812345678", name=" 陈晓明 ")
    assert again == first


async def test_people_who_share_a_phone_are_two_customers(
    session: AsyncSession, actor: Actor, unit: Unit
) -> None:
    first = await bring(session, actor, unit, name="陈晓明")
    other = await bring(session, actor, unit, name="陈太太")

    assert other.customer_id != first.customer_id
    assert other.device_id == first.device_id
    found = await find_customers(session, actor, "13812345678", country="CN")
    assert {customer.name for customer in found} == {"陈晓明", "陈太太"}
    [device] = await find_devices(session, "SN0017")
    assert device.customer_id == other.customer_id


async def test_a_device_without_a_serial_is_always_a_new_one(
    session: AsyncSession, actor: Actor, unit: Unit
) -> None:
    nameless = Unit(
        **{name: getattr(unit, name) for name in unit.__struct_fields__} | {"serial": None}
    )
    first = await bring(session, actor, nameless)
    assert (await bring(session, actor, nameless)).device_id != first.device_id


async def test_a_wrong_phone_is_refused(session: AsyncSession, actor: Actor, unit: Unit) -> None:
    with pytest.raises(InvalidPhone) as refusal:
        await bring(session, actor, unit, phone="138 1234")
    assert refusal.value.field == "phone"


async def test_an_unfinished_number_finds_nobody(session: AsyncSession, actor: Actor) -> None:
    assert await find_customers(session, actor, "138", country="CN") == []


async def test_the_right_to_take_in_and_to_read_is_asked(
    session: AsyncSession, make: Factory, unit: Unit
) -> None:
    nobody = make.actor(permissions=frozenset[Permission]())
    with pytest.raises(NotPermitted):
        await bring(session, nobody, unit)
    with pytest.raises(NotPermitted):
        await find_customers(session, nobody, CALLER.phone, country="CN")


async def test_another_company_knows_neither_customer_nor_device(
    engine: AsyncEngine, session: AsyncSession, actor: Actor, unit: Unit, make: Factory
) -> None:
    await bring(session, actor, unit)
    async with unit_of_work(engine, (await make.brand()).id) as elsewhere:
        assert await find_devices(elsewhere, "SN0017") == []
        assert await find_customers(elsewhere, actor, CALLER.phone, country="CN") == []
