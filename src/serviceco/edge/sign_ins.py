"""Opening and closing sign-ins for the pages; each step in a transaction of its own."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.core.actor import Actor
from serviceco.edge.authentication import Authenticator, utc_now
from serviceco.edge.cookies import SignInCookie
from serviceco.identity.queries import find_account
from serviceco.identity.sign_ins import (
    end_sign_in,
    open_sign_in,
    prove,
    switch_membership,
    take_attempt,
)
from serviceco.storage.unit_of_work import global_work


class SignIns:
    """What the sign-in page calls; every answer is the `Set-Cookie` value to send."""

    def __init__(
        self,
        auth_engine: AsyncEngine,
        authenticator: Authenticator,
        cookie: SignInCookie,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """Keep the engine of the role `serviceco_auth`."""
        self._engine = auth_engine
        self._authenticator = authenticator
        self._cookie = cookie
        self._clock = clock

    async def sign_in(self, *, email: str, password: str, address: str, agent: str = "") -> str:
        """Sign in to the company last used.

        Raises:
            WrongCredentials: e-mail and password do not match.
            TooManyAttempts: the account or the address must wait first.
            NoMembership: the account belongs to no company.
        """
        at = self._clock()
        async with global_work(self._engine) as session:
            await take_attempt(session, email=email, address=address, at=at)
        async with global_work(self._engine) as session:
            account = await find_account(session, email)
        proven = await prove(account, password)
        async with global_work(self._engine) as session:
            token, _ = await open_sign_in(session, proven, address=address, agent=agent, at=at)
        return self._cookie.written(token)

    async def sign_out(self, actor: Actor) -> str:
        """End the actor's sign-in."""
        async with global_work(self._engine) as session:
            await end_sign_in(session, actor.token_hash, at=self._clock())
        self._authenticator.forget(actor.token_hash)
        return self._cookie.forgotten()

    async def switch(
        self, actor: Actor, membership_id: UUID, *, address: str, agent: str = ""
    ) -> str:
        """Go on in another company of the same person, under a new token.

        Raises:
            NoMembership: the person does not belong to it.
        """
        async with global_work(self._engine) as session:
            token, _ = await switch_membership(
                session,
                actor.token_hash,
                membership_id,
                address=address,
                agent=agent,
                at=self._clock(),
            )
        self._authenticator.forget(actor.token_hash)
        return self._cookie.written(token)
