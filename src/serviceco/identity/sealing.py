"""Secrets that must be read again, sealed before they are stored: AES-256-GCM, as a compact JWE."""

from joserfc import jwe
from joserfc.jwk import OctKey

_ALGORITHMS = ("dir", "A256GCM")


def sealed(text: str, key: bytes) -> str:
    """Seal a secret with a key of 32 bytes."""
    header = {"alg": "dir", "enc": "A256GCM"}
    return jwe.encrypt_compact(header, text.encode(), OctKey.import_key(key), _ALGORITHMS)


def unsealed(box: str, key: bytes) -> str:
    """Return what was sealed.

    Raises:
        joserfc.errors.JoseError: another key sealed it, or somebody changed it.
    """
    opened = jwe.decrypt_compact(box, OctKey.import_key(key), _ALGORITHMS)
    return (opened.plaintext or b"").decode()
