"""Keeping no longer than the company decided: periods, a preview, and the worker's small rounds.

A round is work from the outbox that sends the next one: at once while something is left, else for
the next day. A changed rule moves the generation, as each round does; one that comes twice, or
from before the change, finds another generation and stops.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import InvalidInput
from serviceco.customers.tables import Customer
from serviceco.evidence.operations import record, record_many
from serviceco.privacy.erasure import erase_person
from serviceco.privacy.operations import enter
from serviceco.privacy.photos import drop_photos
from serviceco.privacy.queries import has_unsettled_claim
from serviceco.privacy.rules import LONGEST_MONTHS, SHORTEST_MONTHS, months_before
from serviceco.privacy.tables import RetentionRule
from serviceco.privacy.words import AuditAct, Ground, Kept
from serviceco.repairs.tables import CustomerWords, RepairOrder
from serviceco.repairs.work_tables import Photo
from serviceco.storage.outbox import send
from serviceco.storage.unit_of_work import tenant_of

DUE = "retention.due"
AT_ONCE = 50
_NEXT_ROUND = timedelta(days=1)
Round = Callable[[AsyncSession, Actor, datetime, datetime], Awaitable[int]]


async def set_retention(
    session: AsyncSession, actor: Actor, kept: Kept, *, months: int | None, at: datetime
) -> RetentionRule:
    """Keep a kind of data for so many months after its last use; None keeps it for ever.

    The worker begins at once and comes back every day.

    Raises:
        NotPermitted: the actor does not answer for privacy.
        InvalidInput: less than a month, or more than twenty years.
    """
    actor.require(Permission.MANAGE_PRIVACY)
    _check_period(months, field="months")
    rule = await _locked(session, kept) or RetentionRule(
        tenant_id=tenant_of(session), id=new_id(), kept=kept, event_seq=0, event_hash=b"",
        generation=0,
    )  # fmt: skip
    rule.months, rule.changed_at, rule.changed_by = months, at, actor.account_id
    rule.generation += 1
    session.add(rule)
    await record(session, actor, "retention.set", rule, at=at, kept=kept, months=months)
    await enter(
        session, actor, AuditAct.RETENTION_SET, at=at, detail={"kept": kept, "months": months}
    )
    await _send_round(session, rule, at=at, due_at=at)
    return rule


async def preview_retention(
    session: AsyncSession, actor: Actor, months: Mapping[Kept, int | None], *, at: datetime
) -> dict[Kept, int | None]:
    """Return how many customers, photos and orders with words would go under these periods now.

    None where nothing is limited; sign-ins are counted nowhere but in the worker.

    Raises:
        NotPermitted: the actor does not answer for privacy.
        InvalidInput: a period is less than a month, or more than twenty years.
    """
    actor.require(Permission.MANAGE_PRIVACY)
    for kept, period in months.items():
        _check_period(period, field=kept.value)
    counts: dict[Kept, int | None] = {}
    for kept, period in months.items():
        find = _FINDERS.get(kept)
        if period is None or find is None:
            counts[kept] = None
            continue
        due = find(session, months_before(at, period), at).subquery()
        counts[kept] = await session.scalar(select(func.count()).select_from(due))
    return counts


async def list_rules(session: AsyncSession) -> dict[Kept, RetentionRule]:
    """Return the company's rules by what they are about."""
    query = select(RetentionRule).where(RetentionRule.tenant_id == tenant_of(session))
    return {Kept(rule.kept): rule for rule in await session.scalars(query)}


async def carry_out(
    session: AsyncSession, actor: Actor, payload: Mapping[str, Any], *, at: datetime
) -> int:
    """Do one round of a rule, `AT_ONCE` at most, and send the next; return how many went.

    Nothing happens where the rule has changed since, or the round was done before.
    """
    kept = Kept(payload["kept"])
    rule = await _locked(session, kept)
    if rule is None or rule.months is None or rule.generation != payload["generation"]:
        return 0
    work = _ROUNDS.get(kept)
    done = 0 if work is None else await work(session, actor, months_before(at, rule.months), at)
    rule.generation += 1
    pause = timedelta(0) if done >= AT_ONCE else _NEXT_ROUND
    await _send_round(session, rule, at=at, due_at=at + pause)
    return done


def _check_period(months: int | None, *, field: str) -> None:
    if months is not None and not SHORTEST_MONTHS <= months <= LONGEST_MONTHS:
        raise InvalidInput(f"{SHORTEST_MONTHS} to {LONGEST_MONTHS} months.", field=field)


async def _send_round(
    session: AsyncSession, rule: RetentionRule, *, at: datetime, due_at: datetime
) -> None:
    if rule.months is not None:
        facts = {"kept": rule.kept, "generation": rule.generation}
        await send(session, DUE, facts, at=at, due_at=due_at)


async def _locked(session: AsyncSession, kept: Kept) -> RetentionRule | None:
    return await session.scalar(
        select(RetentionRule)
        .where(RetentionRule.tenant_id == tenant_of(session), RetentionRule.kept == kept)
        .with_for_update()
    )


def _idle_customers(session: AsyncSession, before: datetime, at: datetime) -> Select[Any]:
    """Return customers whose last order closed before then, and none of whose claims is open."""
    tenant_id = tenant_of(session)
    is_live = or_(
        RepairOrder.closed_at.is_(None),
        RepairOrder.closed_at >= before,
        has_unsettled_claim(tenant_id, at),
    )
    lives = exists().where(
        RepairOrder.tenant_id == tenant_id, RepairOrder.customer_id == Customer.id, is_live
    )
    return select(Customer.id).where(
        Customer.tenant_id == tenant_id,
        Customer.erased_at.is_(None),
        Customer.created_at < before,
        ~lives,
    )


def _old_words(session: AsyncSession, before: datetime, at: datetime) -> Select[Any]:
    """Return closed orders with words of their customers."""
    tenant_id = tenant_of(session)
    worded = exists().where(
        CustomerWords.tenant_id == tenant_id,
        CustomerWords.id == RepairOrder.id,
        CustomerWords.words != "",
    )
    return _closed(session, before, at).where(worded)


def _old_photos(session: AsyncSession, before: datetime, at: datetime) -> Select[Any]:
    """Return photos of closed orders."""
    tenant_id = tenant_of(session)
    return (
        select(Photo.id)
        .join(RepairOrder, RepairOrder.id == Photo.order_id)
        .where(
            Photo.tenant_id == tenant_id,
            RepairOrder.tenant_id == tenant_id,
            RepairOrder.closed_at < before,
            ~has_unsettled_claim(tenant_id, at),
        )
    )


def _closed(session: AsyncSession, before: datetime, at: datetime) -> Select[Any]:
    tenant_id = tenant_of(session)
    return select(RepairOrder.id).where(
        RepairOrder.tenant_id == tenant_id,
        RepairOrder.closed_at < before,
        ~has_unsettled_claim(tenant_id, at),
    )


async def _erase_idle(session: AsyncSession, actor: Actor, before: datetime, at: datetime) -> int:
    found = _idle_customers(session, before, at).order_by(Customer.id).limit(AT_ONCE)
    ids = list(await session.scalars(found))
    for customer_id in ids:
        await erase_person(session, actor, customer_id, ground=Ground.RETENTION, at=at)
    return len(ids)


async def _erase_words(session: AsyncSession, actor: Actor, before: datetime, at: datetime) -> int:
    found = _old_words(session, before, at).order_by(RepairOrder.id).limit(AT_ONCE)
    mine = RepairOrder.tenant_id == tenant_of(session)
    ids = list(await session.scalars(found))
    locked = select(RepairOrder).where(mine, RepairOrder.id.in_(ids)).order_by(RepairOrder.id)
    orders = (await session.scalars(locked.with_for_update())).all()
    await session.execute(
        update(CustomerWords)
        .where(CustomerWords.tenant_id == tenant_of(session), CustomerWords.id.in_(ids))
        .values(words="", language="", salt=b"")
    )
    await record_many(
        session, actor, "repair.words_erased", [(order, {}) for order in orders], at=at
    )
    return len(ids)


async def _drop_old_photos(
    session: AsyncSession, _actor: Actor, before: datetime, at: datetime
) -> int:
    found = _old_photos(session, before, at).order_by(Photo.id).limit(AT_ONCE)
    return await drop_photos(session, Photo.id.in_(list(await session.scalars(found))), at=at)


_FINDERS = {Kept.CUSTOMERS: _idle_customers, Kept.WORDS: _old_words, Kept.PHOTOS: _old_photos}
_ROUNDS: Mapping[Kept, Round] = {
    Kept.CUSTOMERS: _erase_idle,
    Kept.WORDS: _erase_words,
    Kept.PHOTOS: _drop_old_photos,
}
