"""Links that open one order to its customer.

A token is the link's handle and a mark made with a key that only the server holds, so that a slip
can be printed again and yet nothing that is kept opens a page.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.ids import new_id
from serviceco.identity.tables import CustomerLink
from serviceco.storage.unit_of_work import tenant_of

# 96 random bits name a link, 96 more nobody makes without the key.
HANDLE_BYTES = 12
MARK_BYTES = 12
# While a device is here its link lives; a device that nobody collects is settled within years.
LASTS_AT_MOST = timedelta(days=730)
LASTS_AFTER_HANDOVER = timedelta(days=30)
MOST_FOUND = 20


class LinkMint:
    """Makes tokens of handles and reads them back, with the server's key."""

    def __init__(self, key: bytes) -> None:
        """Keep the key, 32 secret bytes that outlive a restart."""
        self._key = key

    def token(self, handle: bytes) -> str:
        """Return the text of the link: 32 letters that fit an address."""
        return urlsafe_b64encode(handle + self._mark(handle)).decode()

    def read(self, token: str) -> bytes | None:
        """Return the handle of a token that this server made, else None."""
        try:
            whole = urlsafe_b64decode(token.encode())
        except (Error, ValueError):
            return None
        handle, mark = whole[:HANDLE_BYTES], whole[HANDLE_BYTES:]
        return handle if hmac.compare_digest(mark, self._mark(handle)) else None

    def _mark(self, handle: bytes) -> bytes:
        return hmac.new(self._key, b"link:" + handle, sha256).digest()[:MARK_BYTES]


def new_link(session: AsyncSession, order_id: UUID, number: str, *, at: datetime) -> CustomerLink:
    """Return a link to an order of the tenant, not yet written."""
    return CustomerLink(
        id=new_id(),
        handle=secrets.token_bytes(HANDLE_BYTES),
        tenant_id=tenant_of(session),
        order_id=order_id,
        number=number,
        created_at=at,
        expires_at=at + LASTS_AT_MOST,
        revoked_at=None,
    )


async def revoke_links(session: AsyncSession, order_id: UUID, *, at: datetime) -> None:
    """End the links of an order; those that ended stay as they are."""
    await session.execute(
        update(CustomerLink)
        .where(
            CustomerLink.tenant_id == tenant_of(session),
            CustomerLink.order_id == order_id,
            CustomerLink.revoked_at.is_(None),
        )
        .values(revoked_at=at)
    )


async def let_links_expire(session: AsyncSession, order_id: UUID, *, at: datetime) -> None:
    """Let the links of an order that left end some time after `at`."""
    await session.execute(
        update(CustomerLink)
        .where(CustomerLink.tenant_id == tenant_of(session), CustomerLink.order_id == order_id)
        .values(expires_at=at + LASTS_AFTER_HANDOVER)
    )


async def find_live_link(
    session: AsyncSession, handle: bytes, *, at: datetime
) -> CustomerLink | None:
    """Return the link of a handle, if it lives; of the role `serviceco_auth`."""
    return await session.scalar(
        select(CustomerLink).where(CustomerLink.handle == handle, *_lives(at))
    )


async def list_links(session: AsyncSession, number: str, *, at: datetime) -> Sequence[CustomerLink]:
    """Return the live links to orders of that number, whatever company's; of `serviceco_auth`."""
    query = select(CustomerLink).where(CustomerLink.number == number, *_lives(at))
    return (await session.scalars(query.order_by(CustomerLink.id.desc()).limit(MOST_FOUND))).all()


def _lives(at: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return CustomerLink.expires_at > at, CustomerLink.revoked_at.is_(None)
