"""Opening the books and posting to them."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.core.ids import new_id
from serviceco.core.refusals import NotFound
from serviceco.ledger.packs import Chart, read_chart
from serviceco.ledger.queries import find_reversal, get_entry, sides_of
from serviceco.ledger.rules import balanced, reversal
from serviceco.ledger.tables import Entry, LedgerAccount, Posting
from serviceco.ledger.words import EntryReversed, Side
from serviceco.storage.unit_of_work import tenant_of


async def open_chart(session: AsyncSession, actor: Actor, chart: Chart | None = None) -> None:
    """Give the tenant the accounts of a chart; names and dates follow the chart when repeated.

    Raises:
        NotPermitted: the actor does not manage the tenant.
    """
    actor.require(Permission.MANAGE_TENANT)
    rows = [
        {
            "tenant_id": tenant_of(session),
            "code": account.code,
            "account": account.account,
            "names": account.names,
            "since": account.since,
            "until": account.until,
        }
        for account in (chart or read_chart()).accounts
    ]
    statement = upsert(LedgerAccount).values(rows)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=[LedgerAccount.tenant_id, LedgerAccount.code],
            set_={
                "names": statement.excluded.names,
                "since": statement.excluded.since,
                "until": statement.excluded.until,
            },
        )
    )


async def post_entry(
    session: AsyncSession,
    actor: Actor,
    act: str,
    subject_id: UUID,
    sides: Sequence[Side],
    *,
    booked_on: date,
    at: datetime,
) -> Entry:
    """Write one entry with its postings. Sides of zero are left out.

    It belongs to the verb that calls it, which has asked for the permission. `booked_on` is the
    day in the zone of the branch.

    Raises:
        Unbalanced: the sides do not sum to zero per currency; a fault, not a refusal.
    """
    entry = Entry(
        tenant_id=tenant_of(session),
        id=new_id(),
        act=act,
        subject_id=subject_id,
        booked_on=booked_on,
        booked_at=at,
        booked_by=actor.account_id,
    )
    return await _write(session, entry, balanced(sides))


async def reverse_entry(
    session: AsyncSession, actor: Actor, entry_id: UUID, *, booked_on: date, at: datetime
) -> Entry:
    """Undo an entry by a new one that names it and carries the opposite sides.

    Rows of other rooms that rest on the entry stay as they are: the reconciliation shows them
    until their own verb has followed.

    Raises:
        NotPermitted: the actor may not reverse entries.
        NotFound: the tenant has no such entry, or one of its branches is out of the actor's scope.
        EntryReversed: it was reversed before, or is itself a reversal.
    """
    actor.require(Permission.REVERSE_ENTRY)
    wrong = await get_entry(session, entry_id)
    sides = await sides_of(session, entry_id)
    if not all(side.branch_id is None or actor.sees_branch(side.branch_id) for side in sides):
        raise NotFound("There is no such entry.")
    if wrong.reverses_id is not None or await find_reversal(session, entry_id) is not None:
        raise EntryReversed("This entry was already reversed.")
    right = Entry(
        tenant_id=tenant_of(session),
        id=new_id(),
        act=wrong.act,
        subject_id=wrong.subject_id,
        booked_on=booked_on,
        booked_at=at,
        booked_by=actor.account_id,
        reverses_id=entry_id,
    )
    return await _write(session, right, reversal(sides))


async def _write(session: AsyncSession, entry: Entry, sides: Sequence[Side]) -> Entry:
    session.add(entry)
    await session.flush()
    await session.execute(
        insert(Posting).values(
            [
                {
                    "tenant_id": entry.tenant_id,
                    "entry_id": entry.id,
                    "position": position,
                    "account_code": side.account_code,
                    "branch_id": side.branch_id,
                    "brand_id": side.brand_id,
                    "amount_minor": side.amount_minor,
                    "currency": side.currency,
                }
                for position, side in enumerate(sides, start=1)
            ]
        )
    )
    return entry
