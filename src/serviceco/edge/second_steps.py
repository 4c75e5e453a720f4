"""What follows a right password, and signing in by passkey alone; each step in its own transaction."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.edge.gate import Gate, Visit
from serviceco.identity.passkeys import list_passkeys, pass_passkey, request_options
from serviceco.identity.pending import account_of, get_pending, open_pending, use_pending
from serviceco.identity.queries import get_account
from serviceco.identity.sign_ins import forgive_codes, open_strong, take_code_attempt
from serviceco.identity.tables import Account, PendingSignIn
from serviceco.identity.totp import confirm_totp, enrolment_uri, find_begun, has_app, pass_code
from serviceco.identity.words import Method, PendingEnded, Purpose
from serviceco.storage.unit_of_work import global_work


@dataclass(frozen=True, slots=True)
class Asked:
    """What the second step asks: a code, a passkey, or to set up an app by its `uri` first."""

    code: bool
    passkey: bool
    uri: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A new session: its `Set-Cookie` value, where the person was going, recovery codes to show."""

    cookie: str
    next_path: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Challenge:
    """Options for the browser's passkeys as JSON, and the `Set-Cookie` value, if there is a new one."""

    options: str
    cookie: str = ""


class SecondSteps:
    """What the pages of the second step call."""

    def __init__(self, gate: Gate) -> None:
        """Keep what the doors share."""
        self._gate = gate

    async def asked(self, visit: Visit) -> Asked:
        """Return what this browser's sign-in waits for.

        Raises:
            PendingEnded: it waits for nothing.
        """
        async with global_work(self._gate.engine) as session:
            pending, account = await self._begun(session, visit)
            if pending.purpose is Purpose.ENROLMENT:
                begun = await find_begun(session, account.id)
                if begun is None:
                    raise PendingEnded("This sign-in has ended. Please begin again.")
                key = self._gate.secrets_key
                return Asked(code=True, passkey=False, uri=enrolment_uri(begun, account, key=key))
            return Asked(
                code=await has_app(session, account.id),
                passkey=bool(await list_passkeys(session, account.id)),
            )

    async def by_code(self, visit: Visit, code: str) -> Opened:
        """Go on by a code: of the app, of recovery, or the first one of an app just set up.

        Raises:
            PendingEnded: this browser's sign-in has ended.
            TooManyAttempts: too many codes were tried for the account.
            WrongCode: the code is not right.
        """
        at = self._gate.clock()
        async with global_work(self._gate.engine) as session:
            _, account = await self._begun(session, visit)
            await take_code_attempt(session, account.id, at=at)
        async with global_work(self._gate.engine) as session:
            pending, account = await self._begun(session, visit)
            codes: list[str] = []
            key = self._gate.secrets_key
            if pending.purpose is Purpose.ENROLMENT:
                codes = await confirm_totp(session, account, code, key=key, at=at)
            else:
                await pass_code(session, account.id, code, key=key, at=at)
            pending.used_at = at
            await forgive_codes(session, account.id)
            token, _ = await open_strong(
                session, account, visit.browser, method=Method.PASSWORD, at=at
            )
        return Opened(self._gate.cookie.written(token), pending.next_path, tuple(codes))

    async def challenge(self, visit: Visit, next_path: str) -> Challenge:
        """Return a challenge for anybody's passkey, which begins a sign-in."""
        gate = self._gate
        async with global_work(gate.engine) as session:
            token, _ = await open_pending(
                session, Purpose.PASSKEY, next_path=next_path, at=gate.clock()
            )
        options = request_options((), token=token, site=gate.site(visit))
        return Challenge(options, gate.pending_cookie.written(token))

    async def second_challenge(self, visit: Visit) -> Challenge:
        """Return the challenge for a passkey of the account whose password was shown.

        Raises:
            PendingEnded: this browser's sign-in has ended.
        """
        async with global_work(self._gate.engine) as session:
            _, account = await self._begun(session, visit)
            known = await list_passkeys(session, account.id)
        return Challenge(request_options(known, token=visit.pending, site=self._gate.site(visit)))

    async def by_passkey(self, visit: Visit, credential: str) -> Opened:
        """Go on by the passkey's answer to the challenge, which serves once.

        Raises:
            PendingEnded: this browser's sign-in has ended.
            WrongPasskey: the passkey is unknown or its answer does not verify.
            NoMembership: the account is closed or belongs to no company.
        """
        gate, at = self._gate, self._gate.clock()
        purposes = (Purpose.PASSKEY, Purpose.SECOND_FACTOR)
        async with global_work(gate.engine) as session:
            pending = await use_pending(session, visit.pending, *purposes, at=at)
            proven = await account_of(session, pending) if pending.account_id else None
            passkey = await pass_passkey(
                session,
                credential,
                account_id=proven.id if proven else None,
                token=visit.pending,
                site=gate.site(visit),
                at=at,
            )
            account = proven or await get_account(session, passkey.account_id, lock=True)
            method = Method.PASSWORD if proven else Method.PASSKEY
            token, _ = await open_strong(session, account, visit.browser, method=method, at=at)
        return Opened(gate.cookie.written(token), pending.next_path)

    async def _begun(self, session: AsyncSession, visit: Visit) -> tuple[PendingSignIn, Account]:
        purposes = (Purpose.SECOND_FACTOR, Purpose.ENROLMENT)
        token, at = visit.pending, self._gate.clock()
        pending = await get_pending(session, token, *purposes, at=at)
        return pending, await account_of(session, pending)
