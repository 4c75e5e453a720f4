"""Codes of an authenticator app (RFC 6238) and of recovery. Role `serviceco_auth`."""

import hashlib
import secrets
from base64 import b32encode
from datetime import datetime
from hmac import compare_digest
from uuid import UUID

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.identity.factor_tables import RecoveryCode, Totp
from serviceco.identity.tables import Account
from serviceco.identity.words import FactorExists, WrongCode
from serviceco.storage.sealing import sealed, unsealed

STEP_SECONDS = 30
RECOVERY_CODES = 10
_RECOVERY_BYTES = 10
_ISSUER = "serviceco"


async def begin_totp(session: AsyncSession, account: Account, *, key: bytes, at: datetime) -> Totp:
    """Choose a secret for an authenticator app; it counts for nothing until `confirm_totp`.

    Raises:
        FactorExists: an app is confirmed already; it is removed first.
    """
    totp = await session.get(Totp, account.id, with_for_update=True)
    if totp is not None and totp.confirmed_at is not None:
        raise FactorExists("There is an authenticator app already. Remove it first.")
    if totp is None:
        totp = Totp(account_id=account.id, last_step=0)
        session.add(totp)
    totp.secret = sealed(pyotp.random_base32(), key)
    totp.created_at = at
    await session.flush()
    return totp


async def find_begun(session: AsyncSession, account_id: UUID) -> Totp | None:
    """Return the app that waits for its first code."""
    totp = await session.get(Totp, account_id)
    return totp if totp is not None and totp.confirmed_at is None else None


def enrolment_uri(totp: Totp, account: Account, *, key: bytes) -> str:
    """Return what an authenticator app reads from the QR code, with the secret in it."""
    secret = unsealed(totp.secret, key)
    return pyotp.TOTP(secret).provisioning_uri(name=account.email, issuer_name=_ISSUER)


async def confirm_totp(
    session: AsyncSession, account: Account, code: str, *, key: bytes, at: datetime
) -> list[str]:
    """Take the first code of the app; return the recovery codes, which are shown this once.

    Raises:
        WrongCode: no app waits, or this is not its code.
    """
    totp = await session.get(Totp, account.id, with_for_update=True)
    if totp is None or totp.confirmed_at is not None or not _take_step(totp, code, key, at):
        raise WrongCode("This code is not right. Wait for the next one.", field="code")
    totp.confirmed_at = at
    return await renew_recovery_codes(session, account.id, at=at)


async def renew_recovery_codes(
    session: AsyncSession, account_id: UUID, *, at: datetime
) -> list[str]:
    """Return ten new recovery codes, which are shown this once; earlier ones end."""
    await session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    codes = [
        b32encode(secrets.token_bytes(_RECOVERY_BYTES)).decode() for _ in range(RECOVERY_CODES)
    ]
    session.add_all(
        RecoveryCode(code_hash=_hash(code), account_id=account_id, created_at=at) for code in codes
    )
    await session.flush()
    return ["-".join(code[place : place + 4] for place in range(0, len(code), 4)) for code in codes]


async def pass_code(
    session: AsyncSession, account_id: UUID, code: str, *, key: bytes, at: datetime
) -> None:
    """Take a code of the app, or a recovery code; neither is taken twice.

    Raises:
        WrongCode: it is neither, or it was taken before.
    """
    totp = await session.get(Totp, account_id, with_for_update=True)
    if totp is not None and totp.confirmed_at is not None and _take_step(totp, code, key, at):
        await session.flush()
        return
    taken = await session.scalar(
        update(RecoveryCode)
        .where(
            RecoveryCode.code_hash == _hash(_plain(code)),
            RecoveryCode.account_id == account_id,
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=at)
        .returning(RecoveryCode.account_id)
    )
    if taken is None:
        raise WrongCode("This code is not right, or was used before.", field="code")


async def remove_totp(session: AsyncSession, account_id: UUID) -> None:
    """Forget the account's app and its recovery codes; forgetting twice changes nothing."""
    await session.execute(delete(Totp).where(Totp.account_id == account_id))
    await session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))


async def count_recovery_codes(session: AsyncSession, account_id: UUID) -> int:
    """Return how many recovery codes are left."""
    left = await session.scalar(
        select(func.count()).where(
            RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None)
        )
    )
    return left or 0


async def has_app(session: AsyncSession, account_id: UUID) -> bool:
    """Tell whether an app is confirmed."""
    totp = await session.get(Totp, account_id)
    return totp is not None and totp.confirmed_at is not None


def _take_step(totp: Totp, code: str, key: bytes, at: datetime) -> bool:
    """Move the app to the step whose code this is: the present one, or one beside it, never back."""
    app = pyotp.TOTP(unsealed(totp.secret, key))
    now, typed = int(at.timestamp()) // STEP_SECONDS, _plain(code).encode()
    for step in (now - 1, now, now + 1):
        expected = app.at(step * STEP_SECONDS).encode()
        if step > totp.last_step and compare_digest(typed, expected):
            totp.last_step = step
            return True
    return False


def _plain(code: str) -> str:
    return code.replace("-", "").replace(" ", "").strip().upper()


def _hash(code: str) -> bytes:
    # 80 random bits need no salt and no slow hash.
    return hashlib.sha256(code.encode()).digest()
