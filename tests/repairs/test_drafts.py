"""Drafts as the room keeps them."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from serviceco.core.actor import Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import InvalidInput, NotFound, NotPermitted
from serviceco.repairs.drafts import (
    KEPT_FOR,
    MOST_LETTERS,
    discard_draft,
    end_draft,
    forget_drafts,
    save_draft,
)
from serviceco.repairs.tables import IntakeDraft
from tests.repairs.shop import NOON, Shop

TYPED = {"phone": ["138"], "symptom_codes": ["a", "b"]}


async def kept(shop: Shop) -> int:
    own = IntakeDraft.tenant_id == shop.make.tenant_id
    return int(await shop.session.scalar(select(func.count()).where(own)) or 0)


async def test_a_draft_is_of_its_branch_and_of_those_who_take_devices_in(shop: Shop) -> None:
    draft, branch = new_id(), shop.branch.id
    await save_draft(shop.session, shop.actor, draft, branch, TYPED, at=NOON)
    other = await shop.make.branch()
    with pytest.raises(NotFound):
        await save_draft(shop.session, shop.actor, draft, other.id, {}, at=NOON)
    with pytest.raises(NotFound):
        await save_draft(shop.session, await shop.elsewhere(), draft, branch, {}, at=NOON)
    with pytest.raises(NotFound):
        await discard_draft(shop.session, await shop.elsewhere(), draft)
    nobody = shop.without(Permission.RECEIVE_DEVICE)
    with pytest.raises(NotPermitted):
        await save_draft(shop.session, nobody, new_id(), branch, TYPED, at=NOON)
    with pytest.raises(NotPermitted):
        await discard_draft(shop.session, nobody, draft)
    await end_draft(shop.session, other.id, draft)
    assert await kept(shop) == 1
    assert await discard_draft(shop.session, shop.actor, draft) == branch
    with pytest.raises(NotFound):
        await discard_draft(shop.session, shop.actor, draft)


@pytest.mark.parametrize(
    "fields", [{"a": "text"}, {"a": [1]}, {"a": {}}, {"a": ["x" * MOST_LETTERS]}]
)
async def test_a_draft_holds_a_form_and_nothing_else(shop: Shop, fields: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        await save_draft(shop.session, shop.actor, new_id(), shop.branch.id, fields, at=NOON)


async def test_old_drafts_are_forgotten_a_batch_at_a_time(shop: Shop) -> None:
    for days in (0, 20, 30):
        at = NOON - timedelta(days=days)
        await save_draft(shop.session, shop.actor, new_id(), shop.branch.id, TYPED, at=at)
    assert timedelta(days=14) == KEPT_FOR
    counts = [await forget_drafts(shop.session, most=1, at=NOON) for _ in range(3)]
    assert (counts, await kept(shop)) == ([1, 1, 0], 1)
