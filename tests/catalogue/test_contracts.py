"""Product lines of contracts and the levels of categories."""

import pytest

from serviceco.catalogue.contracts import cover_categories, set_category_levels
from serviceco.catalogue.tables import Category
from serviceco.core.ids import new_id
from serviceco.core.refusals import InvalidInput, NotFound, NotPermitted
from serviceco.storage.unit_of_work import global_work
from serviceco.tenancy.queries import find_authorisation
from tests.factories import NOON


@pytest.fixture
async def code(admin_engine):
    mark = f"phone-{new_id().hex}"
    async with global_work(admin_engine) as session:
        session.add(Category(id=new_id(), code=mark, names={"en": "Phone"}, ords_id=None))
    return mark


async def test_a_contract_covers_the_categories_named_or_all(session, actor, make, code):
    contract = await make.contract()
    await cover_categories(session, actor, contract.id, [code, code], at=NOON)
    assert contract.category_codes == [code]
    await cover_categories(session, actor, contract.id, None, at=NOON)
    assert contract.category_codes is None


async def test_a_category_that_is_not_registered_is_refused(session, actor, make):
    branch = await make.branch()
    contract = await make.contract(branches=[branch])
    with pytest.raises(NotFound):
        await cover_categories(session, actor, contract.id, ["unheard-of"], at=NOON)
    with pytest.raises(InvalidInput):
        await cover_categories(session, actor, contract.id, [], at=NOON)
    with pytest.raises(NotFound):
        await set_category_levels(
            session, actor, contract.id, branch.id, {"unheard-of": 1}, at=NOON
        )


async def test_a_branch_has_levels_of_their_own_in_some_categories(session, actor, make, code):
    branch = await make.branch()
    contract = await make.contract(branches=[branch])
    await set_category_levels(session, actor, contract.id, branch.id, {code: 1}, at=NOON)
    allowed = await find_authorisation(session, contract.id, branch.id)
    assert allowed
    assert allowed.category_levels == {code: 1}
    with pytest.raises(InvalidInput):
        await set_category_levels(session, actor, contract.id, branch.id, {code: 4}, at=NOON)
    with pytest.raises(NotFound):
        await set_category_levels(session, actor, contract.id, new_id(), {code: 1}, at=NOON)


async def test_only_who_manages_brands_changes_product_lines(session, make):
    clerk, contract = make.actor(permissions=()), await make.contract()
    with pytest.raises(NotPermitted):
        await cover_categories(session, clerk, contract.id, None, at=NOON)
    with pytest.raises(NotPermitted):
        await set_category_levels(session, clerk, contract.id, contract.id, {}, at=NOON)
