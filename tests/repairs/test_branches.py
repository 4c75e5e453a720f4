"""Closing a branch, and what contracts let it do."""

import pytest

from serviceco.catalogue.contracts import cover_categories, set_category_levels
from serviceco.core.refusals import NotFound, NotPermitted
from serviceco.policy.readiness import list_readiness
from serviceco.repairs.branches import close_branch
from serviceco.repairs.lines import propose_line
from serviceco.repairs.words import (
    BranchClosed,
    LevelNotAuthorised,
    OpenOrdersRemain,
    UnknownBrand,
)
from serviceco.tenancy.contracts import end_contract
from serviceco.tenancy.operations import reopen_branch
from tests.factories import NOON, Factory
from tests.repairs.shop import Shop, labour, open_shop


@pytest.fixture
async def shop(make: Factory) -> Shop:
    return await open_shop(make)


async def test_a_closed_branch_takes_nothing_in_until_it_opens_again(shop: Shop) -> None:
    await close_branch(shop.session, shop.actor, shop.branch.id, at=NOON)
    await close_branch(shop.session, shop.actor, shop.branch.id, at=NOON)
    assert (shop.branch.closed_at, shop.branch.event_seq) == (NOON, 1)
    with pytest.raises(BranchClosed):
        await shop.received()
    await reopen_branch(shop.session, shop.actor, shop.branch.id, at=NOON)
    assert await shop.received()


async def test_a_branch_with_open_orders_stays_open(shop: Shop) -> None:
    await shop.received()
    with pytest.raises(OpenOrdersRemain) as refused:
        await close_branch(shop.session, shop.actor, shop.branch.id, at=NOON)
    assert refused.value.facts == {"count": 1}
    assert shop.branch.closed_at is None


async def test_only_who_manages_the_company_closes_its_branches(shop: Shop, make: Factory) -> None:
    with pytest.raises(NotPermitted):
        await close_branch(shop.session, make.actor(permissions=()), shop.branch.id, at=NOON)
    with pytest.raises(NotFound):
        await close_branch(shop.session, await shop.elsewhere(), shop.branch.id, at=NOON)


async def test_a_contract_counts_for_its_product_lines_only(shop: Shop) -> None:
    await cover_categories(shop.session, shop.actor, shop.contract.id, ["laptop"], at=NOON)
    with pytest.raises(UnknownBrand):
        await shop.received()
    await cover_categories(shop.session, shop.actor, shop.contract.id, ["laptop", "phone"], at=NOON)
    assert await shop.received()


async def test_a_branch_repairs_a_category_up_to_its_own_level(make: Factory) -> None:
    shop = await open_shop(make, repair_level=2)
    order = await shop.inspected()
    for level, allowed in ((3, True), (1, False)):
        await set_category_levels(
            shop.session,
            shop.actor,
            shop.contract.id,
            shop.branch.id,
            {"phone": level},
            at=NOON,
        )
        if allowed:
            await propose_line(shop.session, shop.actor, order.number, labour(3), at=NOON)
        else:
            with pytest.raises(LevelNotAuthorised):
                await propose_line(shop.session, shop.actor, order.number, labour(2), at=NOON)


async def test_what_is_missing_for_a_brand_is_listed(shop: Shop, make: Factory) -> None:
    other = await make.branch()
    (ready,) = await list_readiness(shop.session, NOON.date())
    assert (ready.is_in_force, ready.has_policy) == (True, True)
    assert (ready.authorised, ready.missing) == (((shop.branch.id, 3),), (other.id,))
    await end_contract(shop.session, shop.actor, shop.contract.id, until=NOON.date(), at=NOON)
    brand = await make.brand()
    await make.contract(brand=brand, branches=[other])
    by_brand = {one.brand.id: one for one in await list_readiness(shop.session, NOON.date())}
    assert not by_brand[shop.brand.id].is_in_force
    assert (by_brand[brand.id].has_policy, by_brand[brand.id].missing) == (
        False,
        (shop.branch.id,),
    )
