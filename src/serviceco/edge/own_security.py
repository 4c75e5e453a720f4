"""A person's own password, second factors and sign-ins; each change in a transaction of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.core.actor import Actor
from serviceco.core.refusals import NotFound
from serviceco.edge.gate import Gate, Visit
from serviceco.edge.second_steps import Challenge
from serviceco.identity.operations import change_password
from serviceco.identity.own_sign_ins import (
    current_sign_in,
    end_others,
    end_own,
    list_sign_ins,
    own_credentials,
    renew_sign_in,
)
from serviceco.identity.passkeys import (
    add_passkey,
    creation_options,
    list_passkeys,
    remove_passkey,
)
from serviceco.identity.pending import open_pending, use_pending
from serviceco.identity.sign_ins import forgive_codes, prove, take_code_attempt
from serviceco.identity.tables import Account, SignIn
from serviceco.identity.totp import (
    begin_totp,
    confirm_totp,
    count_recovery_codes,
    enrolment_uri,
    find_begun,
    has_app,
    remove_totp,
    renew_recovery_codes,
)
from serviceco.identity.words import PendingEnded, Purpose
from serviceco.storage.unit_of_work import global_work


@dataclass(frozen=True, slots=True)
class OwnSignIn:
    """One of a person's sign-ins, as their page shows it."""

    id: UUID
    address: str
    agent: str
    method: str
    since: datetime
    seen_at: datetime | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class OwnPasskey:
    """One of a person's passkeys, as their page shows it."""

    id: UUID
    name: str
    since: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class OwnFactors:
    """What protects the account; all of it is the provider's where `by_provider`."""

    by_provider: bool
    email: str = ""
    app: bool = False
    recovery_codes: int = 0
    passkeys: tuple[OwnPasskey, ...] = ()


@dataclass(frozen=True, slots=True)
class Renewed:
    """The `Set-Cookie` value of the session's new token, and recovery codes to show this once."""

    cookie: str
    codes: tuple[str, ...] = ()


class OwnSecurity:
    """What the pages below `/me` call. Whoever changes something shows their password first."""

    def __init__(self, gate: Gate) -> None:
        """Keep what the doors share."""
        self._gate = gate

    async def sign_ins(self, actor: Actor) -> list[OwnSignIn]:
        """Return the person's sign-ins that live, the latest first."""
        at = self._gate.clock()
        async with global_work(self._gate.engine) as session:
            await current_sign_in(session, actor, at=at)
            rows = await list_sign_ins(session, actor.account_id, at=at)
        return [_own(row, actor) for row in rows]

    async def end(self, actor: Actor, sign_in_id: UUID) -> None:
        """End one sign-in elsewhere.

        Raises:
            NotFound: the person has no such sign-in.
        """
        at = self._gate.clock()
        async with global_work(self._gate.engine) as session:
            await current_sign_in(session, actor, at=at)
            ended = await end_own(session, actor, sign_in_id, at=at)
        self._gate.authenticator.forget(ended)

    async def end_others(self, actor: Actor) -> None:
        """End every sign-in but this one."""
        at = self._gate.clock()
        async with global_work(self._gate.engine) as session:
            await current_sign_in(session, actor, at=at)
            ended = await end_others(session, actor, at=at)
        self._forget(ended)

    async def factors(self, actor: Actor) -> OwnFactors:
        """Return what protects the account."""
        async with global_work(self._gate.engine) as session:
            current, account = await current_sign_in(session, actor, at=self._gate.clock())
            if current.provider_id is not None:
                return OwnFactors(by_provider=True)
            return OwnFactors(
                by_provider=False,
                email=account.email,
                app=await has_app(session, account.id),
                recovery_codes=await count_recovery_codes(session, account.id),
                passkeys=tuple(
                    OwnPasskey(key.id, key.name, key.created_at, key.used_at)
                    for key in await list_passkeys(session, account.id)
                ),
            )

    async def change_password(self, actor: Actor, *, current: str, password: str) -> Renewed:
        """Replace the password, end the sign-ins elsewhere, and go on under a new token.

        Raises:
            WrongCredentials: the current password does not match.
            WeakPassword: the new one is too short or too long.
            TooManyAttempts: too many passwords were tried.
        """
        at = self._gate.clock()
        await self._take_attempt(actor)
        async with global_work(self._gate.engine) as session:
            sign_in, _ = await own_credentials(session, actor, at=at)
            await change_password(session, actor, current=current, password=password, at=at)
            return await self._renew(session, actor, sign_in, is_strong=sign_in.is_strong)

    async def begin_app(self, actor: Actor, *, password: str) -> None:
        """Choose the secret of an authenticator app, once the password is shown.

        Raises:
            WrongCredentials: the password does not match.
            FactorExists: there is an app already.
        """
        await self._prove(actor, password)
        async with global_work(self._gate.engine) as session:
            at = self._gate.clock()
            _, account = await own_credentials(session, actor, at=at)
            await begin_totp(session, account, key=self._gate.secrets_key, at=at)

    async def app_uri(self, actor: Actor) -> str:
        """Return what the app reads from the QR code.

        Raises:
            NotFound: no app waits for its first code.
        """
        async with global_work(self._gate.engine) as session:
            _, account = await own_credentials(session, actor, at=self._gate.clock())
            begun = await find_begun(session, account.id)
            if begun is None:
                raise NotFound("No authenticator app is being set up.")
            return enrolment_uri(begun, account, key=self._gate.secrets_key)

    async def confirm_app(self, actor: Actor, code: str) -> Renewed:
        """Take the app's first code; go on under a new token, with recovery codes to show once.

        Raises:
            WrongCode: the code is not right.
        """
        at = self._gate.clock()
        await self._take_attempt(actor)
        async with global_work(self._gate.engine) as session:
            sign_in, account = await own_credentials(session, actor, at=at)
            codes = await confirm_totp(session, account, code, key=self._gate.secrets_key, at=at)
            renewed = await self._renew(session, actor, sign_in, is_strong=True)
        return Renewed(renewed.cookie, tuple(codes))

    async def remove_app(self, actor: Actor, *, password: str) -> None:
        """Forget the app and its recovery codes."""
        await self._prove(actor, password)
        async with global_work(self._gate.engine) as session:
            _, account = await own_credentials(session, actor, at=self._gate.clock())
            await remove_totp(session, account.id)

    async def renew_codes(self, actor: Actor, *, password: str) -> tuple[str, ...]:
        """Return new recovery codes, to show once.

        Raises:
            NotFound: without an app there are none.
        """
        await self._prove(actor, password)
        at = self._gate.clock()
        async with global_work(self._gate.engine) as session:
            _, account = await own_credentials(session, actor, at=at)
            if not await has_app(session, account.id):
                raise NotFound("There is no authenticator app.")
            return tuple(await renew_recovery_codes(session, account.id, at=at))

    async def passkey_challenge(self, visit: Visit, actor: Actor, *, password: str) -> Challenge:
        """Return what the browser needs to make a passkey, once the password is shown."""
        await self._prove(actor, password)
        gate, at = self._gate, self._gate.clock()
        async with global_work(gate.engine) as session:
            _, account = await own_credentials(session, actor, at=at)
            token, _ = await open_pending(session, Purpose.NEW_PASSKEY, account=account, at=at)
            known = await list_passkeys(session, account.id)
            site = gate.site(visit)
            options = creation_options(account, known, token=token, site=site)
        return Challenge(options, gate.pending_cookie.written(token))

    async def add_passkey(
        self, visit: Visit, actor: Actor, credential: str, *, name: str
    ) -> Renewed:
        """Keep the passkey that the browser made, and go on under a new token.

        Raises:
            PendingEnded: the challenge was used, expired, or is another person's.
            WrongPasskey: the passkey does not verify.
        """
        gate, at = self._gate, self._gate.clock()
        async with global_work(gate.engine) as session:
            sign_in, account = await own_credentials(session, actor, at=at)
            pending = await use_pending(session, visit.pending, Purpose.NEW_PASSKEY, at=at)
            if pending.account_id != account.id:
                raise PendingEnded("This took too long. Please begin again.")
            await add_passkey(
                session,
                account,
                credential,
                name=name,
                token=visit.pending,
                site=gate.site(visit),
                at=at,
            )
            return await self._renew(session, actor, sign_in, is_strong=True)

    async def remove_passkey(self, actor: Actor, passkey_id: UUID, *, password: str) -> None:
        """Forget a passkey.

        Raises:
            NotFound: the person has no such passkey.
        """
        await self._prove(actor, password)
        async with global_work(self._gate.engine) as session:
            _, account = await own_credentials(session, actor, at=self._gate.clock())
            await remove_passkey(session, account.id, passkey_id)

    async def _prove(self, actor: Actor, password: str) -> Account:
        """Return the account, once its password was shown; wrong ones are counted."""
        await self._take_attempt(actor)
        async with global_work(self._gate.engine) as session:
            _, account = await own_credentials(session, actor, at=self._gate.clock())
        proven = await prove(account, password)
        async with global_work(self._gate.engine) as session:
            await forgive_codes(session, actor.account_id)
        return proven

    async def _take_attempt(self, actor: Actor) -> None:
        async with global_work(self._gate.engine) as session:
            await take_code_attempt(session, actor.account_id, at=self._gate.clock())

    async def _renew(
        self, session: AsyncSession, actor: Actor, sign_in: SignIn, *, is_strong: bool
    ) -> Renewed:
        await forgive_codes(session, actor.account_id)
        token, _ = await renew_sign_in(session, sign_in, is_strong=is_strong, at=self._gate.clock())
        self._gate.authenticator.forget(actor.token_hash)
        return Renewed(self._gate.cookie.written(token))

    def _forget(self, hashes: Sequence[bytes]) -> None:
        for hash_of_token in hashes:
            self._gate.authenticator.forget(hash_of_token)


def _own(row: SignIn, actor: Actor) -> OwnSignIn:
    return OwnSignIn(
        id=row.id,
        address=row.address,
        agent=row.agent,
        method=row.method.value,
        since=row.created_at,
        seen_at=row.seen_at,
        is_current=row.token_hash == actor.token_hash,
    )
