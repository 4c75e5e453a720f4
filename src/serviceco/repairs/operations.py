"""Taking a step: what every verb of a repair order shares."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor
from serviceco.core.refusals import NotPermitted
from serviceco.evidence.operations import record
from serviceco.identity.links import let_links_expire
from serviceco.repairs.news import announce_act, tell_change
from serviceco.repairs.queries import get_order, latest_event
from serviceco.repairs.rules import TRANSITIONS, find_obstacle
from serviceco.repairs.tables import RepairOrder
from serviceco.repairs.words import OrderChanged, Step


async def open_step(session: AsyncSession, actor: Actor, number: str, step: Step) -> RepairOrder:
    """Return the order, locked, for an actor who may take the step and an order that allows it.

    Raises:
        NotPermitted: the actor may not take this step; asked before anything is read.
        NotFound: no such order, or in a branch out of the actor's scope.
        Refusal: the obstacle that rules.find_obstacle names.
    """
    actor.require(TRANSITIONS[step].permission)
    order = await get_order(session, actor, number, lock=True)
    if obstacle := find_obstacle(order, step):
        raise obstacle
    return order


async def require_version(
    session: AsyncSession, actor: Actor, number: str, version: int | None
) -> None:
    """Pass silently where the order is as the actor saw it, and lock it so; None asks nothing.

    Raises:
        NotFound: no such order in the actor's scope.
        OrderChanged: it has another version by now; who did the latest is named.
    """
    if version is None:
        return
    order = await get_order(session, actor, number, lock=True)
    if order.version != version:
        who = (await latest_event(session, order.id)).actor_name
        raise OrderChanged(f"{who} changed this order after you opened it.", who=who)


async def take_step(
    session: AsyncSession,
    actor: Actor,
    order: RepairOrder,
    step: Step,
    *,
    at: datetime,
    **facts: object,
) -> None:
    """Bring a locked order one step on and record the event, with `facts` as its detail.

    Raises:
        NotPermitted: the actor may not take this step.
        NotFound: the order's branch is out of the actor's scope.
        Refusal: the obstacle that rules.find_obstacle names.
    """
    transition = TRANSITIONS[step]
    actor.require(transition.permission)
    actor.require_branch(order.branch_id)
    if obstacle := find_obstacle(order, step):
        raise obstacle
    order.status = transition.target
    if transition.moment:
        setattr(order, transition.moment, at)
    order.version += 1
    await record(session, actor, transition.act, order, at=at, **facts)
    await tell_change(session, order, at=at)
    await announce_act(session, order, transition.act, at=at)
    if order.closed_at is not None:
        await let_links_expire(session, order.id, at=at)


def staff_of(actor: Actor) -> UUID:
    """Return the actor's place on the staff: bench work and checks bear a person's name.

    Raises:
        NotPermitted: the actor is a machine, or not on the staff of this company.
    """
    if actor.staff_id is None:
        raise NotPermitted("Only a member of the staff can do this.")
    return actor.staff_id
