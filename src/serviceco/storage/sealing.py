"""Secrets that must be read again, sealed before they are stored: AES-256-GCM, as a compact JWE.

Keys derive from a password by which the database is reached: who can read the table alone, or a
copy of it, reads no secret. They change with the owner's password.
"""

from joserfc import jwe
from joserfc.jwk import OctKey
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.storage.engines import derived_key

_HEADER = {"alg": "dir", "enc": "A256GCM"}
_ALGORITHMS = ["dir", "A256GCM"]


def sealed(text: str, key: bytes) -> str:
    """Seal a secret with a key of 32 bytes."""
    return jwe.encrypt_compact(_HEADER, text.encode(), OctKey.import_key(key), _ALGORITHMS)


def unsealed(box: str, key: bytes) -> str:
    """Return what was sealed.

    Raises:
        joserfc.errors.JoseError: another key sealed it, or somebody changed it.
    """
    opened = jwe.decrypt_compact(box, OctKey.import_key(key), _ALGORITHMS)
    return (opened.plaintext or b"").decode()


def sealing_key(session: AsyncSession, purpose: str) -> bytes:
    """Return the key for a purpose, derived from the password of the session's own role."""
    url = session.get_bind().engine.url.render_as_string(hide_password=False)
    return derived_key(url, purpose)
