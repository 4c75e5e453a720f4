"""Access tokens as text: ES256 over the claims of RFC 9068, written and read. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

ALGORITHM = "ES256"
TYPE = "at+jwt"
LONGEST = 4_096
# The one algorithm, said at each use: what a token's own header asks for is never followed.
_ALGORITHMS = (ALGORITHM,)


def looks_like_token(text: str) -> bool:
    """Tell whether the text may be a token at all, before anything is asked of the database."""
    return text.count(".") == 2 and text.startswith("eyJ") and len(text) <= LONGEST


def new_key(kid: str) -> ECKey:
    """Return a new key on P-256 that signs under the id `kid`."""
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": ALGORITHM})


def written(claims: Mapping[str, Any], key: ECKey) -> str:
    """Return the signed token of the claims."""
    header = {"alg": ALGORITHM, "typ": TYPE, "kid": key.kid}
    return jwt.encode(header, dict(claims), key, algorithms=_ALGORITHMS)


def read(
    text: str, keys: Iterable[ECKey], *, issuer: str, audience: str, at: datetime
) -> Mapping[str, Any] | None:
    """Return the claims of a token that one of the keys signed for us and that has not expired.

    The key is found by the header's `kid` among ours; keys in the token itself are not looked at.
    """
    known = {key.kid: key for key in keys}
    required = jwt.JWTClaimsRegistry(
        now=int(at.timestamp()),
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": audience},
        exp={"essential": True},
        sub={"essential": True},
        jti={"essential": True},
    )
    try:
        token = jwt.decode(text, KeySet(list(known.values())), algorithms=_ALGORITHMS)
        if token.header.get("typ") != TYPE or token.header.get("kid") not in known:
            return None
        required.validate(token.claims)
    except (JoseError, ValueError):
        return None
    return token.claims
