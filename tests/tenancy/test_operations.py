from datetime import date

import pytest
from sqlalchemy import select

from serviceco.core.actor import Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import Conflict, InvalidInput, NotFound, NotPermitted
from serviceco.storage.outbox import OutboxEntry
from serviceco.tenancy.contracts import authorise_branch, sign_contract
from serviceco.tenancy.operations import (
    add_branch,
    add_staff,
    decide_alias,
    decide_aliases,
    find_or_add_alias,
)
from serviceco.tenancy.queries import (
    contract_in_force,
    find_branch,
    list_aliases,
    list_contract_brands,
)
from serviceco.tenancy.words import (
    CodeTaken,
    ContractsOverlap,
    PeriodBackwards,
    Place,
)
from tests.factories import NOON

PLACE = Place(name="人民路店", zone="Asia/Shanghai")


async def test_a_branch_is_found_by_its_code(session, actor):
    branch = await add_branch(session, actor, "sh01", PLACE, at=NOON)
    assert await find_branch(session, "sh01") is branch
    assert await find_branch(session, "sh02") is None


async def test_a_code_names_one_branch(session, actor):
    await add_branch(session, actor, "sh01", PLACE, at=NOON)
    with pytest.raises(CodeTaken):
        await add_branch(session, actor, "sh01", PLACE, at=NOON)


async def test_only_who_manages_the_company_opens_branches(session, make):
    clerk = make.actor(permissions={Permission.RECEIVE_DEVICE})
    with pytest.raises(NotPermitted):
        await add_branch(session, clerk, "sh01", PLACE, at=NOON)


async def test_a_staff_code_names_one_person(session, actor):
    await add_staff(session, actor, "E07", name="李工")
    with pytest.raises(CodeTaken):
        await add_staff(session, actor, "E07", name="王芳")


async def test_only_who_manages_staff_takes_people_on(session, make):
    with pytest.raises(NotPermitted):
        await add_staff(session, make.actor(permissions=()), "E07", name="李工")


@pytest.mark.parametrize(
    ("on", "in_force"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
async def test_a_contract_authorises_from_since_in_to_until_out(session, actor, make, on, in_force):
    brand, branch = await make.brand(), await make.branch()
    contract = await sign_contract(
        session,
        actor,
        "X-1",
        brand_id=brand.id,
        since=date(2026, 1, 1),
        until=date(2027, 1, 1),
        at=NOON,
    )
    await authorise_branch(session, actor, contract.id, branch.id, repair_level=2, at=NOON)
    found = await contract_in_force(session, brand_id=brand.id, branch_id=branch.id, on=on)
    assert (found is not None) is in_force
    assert bool(await list_contract_brands(session, on)) is in_force
    if found:
        assert (found.contract_id, found.repair_level) == (contract.id, 2)


async def test_a_branch_that_is_not_authorised_has_no_contract(session, make):
    brand, ours, other = await make.brand(), await make.branch(), await make.branch()
    await make.contract(brand=brand, branches=[ours])
    on = date(2026, 11, 22)
    assert await contract_in_force(session, brand_id=brand.id, branch_id=ours.id, on=on)
    assert not await contract_in_force(session, brand_id=brand.id, branch_id=other.id, on=on)


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (date(2026, 1, 1), date(2026, 6, 1)),
        (date(2026, 12, 31), None),
        (date(2020, 1, 1), None),
        (date(2025, 1, 1), date(2026, 1, 2)),
    ],
)
async def test_contracts_with_one_brand_do_not_overlap(session, actor, make, since, until):
    brand = await make.brand()
    await make.contract(brand=brand, since=date(2026, 1, 1), until=date(2027, 1, 1))
    with pytest.raises(ContractsOverlap):
        await sign_contract(
            session, actor, "X-2", brand_id=brand.id, since=since, until=until, at=NOON
        )


@pytest.mark.parametrize(
    ("since", "until"),
    [(date(2027, 1, 1), None), (date(2025, 1, 1), date(2026, 1, 1))],
)
async def test_contracts_with_one_brand_may_follow_each_other(session, actor, make, since, until):
    brand = await make.brand()
    await make.contract(brand=brand, since=date(2026, 1, 1), until=date(2027, 1, 1))
    assert await sign_contract(
        session, actor, "X-2", brand_id=brand.id, since=since, until=until, at=NOON
    )


async def test_a_contract_ends_after_it_begins(session, actor, make):
    day = date(2026, 1, 1)
    with pytest.raises(PeriodBackwards):
        await sign_contract(
            session, actor, "X-1", brand_id=(await make.brand()).id, since=day, until=day, at=NOON
        )


async def test_a_contract_number_is_used_once(session, actor, make):
    first, second = await make.brand(), await make.brand()
    since = date(2026, 1, 1)
    await sign_contract(session, actor, "X-1", brand_id=first.id, since=since, at=NOON)
    with pytest.raises(CodeTaken):
        await sign_contract(session, actor, "X-1", brand_id=second.id, since=since, at=NOON)


async def test_only_who_manages_brands_signs_contracts_and_authorises(session, make):
    clerk = make.actor(permissions=())
    branch, contract = await make.branch(), await make.contract()
    with pytest.raises(NotPermitted):
        await sign_contract(
            session, clerk, "X", brand_id=contract.brand_id, since=date(2026, 1, 1), at=NOON
        )
    with pytest.raises(NotPermitted):
        await authorise_branch(session, clerk, contract.id, branch.id, repair_level=1, at=NOON)


async def test_an_authorisation_names_a_level_that_exists(session, actor, make):
    branch, contract = await make.branch(), await make.contract()
    with pytest.raises(InvalidInput):
        await authorise_branch(session, actor, contract.id, branch.id, repair_level=4, at=NOON)
    with pytest.raises(NotFound):
        await authorise_branch(session, actor, contract.id, contract.id, repair_level=1, at=NOON)


async def test_authorising_again_changes_the_level(session, actor, make):
    branch, brand = await make.branch(), await make.brand()
    contract = await make.contract(brand=brand, branches=[branch], repair_level=1)
    await authorise_branch(session, actor, contract.id, branch.id, repair_level=3, at=NOON)
    await session.flush()
    found = await contract_in_force(
        session, brand_id=brand.id, branch_id=branch.id, on=date(2026, 5, 1)
    )
    assert found is not None
    assert found.repair_level == 3


async def test_spellings_of_one_brand_are_one_alias_until_decided(session, actor, make):
    first = await find_or_add_alias(session, "De'Longhi")
    assert await find_or_add_alias(session, " DELONGHI ") is first
    assert first.printed == "De'Longhi"
    brand = await make.brand()
    await decide_alias(session, actor, first.id, brand_id=brand.id, at=NOON)
    assert await list_aliases(session, undecided_only=True) == []
    assert (first.brand_id, first.decided_by, first.decided_at, first.version) == (
        brand.id,
        actor.account_id,
        NOON,
        2,
    )
    sent = (
        await session.scalars(select(OutboxEntry).where(OutboxEntry.tenant_id == actor.tenant_id))
    ).one()
    assert sent.topic == "brand_alias.decided"
    assert sent.payload == {"alias_id": str(first.id), "brand_id": str(brand.id)}


async def test_a_decision_on_what_somebody_else_decided_meanwhile_is_a_conflict(session, actor):
    alias = await find_or_add_alias(session, "Acme")
    await decide_alias(session, actor, alias.id, brand_id=None, version=1, at=NOON)
    with pytest.raises(Conflict):
        await decide_alias(session, actor, alias.id, brand_id=None, version=1, at=NOON)


async def test_only_who_manages_brands_decides_aliases(session, make):
    alias = await find_or_add_alias(session, "Acme")
    with pytest.raises(NotPermitted):
        await decide_alias(session, make.actor(permissions=()), alias.id, brand_id=None, at=NOON)


async def test_an_alias_of_nobody_is_not_found(session, actor, tenant_id):
    with pytest.raises(NotFound):
        await decide_alias(session, actor, tenant_id, brand_id=None, at=NOON)


async def test_names_are_decided_together_up_to_a_hundred(session, actor, make):
    brand = await make.brand()
    names = [await find_or_add_alias(session, f"name {number}") for number in range(2)]
    read = {alias.id: alias.version for alias in names}
    decided = await decide_aliases(session, actor, read, brand_id=brand.id, at=NOON)
    assert {alias.brand_id for alias in decided} == {brand.id}
    for wrong in ({}, dict.fromkeys((new_id() for _ in range(101)), 1)):
        with pytest.raises(InvalidInput):
            await decide_aliases(session, actor, wrong, brand_id=None, at=NOON)
    with pytest.raises(Conflict):
        await decide_aliases(session, actor, read, brand_id=None, at=NOON)
