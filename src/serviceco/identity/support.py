"""Supporters and their sessions. Sessions are of the role `serviceco_auth`, but for `end_sessions`.

A session is opened on the command line, where only the operator stands, and begun once with the
link printed there.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.ids import new_id
from serviceco.core.refusals import NotFound
from serviceco.identity.queries import find_account
from serviceco.identity.rules import folded_email, new_token, token_hash
from serviceco.identity.tables import Account, Supporter, SupportSession
from serviceco.storage.unit_of_work import tenant_of

SESSION_LASTS = timedelta(minutes=30)
LINK_LASTS = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSupport:
    """A session of support that lives, with the supporter behind it."""

    token_hash: bytes
    version: int
    account_id: UUID
    name: str
    language: str
    tenant_id: UUID


async def grant_supporter(
    session: AsyncSession, email: str, *, name: str, language: str, at: datetime
) -> Supporter:
    """Let an account help companies; it is opened, without a password, where there is none."""
    account = await find_account(session, email)
    if account is None:
        account = Account(
            id=new_id(),
            email=folded_email(email),
            name=name,
            password_hash=None,
            language=language,
            created_at=at,
        )
        session.add(account)
        await session.flush()
    supporter = await _supporter(session, account.id)
    if supporter is None:
        supporter = Supporter(id=new_id(), account_id=account.id, granted_at=at)
        session.add(supporter)
    supporter.ended_at = None
    await session.flush()
    return supporter


async def end_supporter(session: AsyncSession, email: str, *, at: datetime) -> None:
    """Take it back; sessions that run end with it.

    Raises:
        NotFound: nobody of that e-mail helps companies.
    """
    supporter = await get_supporter(session, email)
    supporter.ended_at = at
    await session.flush()


async def get_supporter(session: AsyncSession, email: str) -> Supporter:
    """Return who helps companies under that e-mail.

    Raises:
        NotFound: nobody.
    """
    account = await find_account(session, email)
    supporter = await _supporter(session, account.id) if account else None
    if supporter is None or supporter.ended_at is not None:
        raise NotFound("Nobody of that e-mail is on support.", field="email")
    return supporter


async def open_session(
    session: AsyncSession,
    supporter: Supporter,
    tenant_id: UUID,
    *,
    consent_id: UUID | None,
    consented_by: str,
    ticket: str,
    at: datetime,
) -> str:
    """Make a link that begins one session, and return its token; the caller has asked for consent."""
    token = new_token()
    session.add(
        SupportSession(
            id=new_id(),
            opening_hash=token_hash(token),
            token_hash=None,
            supporter_id=supporter.id,
            tenant_id=tenant_id,
            consent_id=consent_id,
            consented_by=consented_by,
            ticket=ticket,
            created_at=at,
            open_until=at + LINK_LASTS,
        )
    )
    await session.flush()
    return token


async def begin_session(
    session: AsyncSession, opening: str, *, at: datetime
) -> tuple[str, SupportSession, Account]:
    """Use a link: return the token of its session, the session, and the supporter's account.

    Raises:
        NotFound: there is no such link, it was used, or its minutes are over.
    """
    row = (
        await session.execute(
            select(SupportSession, Account)
            .join(Supporter, Supporter.id == SupportSession.supporter_id)
            .join(Account, Account.id == Supporter.account_id)
            .where(
                SupportSession.opening_hash == token_hash(opening),
                SupportSession.begun_at.is_(None),
                SupportSession.ended_at.is_(None),
                SupportSession.open_until > at,
                Supporter.ended_at.is_(None),
                Account.is_active,
            )
            .with_for_update(of=SupportSession)
        )
    ).one_or_none()
    if row is None:
        raise NotFound("This link was used or is over.")
    found, account = row
    token = new_token()
    found.token_hash, found.begun_at = token_hash(token), at
    found.expires_at = at + SESSION_LASTS
    await session.flush()
    return token, found, account


async def find_live_support(
    session: AsyncSession, hash_of_token: bytes, *, at: datetime
) -> LiveSupport | None:
    """Return the session of support of that token, if it lives."""
    row = (
        await session.execute(
            select(SupportSession, Account)
            .join(Supporter, Supporter.id == SupportSession.supporter_id)
            .join(Account, Account.id == Supporter.account_id)
            .where(
                SupportSession.token_hash == hash_of_token,
                SupportSession.expires_at > at,
                SupportSession.ended_at.is_(None),
                Supporter.ended_at.is_(None),
                Account.is_active,
            )
        )
    ).one_or_none()
    if row is None:
        return None
    found, account = row
    return LiveSupport(
        token_hash=hash_of_token,
        version=found.version,
        account_id=account.id,
        name=account.name,
        language=account.language,
        tenant_id=found.tenant_id,
    )


async def end_session(session: AsyncSession, hash_of_token: bytes, *, at: datetime) -> None:
    """End a session; ending it twice changes nothing."""
    await session.execute(
        update(SupportSession)
        .where(SupportSession.token_hash == hash_of_token, SupportSession.ended_at.is_(None))
        .values(ended_at=at)
    )


async def end_sessions(session: AsyncSession, consent_id: UUID, *, at: datetime) -> None:
    """End what a consent of the tenant let in; by the application's role, in its transaction."""
    await session.execute(
        update(SupportSession)
        .where(
            SupportSession.tenant_id == tenant_of(session),
            SupportSession.consent_id == consent_id,
            SupportSession.ended_at.is_(None),
        )
        .values(ended_at=at)
    )


async def _supporter(session: AsyncSession, account_id: UUID) -> Supporter | None:
    return await session.scalar(
        select(Supporter).where(Supporter.account_id == account_id).with_for_update()
    )
