"""Whom of the system's operator the company lets in, for how long, and that they were here."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import InvalidInput, NotFound
from serviceco.evidence.operations import record
from serviceco.identity.support import end_sessions
from serviceco.privacy.operations import enter
from serviceco.privacy.rules import LONGEST_CONSENT_HOURS
from serviceco.privacy.tables import AuditRecord, SupportConsent
from serviceco.privacy.words import AuditAct, ConsentNeeded
from serviceco.storage.unit_of_work import tenant_of


async def grant_support(
    session: AsyncSession, actor: Actor, *, hours: int, at: datetime
) -> SupportConsent:
    """Let support look at the company's orders for so many hours; no customer, no money.

    Raises:
        NotPermitted: the actor does not manage the tenant.
        InvalidInput: less than an hour, or more than `LONGEST_CONSENT_HOURS`.
    """
    actor.require(Permission.MANAGE_TENANT)
    if not 1 <= hours <= LONGEST_CONSENT_HOURS:
        raise InvalidInput(f"1 to {LONGEST_CONSENT_HOURS} hours.", field="hours")
    consent = SupportConsent(
        tenant_id=tenant_of(session),
        id=new_id(),
        granted_by=actor.account_id,
        granted_by_name=actor.name,
        granted_at=at,
        until=at + timedelta(hours=hours),
        event_seq=0,
        event_hash=b"",
    )
    session.add(consent)
    await session.flush()
    await record(session, actor, "support.consented", consent, at=at, until=consent.until)
    await enter(session, actor, AuditAct.CONSENT_GIVEN, at=at, until=consent.until)
    return consent


async def withdraw_support(
    session: AsyncSession, actor: Actor, consent_id: UUID, *, at: datetime
) -> SupportConsent:
    """Take a consent back: who is here by it is out at their next request. Twice changes nothing.

    Raises:
        NotPermitted: the actor does not manage the tenant.
        NotFound: the company gave no such consent.
    """
    actor.require(Permission.MANAGE_TENANT)
    consent = await _locked(session, consent_id)
    if consent is None:
        raise NotFound("There is no such consent.")
    if consent.withdrawn_at is None:
        consent.withdrawn_at = at
        await end_sessions(session, consent.id, at=at)
        await record(session, actor, "support.withdrawn", consent, at=at)
        await enter(session, actor, AuditAct.CONSENT_WITHDRAWN, at=at)
    return consent


async def find_consent(session: AsyncSession, *, at: datetime) -> SupportConsent | None:
    """Return the company's consent that lasts longest, if one is in force."""
    query = select(SupportConsent).where(
        SupportConsent.tenant_id == tenant_of(session),
        SupportConsent.until > at,
        SupportConsent.withdrawn_at.is_(None),
    )
    return await session.scalar(query.order_by(SupportConsent.until.desc()).limit(1))


async def enter_support(
    session: AsyncSession,
    actor: Actor,
    *,
    consent_id: UUID | None,
    consented_by: str,
    ticket: str,
    until: datetime,
    at: datetime,
) -> AuditRecord:
    """Enter that support begins to look, with both names; return the record, `until` its end.

    A consent must still be in force, and the session ends with it at the latest.

    Raises:
        ConsentNeeded: there is neither a consent in force nor a ticket.
    """
    if consent_id is not None:
        consent = await _locked(session, consent_id)
        if consent is None or consent.withdrawn_at is not None or consent.until <= at:
            raise ConsentNeeded("The company has withdrawn its consent.")
        until = min(until, consent.until)
    elif not ticket:
        raise ConsentNeeded("Support needs the company's consent or a ticket.")
    return await enter(
        session,
        actor,
        AuditAct.SUPPORT_BEGUN,
        at=at,
        consented_by=consented_by,
        ticket=ticket,
        until=until,
    )


async def _locked(session: AsyncSession, consent_id: UUID) -> SupportConsent | None:
    return await session.scalar(
        select(SupportConsent)
        .where(SupportConsent.tenant_id == tenant_of(session), SupportConsent.id == consent_id)
        .with_for_update()
    )
