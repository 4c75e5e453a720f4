"""Signing in and out. Sessions are of the role `serviceco_auth`.

Signing in takes four steps, because the attempt must stay counted when the password is wrong,
and no transaction may wait for the slow hash: `take_attempt`, `find_account`, `prove`,
`open_sign_in`. The edge opens their transactions. Where more than a password is asked, the last
one opens no session but a sign-in under way (pending.py).
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.identity.factors import is_factor_required, second_step
from serviceco.identity.passwords import matches
from serviceco.identity.pending import open_pending
from serviceco.identity.queries import get_account, list_memberships
from serviceco.identity.rules import (
    FORGOTTEN_AFTER,
    FREE_CODES,
    FREE_PER_ACCOUNT,
    FREE_PER_ADDRESS,
    SIGN_IN_LASTS,
    counted,
    folded_email,
    network_of,
    new_token,
    token_hash,
    wait_before,
)
from serviceco.identity.tables import (
    Account,
    Membership,
    PendingSignIn,
    SignIn,
    SignInThrottle,
)
from serviceco.identity.words import (
    Browser,
    Method,
    NoMembership,
    SecondFactorNeeded,
    TooManyAttempts,
    WrongCredentials,
)

_LONGEST_AGENT = 200
_BATCH = 500


async def take_attempt(session: AsyncSession, *, email: str, address: str, at: datetime) -> None:
    """Count an attempt for the account and the address, in a transaction of its own.

    It counts as a failure until `open_sign_in` forgives it, so that attempts at the same moment
    cannot all pass before the first is counted.

    Raises:
        TooManyAttempts: the account or the address must wait first; the attempt is not counted.
    """
    # The account's row first, then the address's: always in this order, so none wait in a circle.
    await _take(
        session, {_account(email): FREE_PER_ACCOUNT, _network(address): FREE_PER_ADDRESS}, at
    )


async def take_code_attempt(session: AsyncSession, account_id: UUID, *, at: datetime) -> None:
    """Count an attempt at a second factor, or at the password of who is signed in; as `take_attempt`.

    Raises:
        TooManyAttempts: the account must wait first; the attempt is not counted.
    """
    await _take(session, {_codes(account_id): FREE_CODES}, at)


async def forgive_codes(session: AsyncSession, account_id: UUID) -> None:
    """Forget the attempts of `take_code_attempt`, after a right one."""
    await session.execute(
        delete(SignInThrottle).where(SignInThrottle.subject == _codes(account_id))
    )


async def take_look_up(session: AsyncSession, *, number: str, address: str, at: datetime) -> None:
    """Count an attempt to find an order by its number and a telephone, as `take_attempt` does.

    Raises:
        TooManyAttempts: the number or the address must wait first; the attempt is not counted.
    """
    await _take(session, {_order(number): FREE_PER_ACCOUNT, _looker(address): FREE_PER_ADDRESS}, at)


async def forgive_look_up(session: AsyncSession, *, number: str, address: str) -> None:
    """Give back an attempt that found its order."""
    await session.execute(
        update(SignInThrottle)
        .where(
            SignInThrottle.subject.in_([_order(number), _looker(address)]),
            SignInThrottle.failures > 0,
        )
        .values(failures=SignInThrottle.failures - 1)
    )


async def prove(account: Account | None, password: str) -> Account:
    """Return the account whose password it is; unknown, closed and wrong take the same time.

    Raises:
        WrongCredentials: in all three cases, with one sentence.
    """
    known = account if account and account.is_active else None
    if not await matches(known.password_hash if known else None, password) or known is None:
        raise WrongCredentials("E-mail and password do not match.", field="password")
    return known


async def open_sign_in(
    session: AsyncSession,
    proven: Account,
    *,
    address: str,
    agent: str,
    next_path: str = "",
    at: datetime,
) -> tuple[str, SignIn | PendingSignIn]:
    """Sign in to the company last used and return the token, which only the cookie keeps.

    Where the account has a second factor, or its company asks for one, there is no session yet
    but a sign-in under way, that goes on to `next_path`.

    Raises:
        WrongCredentials: the account was closed or changed since it was proven.
        NoMembership: the account belongs to no company and no brand.
    """
    account = await get_account(session, proven.id, lock=True)
    if not account.is_active or account.password_hash != proven.password_hash:
        raise WrongCredentials("E-mail and password do not match.", field="password")
    memberships = await list_memberships(session, account.id)
    if not memberships:
        raise NoMembership("This account belongs to no company.")
    await forgive(session, account.email, address, at=at)
    purpose = await second_step(session, memberships[0])
    if purpose is not None:
        return await open_pending(session, purpose, account=account, next_path=next_path, at=at)
    browser = Browser(address=address, agent=agent)
    return await mint_sign_in(session, memberships[0], browser, method=Method.PASSWORD, at=at)


async def open_strong(
    session: AsyncSession, account: Account, browser: Browser, *, method: Method, at: datetime
) -> tuple[str, SignIn]:
    """Sign in to the company last used, after a second factor or a passkey.

    Raises:
        NoMembership: the account is closed, or belongs to no company and no brand.
    """
    memberships = await list_memberships(session, account.id)
    if not memberships or not account.is_active:
        raise NoMembership("This account belongs to no company.")
    return await mint_sign_in(
        session, memberships[0], browser, method=method, is_strong=True, at=at
    )


async def switch_membership(
    session: AsyncSession,
    current_hash: bytes,
    membership_id: UUID,
    *,
    address: str,
    agent: str,
    at: datetime,
) -> tuple[str, SignIn]:
    """End the current sign-in and open one for another membership of the same account.

    Raises:
        NoMembership: the current sign-in has ended, came through a provider, or its account has
            no such membership.
        SecondFactorNeeded: the other company asks for more than was shown.
    """
    current = await session.scalar(
        update(SignIn)
        .where(SignIn.token_hash == current_hash, SignIn.ended_at.is_(None), SignIn.expires_at > at)
        .values(ended_at=at)
        .returning(SignIn)
    )
    membership = await session.scalar(
        select(Membership).where(
            Membership.id == membership_id,
            Membership.account_id == (current.account_id if current else None),
            Membership.is_active,
        )
    )
    # A provider vouches for people of its own company; elsewhere it has no say.
    if membership is None or current is None or current.provider_id is not None:
        raise NoMembership("You do not belong to this company.")
    if not current.is_strong and await is_factor_required(session, membership):
        raise SecondFactorNeeded("This company asks for a second factor. Set one up first.")
    browser = Browser(address=address, agent=agent)
    return await mint_sign_in(
        session,
        membership,
        browser,
        method=current.method,
        is_strong=current.is_strong,
        at=at,
    )


async def end_sign_in(session: AsyncSession, hash_of_token: bytes, *, at: datetime) -> None:
    """End a sign-in; ending it twice changes nothing."""
    await session.execute(
        update(SignIn)
        .where(SignIn.token_hash == hash_of_token, SignIn.ended_at.is_(None))
        .values(ended_at=at)
    )


async def forget_sign_ins(session: AsyncSession, tenant_id: UUID, *, before: datetime) -> int:
    """Delete records of sign-ins to a tenant that ended before then, in batches; return how many."""
    forgotten = 0
    while True:
        old = (
            select(SignIn.token_hash)
            .join(Membership, Membership.id == SignIn.membership_id)
            .where(Membership.tenant_id == tenant_id, SignIn.expires_at < before)
            .limit(_BATCH)
        )
        gone = await session.execute(
            delete(SignIn).where(SignIn.token_hash.in_(old)).returning(SignIn.token_hash)
        )
        count = len(gone.all())
        forgotten += count
        if count < _BATCH:
            return forgotten


async def mint_sign_in(
    session: AsyncSession,
    membership: Membership,
    browser: Browser,
    *,
    method: Method,
    is_strong: bool = False,
    provider_id: UUID | None = None,
    at: datetime,
) -> tuple[str, SignIn]:
    """Open a session under a token of its own; whatever was shown before opened none."""
    token = new_token()
    sign_in = SignIn(
        token_hash=token_hash(token),
        account_id=membership.account_id,
        membership_id=membership.id,
        created_at=at,
        expires_at=at + SIGN_IN_LASTS,
        address=browser.address,
        agent=browser.agent[:_LONGEST_AGENT],
        method=method,
        is_strong=is_strong,
        provider_id=provider_id,
        seen_at=at,
    )
    session.add(sign_in)
    await session.flush()
    return token, sign_in


async def _take(session: AsyncSession, bounds: dict[str, int], at: datetime) -> None:
    for subject, free in bounds.items():
        seen, last_at = await _locked(session, subject, at=at)
        failures = counted(seen, last_at, at=at)
        wait = wait_before(failures, last_at, free=free, at=at)
        if wait:
            seconds = max(1, round(wait.total_seconds()))
            raise TooManyAttempts(
                f"Too many attempts. Try again in {seconds} seconds.", wait_seconds=seconds
            )
        await session.execute(
            update(SignInThrottle)
            .where(SignInThrottle.subject == subject)
            .values(failures=failures + 1, last_at=at)
        )


async def _locked(session: AsyncSession, subject: str, *, at: datetime) -> tuple[int, datetime]:
    row = await session.execute(
        insert(SignInThrottle)
        .values(subject=subject, failures=0, last_at=at)
        .on_conflict_do_update(
            index_elements=["subject"], set_={"failures": SignInThrottle.failures}
        )
        .returning(SignInThrottle.failures, SignInThrottle.last_at)
    )
    failures, last_at = row.one()
    return failures, last_at


async def forgive(session: AsyncSession, email: str, address: str, *, at: datetime) -> None:
    """Forget the attempts at an account whose password was right."""
    # A right password clears its account; the address is only given this one attempt back, or
    # an attacker with one account of their own could guess at others without end.
    await session.execute(delete(SignInThrottle).where(SignInThrottle.subject == _account(email)))
    await session.execute(
        update(SignInThrottle)
        .where(SignInThrottle.subject == _network(address), SignInThrottle.failures > 0)
        .values(failures=SignInThrottle.failures - 1)
    )
    forgotten = (
        select(SignInThrottle.subject)
        .where(SignInThrottle.last_at < at - FORGOTTEN_AFTER)
        .with_for_update(skip_locked=True)
    )
    await session.execute(delete(SignInThrottle).where(SignInThrottle.subject.in_(forgotten)))


def _account(email: str) -> str:
    return f"account:{folded_email(email)}"


def _order(number: str) -> str:
    return f"order:{folded_email(number)}"


def _looker(address: str) -> str:
    return f"looker:{network_of(address)}"


def _network(address: str) -> str:
    return f"address:{network_of(address)}"


def _codes(account_id: UUID) -> str:
    return f"codes:{account_id}"
