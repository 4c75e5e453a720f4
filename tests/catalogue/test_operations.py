from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from serviceco.catalogue.operations import (
    register_category,
    register_model,
    register_ords_categories,
    register_symptom,
)
from serviceco.catalogue.queries import (
    find_model_by_gtin,
    find_model_by_serial,
    get_category,
    list_categories,
    list_symptoms,
)
from serviceco.catalogue.words import ORDS_CATEGORIES, ModelWord
from serviceco.core.actor import Actor
from serviceco.core.refusals import NotFound, NotPermitted
from serviceco.storage.unit_of_work import global_work
from serviceco.tenancy.rules import system_actor
from tests.factories import Factory

NAMES = {"zh_hans": "洗碗机", "zh_hant": "洗碗機", "en": "Dishwasher"}


@pytest.fixture
def operator(tenant_id: UUID) -> Actor:
    return system_actor(tenant_id)


async def test_registering_twice_changes_and_doubles_nothing(
    admin_engine: AsyncEngine, session: AsyncSession, operator: Actor
) -> None:
    ids = []
    for name in ("Dish washer", "Dishwasher"):
        async with global_work(admin_engine) as admin:
            ids.append(
                await register_category(admin, operator, "dishwasher", names=NAMES | {"en": name})
            )
    assert ids[0] == ids[1]
    assert (await get_category(session, "dishwasher")).names == NAMES


async def test_all_categories_of_the_open_standard_are_registered(
    admin_engine: AsyncEngine, session: AsyncSession, operator: Actor
) -> None:
    async with global_work(admin_engine) as admin:
        await register_ords_categories(admin, operator)
    known = {category.ords_id: category.code for category in await list_categories(session)}
    assert {word.ords_id: word.code for word in ORDS_CATEGORIES}.items() <= known.items()
    assert (await get_category(session, "phone")).takes_imei


async def test_symptoms_come_in_the_order_of_the_chips(
    admin_engine: AsyncEngine, session: AsyncSession, operator: Actor
) -> None:
    async with global_work(admin_engine) as admin:
        category_id = await register_category(admin, operator, "dishwasher", names=NAMES)
        for position, code in ((2, "leaks"), (1, "no_power")):
            await register_symptom(
                admin, operator, code, category_id=category_id, names=NAMES, position=position
            )
    symptoms = await list_symptoms(session, category_id)
    assert [symptom.code for symptom in symptoms] == ["no_power", "leaks"]


async def test_a_model_is_found_by_imei_box_or_the_one_pattern_that_fits(
    admin_engine: AsyncEngine, session: AsyncSession, operator: Actor, make: Factory
) -> None:
    brand = await make.brand()
    tac = f"{next(make.numbers):08d}"
    async with global_work(admin_engine) as admin:
        category_id = await register_category(admin, operator, "dishwasher", names=NAMES)
        for code, pattern in (("D1", r"D1\d{4}"), ("D2", r"D2\d{4}"), ("D2X", r"D2[0-9]{4}")):
            await register_model(
                admin,
                operator,
                ModelWord(
                    code=code,
                    brand_id=brand.id,
                    category_id=category_id,
                    name=code,
                    serial_pattern=pattern,
                    tac_prefixes=(tac,) if code == "D1" else (),
                    gtin=f"99{brand.id.int % 10**11:011d}" if code == "D1" else None,
                ),
            )

    one = await find_model_by_serial(session, "D10001", brand_id=brand.id)
    assert one is not None
    assert one.code == "D1"
    assert await find_model_by_serial(session, "D20001", brand_id=brand.id) is None
    assert await find_model_by_serial(session, "D10001") is None
    boxed = await find_model_by_gtin(session, one.gtin or "")
    assert boxed is not None
    assert boxed.id == one.id


async def test_only_the_operator_keeps_the_registers(session: AsyncSession, actor: Actor) -> None:
    with pytest.raises(NotPermitted):
        await register_category(session, actor, "dishwasher", names=NAMES)


async def test_an_unknown_category_is_not_found(session: AsyncSession) -> None:
    with pytest.raises(NotFound):
        await get_category(session, "time_machine")
