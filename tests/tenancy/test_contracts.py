"""Ending contracts, taking branches out, and what remains prepared."""

from datetime import date

import pytest
from sqlalchemy import select

from serviceco.core.refusals import InvalidInput, NotFound, NotPermitted
from serviceco.evidence.tables import Event
from serviceco.tenancy.contracts import (
    authorise_branch,
    end_contract,
    sign_contract,
    withdraw_branch,
)
from serviceco.tenancy.queries import contract_in_force, find_authorisation
from serviceco.tenancy.words import ContractsOverlap, PeriodBackwards
from tests.factories import NOON


async def acts(session, tenant_id, subject):
    rows = await session.scalars(
        select(Event.act)
        .where(Event.tenant_id == tenant_id, Event.subject_id == subject.id)
        .order_by(Event.seq)
    )
    return list(rows)


async def test_a_contract_ends_and_may_go_on_again(session, actor, make):
    branch, brand = await make.branch(), await make.brand()
    contract = await make.contract(brand=brand, branches=[branch])

    async def in_force():
        return await contract_in_force(
            session, brand_id=brand.id, branch_id=branch.id, on=date(2026, 12, 1)
        )

    await end_contract(session, actor, contract.id, until=date(2026, 12, 1), at=NOON)
    assert await in_force() is None
    await end_contract(session, actor, contract.id, until=None, at=NOON)
    assert await in_force()
    assert await acts(session, make.tenant_id, contract) == ["contract.ended"] * 2


async def test_a_contract_does_not_end_before_it_begins(session, actor, make):
    contract = await make.contract(since=date(2026, 3, 1))
    with pytest.raises(PeriodBackwards):
        await end_contract(session, actor, contract.id, until=date(2026, 3, 1), at=NOON)


async def test_a_contract_does_not_go_on_into_its_successor(session, actor, make):
    brand = await make.brand()
    first = await make.contract(brand=brand, since=date(2026, 1, 1), until=date(2026, 6, 1))
    await sign_contract(session, actor, "next", brand_id=brand.id, since=date(2026, 6, 1), at=NOON)
    with pytest.raises(ContractsOverlap) as refused:
        await end_contract(session, actor, first.id, until=None, at=NOON)
    assert refused.value.field == "until"
    await end_contract(session, actor, first.id, until=date(2026, 5, 1), at=NOON)


async def test_a_contract_has_a_number(session, actor, make):
    brand = await make.brand()
    with pytest.raises(InvalidInput):
        await sign_contract(session, actor, " ", brand_id=brand.id, since=date(2026, 1, 1), at=NOON)


async def test_a_branch_is_taken_out_and_let_in_again(session, actor, make):
    branch, contract = await make.branch(), await make.contract()
    await authorise_branch(session, actor, contract.id, branch.id, repair_level=2, at=NOON)
    await withdraw_branch(session, actor, contract.id, branch.id, at=NOON)
    assert await find_authorisation(session, contract.id, branch.id) is None
    with pytest.raises(NotFound):
        await withdraw_branch(session, actor, contract.id, branch.id, at=NOON)
    await authorise_branch(session, actor, contract.id, branch.id, repair_level=3, at=NOON)
    assert await acts(session, make.tenant_id, contract) == [
        "contract.branch_authorised",
        "contract.branch_withdrawn",
        "contract.branch_authorised",
    ]


async def test_only_who_manages_brands_ends_and_withdraws(session, make):
    clerk, contract = make.actor(permissions=()), await make.contract()
    with pytest.raises(NotPermitted):
        await end_contract(session, clerk, contract.id, until=None, at=NOON)
    with pytest.raises(NotPermitted):
        await withdraw_branch(session, clerk, contract.id, contract.id, at=NOON)
