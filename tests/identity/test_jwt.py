import hmac
import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import pytest
from joserfc import jwt as jose
from joserfc.jwk import ECKey, RSAKey

from serviceco.identity import jwt
from tests.factories import NOON

ISSUER, AUDIENCE = "https://serviceco.test", "https://serviceco.test/graphql"
KEY = jwt.new_key("one")
CLAIMS: dict[str, Any] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "machine",
    "jti": "1",
    "iat": int(NOON.timestamp()),
    "exp": int((NOON + timedelta(minutes=10)).timestamp()),
}
HEADER = {"alg": "ES256", "typ": "at+jwt", "kid": "one"}


def read(text: str, *, seconds: int = 0, keys=(KEY,)):
    at = NOON + timedelta(seconds=seconds)
    return jwt.read(text, keys, issuer=ISSUER, audience=AUDIENCE, at=at)


def test_what_was_written_is_read():
    text = jwt.written(CLAIMS, KEY)
    assert jwt.looks_like_token(text)
    assert read(text) == CLAIMS
    assert read(text, keys=(jwt.new_key("two"), KEY)) == CLAIMS


def test_an_expired_token_is_none():
    text = jwt.written(CLAIMS, KEY)
    assert read(text, seconds=599) is not None
    assert read(text, seconds=601) is None


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://evil.test"},
        {"aud": "https://evil.test/graphql"},
        {"aud": ISSUER},
        {"exp": None},
        {"exp": "soon"},
        {"iss": None},
        {"aud": None},
        {"sub": None},
        {"jti": None},
    ],
)
def test_a_claim_that_is_wrong_or_missing_is_refused(change):
    claims = {name: value for name, value in (CLAIMS | change).items() if value is not None}
    assert read(jwt.written(claims, KEY)) is None


@pytest.mark.parametrize(
    "change",
    [{"typ": "JWT"}, {"typ": None}, {"kid": "two"}, {"kid": None}],
)
def test_a_header_that_is_not_ours_is_refused(change):
    header = {name: value for name, value in (HEADER | change).items() if value is not None}
    text = jose.encode(header, CLAIMS, KEY, algorithms=["ES256"], default_type=None)
    assert read(text) is None


def test_a_key_that_the_token_brings_along_is_not_looked_at():
    own = jwt.new_key("one")
    header = HEADER | {"jwk": own.as_dict(private=False)}
    assert read(jose.encode(header, CLAIMS, own, algorithms=["ES256"])) is None
    assert read(jose.encode(HEADER, CLAIMS, own, algorithms=["ES256"])) is None


def head_of(algorithm: str) -> str:
    head = json.dumps(HEADER | {"alg": algorithm}).encode()
    return urlsafe_b64encode(head).rstrip(b"=").decode()


def test_no_other_algorithm_is_read_not_even_none():
    head, body, signature = jwt.written(CLAIMS, KEY).split(".")
    none = f"{head_of('none')}.{body}."
    # Whoever took the public key for a secret would let everybody sign.
    public = KEY.as_pem(private=False)
    mark = hmac.digest(public, f"{head_of('HS256')}.{body}".encode(), "sha256")
    confused = f"{head_of('HS256')}.{body}.{urlsafe_b64encode(mark).rstrip(b'=').decode()}"
    rsa = jose.encode(
        HEADER | {"alg": "RS256"}, CLAIMS, RSAKey.generate_key(2048), algorithms=["RS256"]
    )
    p384 = jose.encode(
        HEADER | {"alg": "ES384"}, CLAIMS, ECKey.generate_key("P-384"), algorithms=["ES384"]
    )
    for text in (none, confused, rsa, p384, f"{head}.{body}.", f"{head}.{body}.{signature[:-4]}"):
        assert read(text) is None


@pytest.mark.parametrize("text", ["", "..", "eyJ..", "eyJhbGciOiJFUzI1NiJ9.e30.x", "é.é.é"])
def test_garbage_is_none(text):
    assert read(text) is None
