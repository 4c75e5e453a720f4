"""Passkeys (WebAuthn): registering and using them. Role `serviceco_auth`."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import webauthn
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from serviceco.core.ids import new_id
from serviceco.core.refusals import NotFound
from serviceco.identity.factor_tables import Passkey
from serviceco.identity.rules import derived_secret
from serviceco.identity.tables import Account
from serviceco.identity.words import WrongPasskey

LONGEST_NAME = 60
_MOST_PASSKEYS = 20
# What the library raises at a credential that is not of the form that it expects.
_MISFITS = (WebAuthnException, ValueError, KeyError, TypeError)


@dataclass(frozen=True, slots=True)
class Site:
    """The site to which passkeys belong: its origin, and the host that is their scope."""

    origin: str
    host: str


def creation_options(account: Account, known: Sequence[Passkey], *, token: str, site: Site) -> str:
    """Return what the browser needs to make a passkey, as JSON."""
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name="serviceco",
        user_id=account.id.bytes,
        user_name=account.email,
        user_display_name=account.name,
        challenge=_challenge(token),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=_descriptors(known),
    )
    return webauthn.options_to_json(options)


def request_options(known: Sequence[Passkey], *, token: str, site: Site) -> str:
    """Return what the browser needs to use one of these passkeys, or any where none is named."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host,
        challenge=_challenge(token),
        allow_credentials=_descriptors(known),
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


async def add_passkey(
    session: AsyncSession,
    account: Account,
    credential: str,
    *,
    name: str,
    token: str,
    site: Site,
    at: datetime,
) -> Passkey:
    """Keep a passkey that the browser made for this token's challenge.

    Raises:
        WrongPasskey: it does not verify, is known already, or the account has twenty.
    """
    refused = WrongPasskey("This passkey could not be verified. Please try again.")
    try:
        verified = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=_challenge(token),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except _MISFITS as misfit:
        raise refused from misfit
    known = await list_passkeys(session, account.id)
    if len(known) >= _MOST_PASSKEYS or await _find(session, verified.credential_id):
        raise refused
    passkey = Passkey(
        id=new_id(),
        account_id=account.id,
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        name=name.strip()[:LONGEST_NAME] or site.host,
        created_at=at,
    )
    session.add(passkey)
    await session.flush()
    return passkey


async def pass_passkey(
    session: AsyncSession,
    credential: str,
    *,
    account_id: UUID | None,
    token: str,
    site: Site,
    at: datetime,
) -> Passkey:
    """Take the answer of a passkey, of this account or (None) of whichever it belongs to.

    The authenticator's counter must have moved: where it stands still, the key was copied.

    Raises:
        WrongPasskey: it is unknown, another account's, or does not verify.
    """
    refused = WrongPasskey("This passkey was not accepted. Please try again.")
    try:
        answer = json.loads(credential)
        passkey = await _find(session, _bytes(answer["rawId"]), lock=True)
        handle = answer["response"].get("userHandle")
        if passkey is None or not _is_of(passkey, account_id, handle):
            raise refused
        verified = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=_challenge(token),
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (*_MISFITS, AttributeError) as misfit:
        raise refused from misfit
    passkey.sign_count = verified.new_sign_count
    passkey.used_at = at
    await session.flush()
    return passkey


async def list_passkeys(session: AsyncSession, account_id: UUID) -> Sequence[Passkey]:
    """Return the account's passkeys, oldest first."""
    rows = await session.scalars(
        select(Passkey).where(Passkey.account_id == account_id).order_by(Passkey.id)
    )
    return rows.all()


async def remove_passkey(session: AsyncSession, account_id: UUID, passkey_id: UUID) -> None:
    """Forget a passkey of the account.

    Raises:
        NotFound: the account has no such passkey.
    """
    gone = await session.scalar(
        delete(Passkey)
        .where(Passkey.account_id == account_id, Passkey.id == passkey_id)
        .returning(Passkey.id)
    )
    if gone is None:
        raise NotFound("There is no such passkey.")


async def _find(
    session: AsyncSession, credential_id: bytes, *, lock: bool = False
) -> Passkey | None:
    wanted = select(Passkey).where(Passkey.credential_id == credential_id)
    found: Passkey | None = await session.scalar(wanted.with_for_update() if lock else wanted)
    return found


def _is_of(passkey: Passkey, account_id: UUID | None, handle: str | None) -> bool:
    """Tell whether the passkey is the account's; without one named, it must say whose it is."""
    if account_id is not None and passkey.account_id != account_id:
        return False
    if handle is None:
        return account_id is not None
    return _bytes(handle) == passkey.account_id.bytes


def _descriptors(known: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=passkey.credential_id) for passkey in known]


def _challenge(token: str) -> bytes:
    return _bytes(derived_secret(token, "challenge"))


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
