"""Tokens against forged forms: bound to the sign-in, or to a cookie before there is one."""

import hmac
from hashlib import sha256

from serviceco.core.actor import Actor
from serviceco.web.connections import PageRequest, actor_of

VISITOR_COOKIE = "visitor"
FIELD = "_csrf"
HEADER = "x-csrf-token"


class ForgedForm(Exception):  # noqa: N818 - the page says what happened, in words
    """A form arrived without the token of the sign-in that it claims to come from."""


class TokenMint:
    """Makes and checks tokens with a key that only the server holds."""

    def __init__(self, key: bytes) -> None:
        """Keep the key, 32 random bytes that outlive a restart."""
        self._key = key

    def token(self, actor: Actor | None, visitor: str) -> str:
        """Return the token of this sign-in, or of this visitor before signing in."""
        bound = actor.token_hash if actor else visitor.encode()
        return hmac.new(self._key, b"csrf:" + bound, sha256).hexdigest()

    async def check(self, request: PageRequest) -> None:
        """Pass silently, or raise `ForgedForm`; safe methods need no token."""
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return
        sent = str(request.headers.get(HEADER) or (await request.form()).get(FIELD, ""))
        visitor = request.cookies.get(VISITOR_COOKIE, "")
        actor = actor_of(request)
        # As bytes: of texts, only those in ASCII can be compared.
        own = self.token(actor, visitor).encode()
        if not (actor or visitor) or not hmac.compare_digest(sent.encode(), own):
            raise ForgedForm
