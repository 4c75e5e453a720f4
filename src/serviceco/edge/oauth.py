"""OAuth 2.0 for machines over HTTP: tokens, their end, what they allow, and the keys to check them.

The client credentials grant of RFC 6749, revocation (RFC 7009), introspection (RFC 7662), keys
(RFC 7517) and metadata (RFC 8414). Programs read it, so it speaks English and JSON alone.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from serviceco.core.actor import Permission
from serviceco.edge.asgi import Receive, Scope, Send, answer, header
from serviceco.edge.authentication import utc_now
from serviceco.identity.client_tables import ClientSecret, MachineClient
from serviceco.identity.signing import published_keys
from serviceco.identity.token_rules import KEYS_REMEMBERED
from serviceco.identity.tokens import (
    Issuer,
    introspect_token,
    issue_token,
    prove_client,
    revoke_token,
)
from serviceco.identity.words import TokenRefused
from serviceco.storage.unit_of_work import global_work

METADATA = "/.well-known/oauth-authorization-server"
TOKEN, REVOKE, INTROSPECT, KEYS = (
    "/oauth/token",
    "/oauth/revoke",
    "/oauth/introspect",
    "/oauth/jwks",
)
MOST_FORM_BYTES = 16_384
MOST_FIELDS = 20
_FORM = b"application/x-www-form-urlencoded"
_CHALLENGE = (b"www-authenticate", b'Basic realm="serviceco", charset="UTF-8"')
_KEPT = (b"cache-control", b"public, max-age=%d" % KEYS_REMEMBERED.total_seconds())
_NOT_KEPT = ((b"cache-control", b"no-store"), (b"pragma", b"no-cache"))

Form = Mapping[str, str]
Proven = tuple[MachineClient, ClientSecret]
Reply = Callable[[AsyncSession, Form, Proven, datetime], Awaitable[Any]]


class OAuthFront:
    """The doors of the authorisation server."""

    def __init__(
        self,
        auth_engine: AsyncEngine,
        issuer: Issuer,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """Keep the engine of the role `serviceco_auth`; nothing is read yet."""
        self._engine = auth_engine
        self._issuer = issuer
        self._clock = clock
        self._replies: Mapping[str, Reply] = {
            TOKEN: self._token,
            REVOKE: self._revoke,
            INTROSPECT: self._introspect,
        }

    @staticmethod
    def serves(path: str) -> bool:
        """Tell whether the path is one of the doors, or could have been meant to be."""
        return path.startswith("/oauth/") or path == METADATA

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path, method = scope["path"], scope["method"]
        if path in {METADATA, KEYS} and method in {"GET", "HEAD"}:
            known = self._metadata() if path == METADATA else await self._keys()
            await _send(send, 200, known, _KEPT)
        elif path in {METADATA, KEYS} or (path in self._replies and method != "POST"):
            allowed = b"POST" if path in self._replies else b"GET, HEAD"
            refused = TokenRefused("invalid_request", "The method is not allowed here.")
            await _send(send, 405, _told(refused), *_NOT_KEPT, (b"allow", allowed))
        elif path in self._replies:
            await self._reply(self._replies[path], scope, receive, send)
        else:
            await answer(send, 404, b"There is nothing here.")

    async def _reply(self, reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
        at = self._clock()
        try:
            form = await _form(scope, receive)
            client_id, secret = _credentials(scope, form)
            async with global_work(self._engine) as session:
                proven = await prove_client(session, client_id, secret, at=at)
                told = await reply(session, form, proven, at)
        except TokenRefused as refused:
            # RFC 6749, 5.2: 401 and a challenge for a client that is not recognised, else 400.
            is_unknown = refused.error == "invalid_client"
            headers = (*_NOT_KEPT, _CHALLENGE) if is_unknown else _NOT_KEPT
            await _send(send, 401 if is_unknown else 400, _told(refused), *headers)
        else:
            await _send(send, 200, told, *_NOT_KEPT)

    async def _token(
        self, session: AsyncSession, form: Form, proven: Proven, at: datetime
    ) -> dict[str, object]:
        grant = form.get("grant_type")
        if grant is None:
            raise TokenRefused("invalid_request", "grant_type is missing.")
        if grant != "client_credentials":
            raise TokenRefused("unsupported_grant_type", "Only client_credentials is granted.")
        client, secret = proven
        issued = await issue_token(
            session, self._issuer, client, scope=form.get("scope"), secret=secret, at=at
        )
        return {
            "access_token": issued.text,
            "token_type": "Bearer",
            "expires_in": issued.seconds,
            "scope": " ".join(issued.scopes),
        }

    async def _revoke(
        self, session: AsyncSession, form: Form, proven: Proven, at: datetime
    ) -> dict[str, object]:
        await revoke_token(session, proven[0], _required(form, "token"), at=at)
        return {}

    async def _introspect(
        self, session: AsyncSession, form: Form, proven: Proven, at: datetime
    ) -> dict[str, object]:
        token = _required(form, "token")
        return await introspect_token(session, self._issuer, proven[0], token, at=at)

    async def _keys(self) -> dict[str, object]:
        async with global_work(self._engine) as session:
            keys = await published_keys(session, at=self._clock())
        return {"keys": [key.as_dict(private=False) for key in keys]}

    def _metadata(self) -> dict[str, object]:
        url, methods = self._issuer.url, ["client_secret_basic", "client_secret_post"]
        return {
            "issuer": url,
            "token_endpoint": url + TOKEN,
            "token_endpoint_auth_methods_supported": methods,
            "revocation_endpoint": url + REVOKE,
            "revocation_endpoint_auth_methods_supported": methods,
            "introspection_endpoint": url + INTROSPECT,
            "introspection_endpoint_auth_methods_supported": methods,
            "jwks_uri": url + KEYS,
            "grant_types_supported": ["client_credentials"],
            "response_types_supported": [],
            "scopes_supported": sorted(permission.value for permission in Permission),
        }


async def _form(scope: Scope, receive: Receive) -> Form:
    """Read the form; a parameter may come once (RFC 6749, 3.2)."""
    kind = (header(scope, b"content-type") or b"").partition(b";")[0].strip().lower()
    if kind != _FORM:
        raise TokenRefused("invalid_request", "Send application/x-www-form-urlencoded.")
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > MOST_FORM_BYTES or message["type"] != "http.request":
            raise TokenRefused("invalid_request", "The form is too long, or ended early.")
        if not message.get("more_body", False):
            break
    try:
        pairs = parse_qsl(body.decode("ascii"), errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise TokenRefused("invalid_request", "The form cannot be read.") from None
    form = dict(pairs)
    if len(form) < len(pairs):
        raise TokenRefused("invalid_request", "A parameter came twice.")
    return form


def _credentials(scope: Scope, form: Form) -> tuple[str, str]:
    """Return the client's id and secret, from the header or from the form, never from both."""
    authorization = header(scope, b"authorization")
    if authorization is None:
        if "client_id" in form and "client_secret" in form:
            return form["client_id"], form["client_secret"]
        raise TokenRefused("invalid_client", "The client does not say who it is.")
    if "client_secret" in form:
        raise TokenRefused("invalid_request", "The client says twice who it is.")
    client_id, secret = _basic(authorization)
    if form.get("client_id", client_id) != client_id:
        raise TokenRefused("invalid_request", "Header and form name two clients.")
    return client_id, secret


def _basic(authorization: bytes) -> tuple[str, str]:
    unreadable = TokenRefused("invalid_client", "The client is named by no Basic header.")
    scheme, _, encoded = authorization.partition(b" ")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
        # RFC 6749, 2.3.1: both are form-encoded before they are joined.
        client_id, colon, secret = (
            unquote_plus(part, errors="strict") for part in decoded.partition(":")
        )
    except (ValueError, binascii.Error):
        raise unreadable from None
    if scheme.lower() != b"basic" or not colon:
        raise unreadable
    return client_id, secret


def _required(form: Form, name: str) -> str:
    if not form.get(name):
        raise TokenRefused("invalid_request", f"{name} is missing.")
    return form[name]


def _told(refused: TokenRefused) -> dict[str, str]:
    return {"error": refused.error, "error_description": refused.description}


async def _send(send: Send, status: int, told: object, *headers: tuple[bytes, bytes]) -> None:
    body = msgspec.json.encode(told)
    await answer(send, status, body, *headers, media_type=b"application/json")
