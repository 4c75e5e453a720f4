"""Who sees a masked customer says why; the company sees who did."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from serviceco.core.actor import ActorKind, Permission
from serviceco.core.refusals import InvalidInput, NotFound, NotPermitted
from serviceco.evidence.tables import Event
from serviceco.privacy.disclosure import reveal_customer
from serviceco.privacy.rules import MOST_REVEALS_AN_HOUR
from serviceco.privacy.words import AuditAct, ReasonMissing, TooManyReveals
from serviceco.storage.unit_of_work import tenant_of
from tests.repairs.shop import NOON, Shop

WHY = "客户留的电话打不通,要核对"


async def revealed(shop: Shop, number: str, *, actor=None, reason: str = WHY, at=NOON):
    return await reveal_customer(shop.session, actor or shop.actor, number, reason=reason, at=at)


async def test_a_reveal_is_entered_with_its_reason_and_recorded_without(shop: Shop):
    order = await shop.received()
    entered = await revealed(shop, order.number)
    assert (entered.act, entered.reason, entered.order_number, entered.actor_name) == (
        AuditAct.REVEALED,
        WHY,
        order.number,
        shop.actor.name,
    )
    detail = await shop.session.scalar(
        sa.select(Event.detail).where(
            Event.tenant_id == tenant_of(shop.session), Event.act == "customer.revealed"
        )
    )
    assert detail == {}


@pytest.mark.parametrize(("reason", "refusal"), [("  ", ReasonMissing), ("长" * 301, InvalidInput)])
async def test_a_reason_is_needed(shop: Shop, reason: str, refusal: type[Exception]):
    order = await shop.received()
    with pytest.raises(refusal):
        await revealed(shop, order.number, reason=reason)


async def test_an_account_reveals_so_many_an_hour(shop: Shop):
    order = await shop.received()
    for minute in range(MOST_REVEALS_AN_HOUR):
        await revealed(shop, order.number, at=NOON + timedelta(minutes=minute))
    with pytest.raises(TooManyReveals):
        await revealed(shop, order.number, at=NOON + timedelta(minutes=59))
    await revealed(
        shop, order.number, actor=await shop.colleague(), at=NOON + timedelta(minutes=59)
    )
    await revealed(shop, order.number, at=NOON + timedelta(minutes=61))


async def test_support_and_machines_reveal_nobody(shop: Shop):
    order = await shop.received()
    for kind in (ActorKind.SUPPORT, ActorKind.MACHINE, ActorKind.BRAND, ActorKind.CUSTOMER):
        with pytest.raises(NotPermitted):
            await revealed(shop, order.number, actor=replace(shop.actor, kind=kind))


async def test_what_is_out_of_scope_is_not_found(shop: Shop):
    order = await shop.received()
    with pytest.raises(NotFound):
        await revealed(shop, order.number, actor=await shop.elsewhere())
    with pytest.raises(NotPermitted):
        await revealed(shop, order.number, actor=shop.without(Permission.READ_ORDERS))
