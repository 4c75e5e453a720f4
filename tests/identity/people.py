"""People who can sign in, for the tests of identity and of the edge."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.core.actor import Actor
from serviceco.core.ids import new_id
from serviceco.identity.operations import register_account
from serviceco.identity.tables import Account, Membership
from serviceco.storage.unit_of_work import global_work
from serviceco.tenancy.registration import grant_roles
from serviceco.tenancy.rules import brand_operator, system_actor
from serviceco.tenancy.words import Role
from tests.factories import NOON

PASSWORD = "correct horse"


@dataclass(frozen=True)
class Person:
    """An account with one membership, committed; the e-mail is new each time."""

    account: Account
    membership: Membership

    @property
    def email(self) -> str:
        return self.account.email


async def person(
    auth_engine: AsyncEngine,
    tenant_id: UUID,
    *,
    roles: Iterable[Role] = (Role.FRONT_DESK,),
    branch_ids: Iterable[UUID] | None = None,
) -> Person:
    return await _joined(auth_engine, system_actor(tenant_id), roles, branch_ids)


async def brand_person(
    auth_engine: AsyncEngine, brand_id: UUID, *, roles: Iterable[Role] = (Role.CLAIMS_REVIEWER,)
) -> Person:
    """Somebody of a brand: a claims reviewer, or as told."""
    return await _joined(auth_engine, brand_operator(brand_id), roles, None)


async def _joined(
    auth_engine: AsyncEngine,
    operator: Actor,
    roles: Iterable[Role],
    branch_ids: Iterable[UUID] | None,
) -> Person:
    async with global_work(auth_engine) as session:
        account = await register_account(
            session,
            operator,
            f"p-{new_id().hex}@example.test",
            name="王芳",
            password=PASSWORD,
            language="zh-Hans",
            at=NOON,
        )
        membership = await grant_roles(
            session,
            operator,
            account.id,
            staff_id=None,
            roles=roles,
            branch_ids=branch_ids,
            at=NOON,
        )
    return Person(account, membership)
