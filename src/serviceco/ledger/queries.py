"""Balances, and the proof that the books are in order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.refusals import NotFound
from serviceco.ledger.tables import Entry, LedgerAccount, Posting
from serviceco.ledger.words import Side
from serviceco.storage.unit_of_work import tenant_of


@dataclass(frozen=True, slots=True)
class Balance:
    """The sum of one account's postings for a branch and brand: debit positive."""

    account_code: str
    branch_id: UUID | None
    brand_id: UUID | None
    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class LedgerProof:
    """What a check of the whole ledger of a tenant found. `flaws` are sentences; none is right."""

    entries: int
    postings: int
    flaws: Sequence[str]


async def get_entry(session: AsyncSession, entry_id: UUID) -> Entry:
    """Return an entry of the tenant.

    Raises:
        NotFound: the tenant has no such entry.
    """
    entry = await session.scalar(
        select(Entry).where(Entry.tenant_id == tenant_of(session), Entry.id == entry_id)
    )
    if entry is None:
        raise NotFound("There is no such entry.")
    return entry


async def find_reversal(session: AsyncSession, entry_id: UUID) -> UUID | None:
    """Return the id of the entry that reverses this one, if there is one."""
    return await session.scalar(
        select(Entry.id).where(Entry.tenant_id == tenant_of(session), Entry.reverses_id == entry_id)
    )


async def list_balances(
    session: AsyncSession, *, branch_id: UUID | None = None, until: date | None = None
) -> list[Balance]:
    """Return balances per account, branch, brand and currency from entries booked before `until`."""
    tenant_id = tenant_of(session)
    group = (Posting.account_code, Posting.branch_id, Posting.brand_id, Posting.currency)
    statement = select(*group, func.sum(Posting.amount_minor)).where(Posting.tenant_id == tenant_id)
    if branch_id is not None:
        statement = statement.where(Posting.branch_id == branch_id)
    if until is not None:
        statement = statement.join(
            Entry, and_(Entry.tenant_id == tenant_id, Entry.id == Posting.entry_id)
        ).where(Entry.booked_on < until)
    rows = await session.execute(statement.group_by(*group).order_by(*group))
    return [Balance(*row[:4], int(row[4])) for row in rows]


async def sides_of(session: AsyncSession, entry_id: UUID) -> list[Side]:
    """Return the sides of an entry in their order."""
    rows = await session.scalars(
        select(Posting)
        .where(Posting.tenant_id == tenant_of(session), Posting.entry_id == entry_id)
        .order_by(Posting.position)
    )
    return [
        Side(
            account_code=row.account_code,
            amount_minor=row.amount_minor,
            currency=row.currency,
            branch_id=row.branch_id,
            brand_id=row.brand_id,
        )
        for row in rows
    ]


async def verify_ledger(session: AsyncSession) -> LedgerProof:
    """Prove that every entry, and the tenant as a whole, sums to zero in every currency.

    Also found: entries without postings, and postings to an account that was not in use.
    """
    tenant_id = tenant_of(session)
    entries = await session.scalar(
        select(func.count()).select_from(Entry).where(Entry.tenant_id == tenant_id)
    )
    postings = await session.scalar(
        select(func.count()).select_from(Posting).where(Posting.tenant_id == tenant_id)
    )
    flaws = [
        *await _crooked_entries(session),
        *await _crooked_totals(session),
        *await _empty_entries(session),
        *await _out_of_use(session),
    ]
    return LedgerProof(entries or 0, postings or 0, flaws)


async def _crooked_entries(session: AsyncSession) -> list[str]:
    rows = await session.execute(
        select(Posting.entry_id, Posting.currency, func.sum(Posting.amount_minor))
        .where(Posting.tenant_id == tenant_of(session))
        .group_by(Posting.entry_id, Posting.currency)
        .having(func.sum(Posting.amount_minor) != 0)
    )
    return [
        f"entry {entry} leaves {over} minor units of {currency}" for entry, currency, over in rows
    ]


async def _crooked_totals(session: AsyncSession) -> list[str]:
    rows = await session.execute(
        select(Posting.currency, func.sum(Posting.amount_minor))
        .where(Posting.tenant_id == tenant_of(session))
        .group_by(Posting.currency)
        .having(func.sum(Posting.amount_minor) != 0)
    )
    return [f"all postings leave {over} minor units of {currency}" for currency, over in rows]


async def _empty_entries(session: AsyncSession) -> list[str]:
    tenant_id = tenant_of(session)
    sides = select(Posting.position).where(
        Posting.tenant_id == tenant_id, Posting.entry_id == Entry.id
    )
    rows = await session.scalars(
        select(Entry.id).where(Entry.tenant_id == tenant_id, ~sides.exists())
    )
    return [f"entry {entry} has no postings" for entry in rows]


async def _out_of_use(session: AsyncSession) -> list[str]:
    tenant_id = tenant_of(session)
    rows = await session.execute(
        select(Posting.entry_id, Posting.account_code)
        .join(Entry, and_(Entry.tenant_id == tenant_id, Entry.id == Posting.entry_id))
        .join(
            LedgerAccount,
            and_(LedgerAccount.tenant_id == tenant_id, LedgerAccount.code == Posting.account_code),
        )
        .where(
            Posting.tenant_id == tenant_id,
            or_(Entry.booked_on < LedgerAccount.since, Entry.booked_on >= LedgerAccount.until),
        )
    )
    return [
        f"entry {entry} posts to {code} on a day when it was not in use" for entry, code in rows
    ]
