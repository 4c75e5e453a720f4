"""A provider of OpenID Connect that says whatever a test wants, signed by keys of its own."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from serviceco.edge.asgi import Receive, Scope, Send, answer

Claims = MutableMapping[str, Any]


def new_key(key_id: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": key_id, "use": "sig", "alg": "RS256"})


@dataclass
class Forger:
    """The provider; `twist` changes the claims, `sign` makes the token of them."""

    issuer: str
    keys: list[RSAKey | ECKey] = field(default_factory=lambda: [new_key("one")])
    person: Claims = field(default_factory=dict)
    says_issuer: bool = True
    twist: Callable[[Claims], object] = lambda claims: None
    sign: Callable[["Forger", Claims], str] | None = None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked_for_keys: int = 0

    def authorize(self, url: str) -> dict[str, str]:
        """Return the answer that a browser sent to `url` would bring back."""
        asked = dict(parse_qsl(urlsplit(url).query))
        assert url.startswith(f"{self.issuer}/authorize?")
        assert asked["code_challenge_method"] == "S256"
        assert asked["response_type"] == "code"
        code = token_urlsafe()
        self.codes[code] = asked
        back = {"code": code, "state": asked["state"]}
        return back | {"iss": self.issuer} if self.says_issuer else back

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] == "/token":
            body = parse_qs((await receive())["body"].decode())
            status, said = self._token({name: texts[0] for name, texts in body.items()})
        elif scope["path"] == "/keys":
            self.asked_for_keys += 1
            status, said = 200, {"keys": [key.as_dict(private=False) for key in self.keys]}
        else:
            status, said = 200, self._metadata()
        await answer(send, status, json.dumps(said).encode(), media_type=b"application/json")

    def _metadata(self) -> dict[str, object]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "ES256", "HS256", "none"],
            "authorization_response_iss_parameter_supported": self.says_issuer,
        }

    def _token(self, sent: dict[str, str]) -> tuple[int, dict[str, object]]:
        asked = self.codes.pop(sent["code"], None)
        if asked is None or sent["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(datetime.now(UTC).timestamp())
        claims: Claims = {
            "iss": self.issuer,
            "aud": asked["client_id"],
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 300,
            **self.person,
        }
        self.twist(claims)
        token = (self.sign or signed)(self, claims)
        return 200, {"access_token": "at", "token_type": "Bearer", "id_token": token}


def signed(forger: Forger, claims: Claims, **header: Any) -> str:
    """Sign as an honest provider does, unless a header says otherwise."""
    key = forger.keys[0]
    return jwt.encode({"alg": "RS256", "kid": key.kid, **header}, dict(claims), key)


def signed_by(key: RSAKey | ECKey, claims: Claims, **header: Any) -> str:
    algorithm = header.get("alg", "RS256")
    return jwt.encode(header, dict(claims), key, algorithms=[algorithm])


@asynccontextmanager
async def forging() -> AsyncIterator[Forger]:
    """Serve a provider on a free port, in the loop of the tests."""
    listener = socket.create_server(("127.0.0.1", 0))
    forger = Forger(f"http://127.0.0.1:{listener.getsockname()[1]}")
    server = uvicorn.Server(uvicorn.Config(forger, log_level="error", lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    yield forger
    server.should_exit = True
    await serving
