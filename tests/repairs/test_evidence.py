from sqlalchemy import select

from serviceco.evidence.rules import event_hash
from serviceco.evidence.tables import Event
from serviceco.repairs.operations import take_step
from serviceco.repairs.words import Step
from tests.repairs.shop import NOON, Shop


async def test_the_whole_way_is_one_chain_of_events(shop: Shop) -> None:
    order = await shop.ready()
    await take_step(shop.session, shop.actor, order, Step.HAND_OVER, at=NOON)

    events = (
        await shop.session.scalars(
            select(Event)
            .where(Event.tenant_id == shop.make.tenant_id, Event.subject_id == order.id)
            .order_by(Event.seq)
        )
    ).all()
    assert [event.act.removeprefix("repair.") for event in events] == [
        "received",
        "inspection_started",
        "steps_answered",
        "diagnosed",
        "line_proposed",
        "line_proposed",
        "started",
        "completed",
        "quality_passed",
        "handed_over",
    ]
    previous = b""
    for event in events:
        assert event.previous_hash == previous
        previous = event_hash(
            previous,
            subject_id=order.id,
            seq=event.seq,
            act=event.act,
            actor_account_id=event.actor_account_id,
            at=event.at,
            detail=event.detail,
        )
        assert event.hash == previous
    assert order.event_hash == previous


async def test_the_chain_holds_nothing_that_names_the_customer(shop: Shop) -> None:
    order = await shop.ready()
    details = await shop.session.scalars(
        select(Event.detail).where(
            Event.tenant_id == shop.make.tenant_id, Event.subject_id == order.id
        )
    )
    told = " ".join(str(detail) for detail in details)
    for personal in ("陈晓明", "13812345678", "屏幕黑了", "356938035643809", "F-7", "更换"):
        assert personal not in told
