"""Opening and closing sign-ins for the pages; each step in a transaction of its own."""

from uuid import UUID

from serviceco.core.actor import Actor
from serviceco.edge.gate import Gate, SecondStepNeeded
from serviceco.identity.queries import find_account
from serviceco.identity.sign_ins import (
    end_sign_in,
    open_sign_in,
    prove,
    switch_membership,
    take_attempt,
)
from serviceco.identity.tables import PendingSignIn
from serviceco.identity.totp import begin_totp
from serviceco.identity.words import Purpose
from serviceco.storage.unit_of_work import global_work

SECOND_STEP = "/sign-in/second-step"


class SignIns:
    """What the sign-in page calls; every answer is the `Set-Cookie` value to send."""

    def __init__(self, gate: Gate) -> None:
        """Keep what the doors share."""
        self._gate = gate

    async def sign_in(
        self, *, email: str, password: str, address: str, agent: str = "", next_path: str = ""
    ) -> str:
        """Sign in to the company last used.

        Raises:
            WrongCredentials: e-mail and password do not match.
            TooManyAttempts: the account or the address must wait first.
            NoMembership: the account belongs to no company.
            SecondStepNeeded: all is well so far, but more than a password is asked.
        """
        gate, at = self._gate, self._gate.clock()
        async with global_work(gate.engine) as session:
            await take_attempt(session, email=email, address=address, at=at)
        async with global_work(gate.engine) as session:
            account = await find_account(session, email)
        proven = await prove(account, password)
        async with global_work(gate.engine) as session:
            token, opened = await open_sign_in(
                session, proven, address=address, agent=agent, next_path=next_path, at=at
            )
            if isinstance(opened, PendingSignIn) and opened.purpose is Purpose.ENROLMENT:
                await begin_totp(session, proven, key=gate.secrets_key, at=at)
        if isinstance(opened, PendingSignIn):
            raise SecondStepNeeded(gate.pending_cookie.written(token), SECOND_STEP)
        return gate.cookie.written(token)

    async def sign_out(self, actor: Actor) -> str:
        """End the actor's sign-in."""
        async with global_work(self._gate.engine) as session:
            await end_sign_in(session, actor.token_hash, at=self._gate.clock())
        self._gate.authenticator.forget(actor.token_hash)
        return self._gate.cookie.forgotten()

    async def switch(
        self, actor: Actor, membership_id: UUID, *, address: str, agent: str = ""
    ) -> str:
        """Go on in another company of the same person, under a new token.

        Raises:
            NoMembership: the person does not belong to it.
            SecondFactorNeeded: it asks for more than this sign-in showed.
        """
        async with global_work(self._gate.engine) as session:
            token, _ = await switch_membership(
                session,
                actor.token_hash,
                membership_id,
                address=address,
                agent=agent,
                at=self._gate.clock(),
            )
        self._gate.authenticator.forget(actor.token_hash)
        return self._gate.cookie.written(token)
