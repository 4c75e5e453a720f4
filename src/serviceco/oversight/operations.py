"""Keeping the projections: each order and claim is read as it is now, and written if newer.

So a second delivery changes nothing, and news may come in any order.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.oversight.queries import (
    Values,
    list_brand_ids,
    list_claim_ids,
    list_order_ids,
    read_cases,
    read_claim_lines,
    read_claims,
)
from serviceco.oversight.tables import BrandCase, BrandClaim, BrandClaimLine
from serviceco.oversight.words import CASE_NEWS, CASE_TOPICS, CLAIM_TOPICS, SHOWN_COVERAGE
from serviceco.storage.unit_of_work import tenant_of

_AT_ONCE = 500
Part = TypeVar("Part")


class Delivered(Protocol):
    """An outbox entry as the worker hands it over."""

    @property
    def topic(self) -> str:
        """What happened."""

    @property
    def payload(self) -> dict[str, Any]:
        """The order or claim to which it happened."""


async def hear_news(session: AsyncSession, entries: Sequence[Delivered], *, at: datetime) -> None:
    """Bring what brands see of the orders and claims of these outbox entries up to date."""
    of_cases = CASE_TOPICS | CASE_NEWS
    orders = {UUID(one.payload["order_id"]) for one in entries if one.topic in of_cases}
    claims = {UUID(one.payload["claim_id"]) for one in entries if one.topic in CLAIM_TOPICS}
    await project_cases(session, sorted(orders), at=at)
    await project_claims(session, sorted(claims), at=at)


async def project_cases(session: AsyncSession, order_ids: Sequence[UUID], *, at: datetime) -> int:
    """Show brands these orders as they are now, and take away those that are none of theirs.

    Returns how many are shown.
    """
    shown = 0
    for some in _parts(order_ids):
        cases = await read_cases(session, some, at=at)
        hidden: dict[UUID, list[UUID]] = defaultdict(list)
        for case in cases:
            if case["coverage"] not in SHOWN_COVERAGE:
                hidden[case["brand_id"]].append(case["id"])
        for brand_id, ids in hidden.items():
            await session.execute(
                delete(BrandCase).where(BrandCase.brand_id == brand_id, BrandCase.id.in_(ids))
            )
        visible = [case for case in cases if case["coverage"] in SHOWN_COVERAGE]
        await write_newer(session, BrandCase, visible)
        shown += len(visible)
    return shown


async def project_claims(session: AsyncSession, claim_ids: Sequence[UUID], *, at: datetime) -> int:
    """Show brands these claims, as far as they were filed; return how many are shown."""
    shown = 0
    for some in _parts(claim_ids):
        claims = await read_claims(session, some, at=at)
        newer = await write_newer(session, BrandClaim, claims)
        for brand_id, ids in newer.items():
            await session.execute(
                delete(BrandClaimLine).where(
                    BrandClaimLine.brand_id == brand_id, BrandClaimLine.claim_id.in_(ids)
                )
            )
        written = {claim_id for ids in newer.values() for claim_id in ids}
        lines = await read_claim_lines(session, [one for one in claims if one["id"] in written])
        if lines:
            await session.execute(insert(BrandClaimLine).values(lines))
        shown += len(claims)
    return shown


async def write_newer(
    session: AsyncSession, table: type[BrandCase | BrandClaim], rows: Sequence[Values]
) -> Mapping[UUID, list[UUID]]:
    """Write rows that are missing, or older than these by `seq`; return the ids of both by brand."""
    written: dict[UUID, list[UUID]] = defaultdict(list)
    for some in _parts(rows):
        fresh = insert(table).values(list(some))
        done = await session.execute(
            fresh.on_conflict_do_update(
                index_elements=[table.brand_id, table.id],
                set_={
                    column.name: column
                    for column in fresh.excluded
                    if column.name not in {"brand_id", "id", "tenant_id"}
                },
                where=table.seq < fresh.excluded.seq,
            ).returning(table.brand_id, table.id)
        )
        for brand_id, row_id in done:
            written[brand_id].append(row_id)
    return written


async def rebuild(session: AsyncSession, *, at: datetime) -> tuple[int, int]:
    """Make all projections of the company anew; return how many cases and claims they hold."""
    tenant_id = tenant_of(session)
    for brand_id in await list_brand_ids(session):
        for table in (BrandCase, BrandClaim):
            await session.execute(
                delete(table).where(table.brand_id == brand_id, table.tenant_id == tenant_id)
            )
    cases = await project_cases(session, await list_order_ids(session), at=at)
    return cases, await project_claims(session, await list_claim_ids(session), at=at)


async def list_stale(session: AsyncSession) -> list[str]:
    """Return which cases and claims of the company differ from its orders, by number.

    While news waits for the worker, what it is about is among them.
    """
    at, stale = datetime.now(UTC), []
    for some in _parts(await list_order_ids(session)):
        cases = await read_cases(session, some, at=at)
        wanted = [case for case in cases if case["coverage"] in SHOWN_COVERAGE]
        stale += [f"case {number}" for number in await _differing(session, BrandCase, some, wanted)]
    for some in _parts(await list_claim_ids(session)):
        claims = await read_claims(session, some, at=at)
        stale += [
            f"claim {number}" for number in await _differing(session, BrandClaim, some, claims)
        ]
    return sorted(stale)


async def _differing(
    session: AsyncSession,
    table: type[BrandCase | BrandClaim],
    ids: Sequence[UUID],
    wanted: Sequence[Values],
) -> set[str]:
    """Return the numbers of those of the rows with these ids that are not as wanted."""
    columns = [column for column in table.__table__.columns if column.name != "read_at"]
    brands = await list_brand_ids(session)
    found = await session.execute(
        select(*columns).where(table.brand_id.in_(brands), table.id.in_(ids))
    )
    kept = {row["id"]: dict(row) for row in found.mappings()}
    due = {row["id"]: {column.name: row[column.name] for column in columns} for row in wanted}
    return {
        (kept.get(row_id) or due[row_id])["number"]
        for row_id in kept.keys() | due.keys()
        if kept.get(row_id) != due.get(row_id)
    }


def _parts(whole: Collection[Part]) -> Iterator[Sequence[Part]]:
    """Yield a collection in parts that one statement can carry."""
    ordered = list(whole)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]
