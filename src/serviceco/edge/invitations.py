"""Opening one-use links for the pages: joining a company or brand, and setting a new password.

No transaction waits for the slow hash of a password; each step has one of its own.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from serviceco.core.refusals import InvalidInput
from serviceco.edge.authentication import utc_now
from serviceco.identity.invitations import (
    accept_invitation,
    find_invitation,
    find_reset,
    use_reset,
)
from serviceco.identity.operations import new_hash
from serviceco.identity.queries import find_account, get_account
from serviceco.identity.sign_ins import forgive, prove, take_attempt
from serviceco.identity.tables import Account, Invitation
from serviceco.identity.words import Newcomer
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.staffing import join_staff
from serviceco.tenancy.tables import Brand, Tenant


class Invitations:
    """What the pages behind one-use links call."""

    def __init__(
        self, auth_engine: AsyncEngine, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        """Keep the engine of the role `serviceco_auth`."""
        self._engine = auth_engine
        self._clock = clock

    async def find(self, token: str) -> dict[str, Any]:
        """Return what the invitation of the token says, and whether its e-mail has an account.

        Raises:
            LinkEnded: it is unknown, used, withdrawn or expired.
        """
        async with global_work(self._engine) as session:
            invitation = await find_invitation(session, token, at=self._clock())
            account = await find_account(session, invitation.email)
            home, language = await _home_of(session, invitation)
        return {
            "home": home,
            "email": invitation.email,
            "name": invitation.name,
            "language": language,
            "roles": tuple(invitation.roles),
            "has_account": account is not None,
            "expires_at": invitation.expires_at,
        }

    async def accept(
        self, token: str, *, name: str, language: str, password: str, address: str
    ) -> None:
        """Join: with a new account, or with the one of the e-mail, whose password is then asked.

        Raises:
            LinkEnded: the invitation is unknown, used, withdrawn or expired.
            InvalidInput: a new account has no name.
            WeakPassword: a new password's length is out of bounds.
            WrongCredentials: the password of the existing account does not match.
            TooManyAttempts: it was tried too often.
        """
        at = self._clock()
        async with global_work(self._engine) as session:
            invitation = await find_invitation(session, token, at=at)
            account = await find_account(session, invitation.email)
        newcomer = Newcomer(name=name.strip(), language=language, password_hash="")
        if account is not None:
            account = await self._proven(account, password, address, at)
        elif not newcomer.name:
            raise InvalidInput("Write your name.", field="name")
        else:
            password_hash = await new_hash(password)
            newcomer = Newcomer(name=newcomer.name, language=language, password_hash=password_hash)
        await self._join(invitation, token, account, newcomer, at)

    async def find_reset(self, token: str) -> str:
        """Return the e-mail of the account whose password the token may set.

        Raises:
            LinkEnded: the link is unknown, used or expired.
        """
        async with global_work(self._engine) as session:
            reset = await find_reset(session, token, at=self._clock())
            return (await get_account(session, reset.account_id)).email

    async def reset(self, token: str, *, password: str) -> None:
        """Set a new password and end every sign-in of the account.

        Raises:
            LinkEnded: the link is unknown, used or expired.
            WeakPassword: the password's length is out of bounds.
        """
        await self.find_reset(token)
        password_hash = await new_hash(password)
        async with global_work(self._engine) as session:
            await use_reset(session, token, password_hash=password_hash, at=self._clock())

    async def _proven(self, account: Account, password: str, address: str, at: datetime) -> Account:
        async with global_work(self._engine) as session:
            await take_attempt(session, email=account.email, address=address, at=at)
        proven = await prove(account, password)
        async with global_work(self._engine) as session:
            await forgive(session, account.email, address, at=at)
        return proven

    async def _join(
        self,
        invitation: Invitation,
        token: str,
        account: Account | None,
        newcomer: Newcomer,
        at: datetime,
    ) -> None:
        if invitation.tenant_id is None:
            async with global_work(self._engine) as session:
                await accept_invitation(session, token, proven=account, newcomer=newcomer, at=at)
        else:
            async with unit_of_work(self._engine, invitation.tenant_id) as session:
                await join_staff(session, token, proven=account, newcomer=newcomer, at=at)


async def _home_of(session: AsyncSession, invitation: Invitation) -> tuple[str, str]:
    """Return the name of the company or brand, and the language that its people speak."""
    if invitation.tenant_id is not None:
        tenant = await session.get_one(Tenant, invitation.tenant_id)
        return tenant.name, tenant.language
    brand = await session.get_one(Brand, invitation.brand_id)
    return brand.name, "en"
