"""Dropping photos: the rows at once, the files by the worker, once no other row needs them."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.repairs.work_tables import InspectionResult, Photo
from serviceco.storage.outbox import send
from serviceco.storage.unit_of_work import tenant_of

DROPPED = "files.dropped"


async def drop_photos(session: AsyncSession, which: ColumnElement[bool], *, at: datetime) -> int:
    """Delete photos of the tenant that meet a condition on `Photo`; return how many."""
    mine = Photo.tenant_id == tenant_of(session)
    rows = (await session.execute(select(Photo.id, Photo.sha256).where(mine, which))).all()
    if not rows:
        return 0
    ids = [photo_id for photo_id, _ in rows]
    await session.execute(
        update(InspectionResult)
        .where(InspectionResult.tenant_id == tenant_of(session), InspectionResult.photo_id.in_(ids))
        .values(photo_id=None)
    )
    await session.execute(delete(Photo).where(mine, Photo.id.in_(ids)))
    digests = sorted({digest for _, digest in rows})
    await send(session, DROPPED, {"sha256": digests}, at=at)
    return len(ids)


async def list_orphans(session: AsyncSession, digests: Collection[str]) -> list[str]:
    """Return those of the files that no photo of the tenant needs any more."""
    needed = set(
        await session.scalars(
            select(Photo.sha256).where(
                Photo.tenant_id == tenant_of(session), Photo.sha256.in_(digests)
            )
        )
    )
    return sorted(set(digests) - needed)
