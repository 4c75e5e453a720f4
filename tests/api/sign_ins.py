"""Staff who are signed in, as their requests carry it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.core.actor import Actor, ActorKind
from serviceco.core.ids import new_id
from serviceco.identity.tables import Account, MachineKey, SignIn
from serviceco.storage.unit_of_work import global_work
from tests.api.world import Company
from tests.identity.people import person


@dataclass
class SignedIn:
    """One sign-in, which a test can end or change while its actor is remembered."""

    actor: Actor
    auth_engine: AsyncEngine
    account_id: UUID

    async def end(self) -> None:
        await self._change(SignIn, SignIn.token_hash == self.actor.token_hash, ended_at=now())

    async def expire(self) -> None:
        await self._change(SignIn, SignIn.token_hash == self.actor.token_hash, expires_at=now())

    async def lose_a_role(self) -> None:
        later = Account.version + 1
        await self._change(Account, Account.id == self.account_id, version=later)

    async def renewed(self) -> Actor:
        """The actor as the edge reads it again."""
        self.actor = replace(self.actor, version=self.actor.version + 1)
        return self.actor

    async def _change(self, table: type[Any], where: Any, **values: Any) -> None:
        async with global_work(self.auth_engine) as session:
            await session.execute(update(table).where(where).values(values))


def now() -> datetime:
    return datetime.now(UTC)


async def sign_in(auth_engine: AsyncEngine, company: Company) -> SignedIn:
    someone = await person(auth_engine, company.tenant_id)
    token_hash = new_id().bytes
    async with global_work(auth_engine) as session:
        session.add(
            SignIn(
                token_hash=token_hash,
                account_id=someone.account.id,
                membership_id=someone.membership.id,
                created_at=now(),
                expires_at=now() + timedelta(hours=1),
                address="",
                agent="",
            )
        )
        account = await session.get_one(Account, someone.account.id)
        version = account.version
    actor = company.actor(
        kind=ActorKind.STAFF,
        account_id=someone.account.id,
        token_hash=token_hash,
        version=version,
    )
    return SignedIn(actor, auth_engine, someone.account.id)


async def machine(auth_engine: AsyncEngine, company: Company, **changes: Any) -> Actor:
    """A machine of the company, whose key lives."""
    actor = company.actor(kind=ActorKind.MACHINE, token_hash=new_id().bytes, version=1, **changes)
    async with global_work(auth_engine) as session:
        session.add(
            MachineKey(
                id=new_id(),
                key_hash=actor.token_hash,
                tenant_id=company.tenant_id,
                name="ERP",
                permissions=sorted(actor.permissions),
                created_at=now(),
                expires_at=now() + timedelta(hours=1),
            )
        )
    return actor
