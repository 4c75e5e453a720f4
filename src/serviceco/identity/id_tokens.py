"""ID tokens of OpenID Connect: what must hold before a word in one is believed. Pure."""

import hashlib
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey, import_key
from joserfc.jws import JWSRegistry

# Asymmetric alone, and each with the one type of key that signs by it: a token never chooses.
ALGORITHMS: Mapping[str, str] = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "ES384": "EC"}
LEEWAY = timedelta(seconds=60)
# A token is made for this sign-in, which takes ten minutes at most.
OLDEST = timedelta(minutes=15)
_LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, 2: at most 255 ASCII characters
# Headers by which a token would bring its own key, or rules that we do not know.
_FORBIDDEN_HEADERS = ("jwk", "jku", "x5u", "x5c", "crit", "b64")


class IdTokenRefused(Exception):  # noqa: N818 - the reason for the log; people read a refusal
    """The token is not to be believed; the message says why."""


class UnknownKey(IdTokenRefused):
    """No key of the set has the token's id: the provider may have changed its keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a token must say: of whom, for whom, in answer to what, signed by which algorithm."""

    issuer: str
    client_id: str
    nonce: str
    algorithms: frozenset[str]
    access_token: str | None = None


def verified_claims(
    token: str, keys: Sequence[Mapping[str, Any]], expected: Expected, *, at: datetime
) -> dict[str, Any]:
    """Return the claims of a token that holds; `keys` are those of the provider's published set.

    Raises:
        UnknownKey: no key has the token's id.
        IdTokenRefused: anything else does not hold.
    """
    header = _header(token)
    algorithm = header.get("alg")
    if algorithm not in ALGORITHMS or algorithm not in expected.algorithms:
        raise IdTokenRefused(f"signed by {algorithm!r}")
    brought = [name for name in _FORBIDDEN_HEADERS if name in header]
    if brought:
        raise IdTokenRefused(f"brings {brought[0]} along")
    key = _key(keys, header.get("kid"), algorithm)
    registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    try:
        claims = jwt.decode(token, key, algorithms=[algorithm], registry=registry).claims
    except (JoseError, ValueError) as fault:
        raise IdTokenRefused(f"the signature does not verify: {fault}") from fault
    _check_parties(claims, expected)
    _check_times(claims, at)
    _check_bindings(claims, expected, algorithm)
    return claims


def _header(token: str) -> dict[str, Any]:
    try:
        part = token.split(".", maxsplit=1)[0]
        header = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError as fault:
        raise IdTokenRefused("no token") from fault
    if not isinstance(header, dict):
        raise IdTokenRefused("no token")
    return header


def _key(keys: Sequence[Mapping[str, Any]], key_id: object, algorithm: str) -> RSAKey | ECKey:
    named = [key for key in keys if key_id is None or key.get("kid") == key_id]
    if not named:
        raise UnknownKey(f"no key {key_id!r}")
    fitting = [
        key
        for key in named
        if key.get("kty") == ALGORITHMS[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
    ]
    if len(fitting) != 1:
        raise IdTokenRefused(f"{len(fitting)} keys fit {algorithm}")
    try:
        key = import_key(dict(fitting[0]))
    except (JoseError, ValueError, KeyError) as fault:
        raise IdTokenRefused("the key cannot be read") from fault
    if not isinstance(key, RSAKey | ECKey):
        raise IdTokenRefused("the key is of no such type")
    return key


def _check_parties(claims: Mapping[str, Any], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise IdTokenRefused("from another issuer")
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or expected.client_id not in audiences:
        raise IdTokenRefused("for another client")
    party = claims.get("azp")
    if (party is not None or len(audiences) > 1) and party != expected.client_id:
        raise IdTokenRefused("given to another party")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject or "\0" in subject:
        raise IdTokenRefused("about nobody")
    if len(subject) > _LONGEST_SUBJECT:
        raise IdTokenRefused("about somebody with too long a name")


def _check_times(claims: Mapping[str, Any], at: datetime) -> None:
    now = at.timestamp()
    until, since = _instant(claims, "exp"), _instant(claims, "iat")
    if until <= now - LEEWAY.total_seconds():
        raise IdTokenRefused("expired")
    if not now - OLDEST.total_seconds() <= since <= now + LEEWAY.total_seconds():
        raise IdTokenRefused("made at another time")
    if "nbf" in claims and _instant(claims, "nbf") > now + LEEWAY.total_seconds():
        raise IdTokenRefused("not valid yet")


def _instant(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise IdTokenRefused(f"without {name}")
    return float(value)


def _check_bindings(claims: Mapping[str, Any], expected: Expected, algorithm: str) -> None:
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not compare_digest(nonce.encode(), expected.nonce.encode()):
        raise IdTokenRefused("in answer to another request")
    if "at_hash" in claims:
        wanted = _half_hash(expected.access_token or "", algorithm)
        if not compare_digest(str(claims["at_hash"]).encode(), wanted.encode()):
            raise IdTokenRefused("with another access token")


def _half_hash(text: str, algorithm: str) -> str:
    """Return the left half of a hash, as OpenID Connect Core 1.0, 3.1.3.6 binds an access token."""
    digest = hashlib.new(f"sha{algorithm[2:]}", text.encode()).digest()
    return urlsafe_b64encode(digest[: len(digest) // 2]).decode().rstrip("=")
