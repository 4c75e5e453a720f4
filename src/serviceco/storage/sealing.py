"""Secrets that must be read again, sealed before they are stored: AES-256-GCM, as a compact JWE.

The key derives from the password by which the application's role reaches the database: who can
read the table alone, or a copy of it, reads no secret. It changes with the owner's password.
"""

from joserfc import jwe
from joserfc.jwk import OctKey
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.storage.engines import derived_key

_HEADER = {"alg": "dir", "enc": "A256GCM"}
_ALGORITHMS = ["dir", "A256GCM"]


def sealed(session: AsyncSession, purpose: str, text: str) -> str:
    """Seal a text for a purpose, with the key of the session's role."""
    return jwe.encrypt_compact(_HEADER, text.encode(), _key(session, purpose), _ALGORITHMS)


def unsealed(session: AsyncSession, purpose: str, box: str) -> str:
    """Return what was sealed.

    Raises:
        joserfc.errors.JoseError: another key sealed it, or somebody changed it.
    """
    opened = jwe.decrypt_compact(box, _key(session, purpose), _ALGORITHMS)
    return (opened.plaintext or b"").decode()


def _key(session: AsyncSession, purpose: str) -> OctKey:
    url = session.get_bind().engine.url.render_as_string(hide_password=False)
    return OctKey.import_key(derived_key(url, purpose))
