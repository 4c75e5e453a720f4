"""Deleting what identity no longer counts; sessions are of the role `serviceco_auth`.

How long records of sign-ins are kept is each company's to say, so they go by its rules.
"""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.identity.rules import FORGOTTEN_AFTER
from serviceco.identity.tables import SignInThrottle


async def forget_attempts(session: AsyncSession, *, most: int, at: datetime) -> int:
    """Delete counts of wrong passwords that count no more; return how many, up to `most`."""
    spent = (
        select(SignInThrottle.subject)
        .where(SignInThrottle.last_at < at - FORGOTTEN_AFTER)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    gone = await session.execute(
        delete(SignInThrottle)
        .where(SignInThrottle.subject.in_(spent))
        .returning(SignInThrottle.subject)
    )
    return len(gone.all())
