"""Who acts: the actor behind a request's cookie or key, remembered for a short while."""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from serviceco.core.actor import Actor, Permission
from serviceco.edge.actors import (
    actor_of_key,
    actor_of_link,
    actor_of_sign_in,
    actor_of_support,
)
from serviceco.edge.asgi import Scope, header
from serviceco.edge.cookies import SignInCookie
from serviceco.identity.clients import note_key_used
from serviceco.identity.jwt import looks_like_token
from serviceco.identity.links import LinkMint, find_live_link
from serviceco.identity.own_sign_ins import SEEN_EVERY, note_seen
from serviceco.identity.queries import find_live_key, find_live_sign_in
from serviceco.identity.rules import KEY_PREFIX, token_hash
from serviceco.identity.support import find_live_support
from serviceco.identity.tokens import Issuer, find_live_token
from serviceco.storage.unit_of_work import global_work

# A remembered actor only spares a query: reads and changes ask in their own statement whether
# the sign-in still lives, so its age here delays nothing that matters.
REMEMBERED_SECONDS = 30.0
MOST_REMEMBERED = 10_000
# Below this path the first segment is the token of a customer's link.
LINKS = "/c/"
_BEARER = b"bearer "
Find = Callable[[AsyncSession, str], Awaitable[Actor | None]]


class InvalidKey(Exception):  # noqa: N818 - an answer to the client, not a fault
    """The request names a machine key that does not live."""


def utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


class Authenticator:
    """Finds actors by the role `serviceco_auth` and remembers them under their token's hash."""

    def __init__(
        self,
        auth_engine: AsyncEngine,
        cookie: SignInCookie,
        *,
        issuer: Issuer,
        links: LinkMint,
        clock: Callable[[], datetime] = utc_now,
        staff_may_also: frozenset[Permission] = frozenset(),
    ) -> None:
        """Keep the engine; nothing is read yet.

        `issuer` is whose tokens are taken, `links` reads those of customers; `staff_may_also` is what development allows.
        """
        self._engine = auth_engine
        self._cookie = cookie
        self._issuer = issuer
        self._links = links
        self._clock = clock
        self._staff_may_also = staff_may_also
        self._remembered: OrderedDict[bytes, tuple[float, Actor]] = OrderedDict()

    def remembered(self, scope: Scope) -> Actor | None:
        """Return who acts by the cookie, if the request says nothing else and it was read lately."""
        if scope["path"].startswith(LINKS) or header(scope, b"authorization") is not None:
            return None
        token = self._cookie.read(scope)
        return self._fresh(token_hash(token)) if token else None

    async def actor(self, scope: Scope) -> Actor | None:
        """Return who acts, or None for a visitor.

        Raises:
            InvalidKey: the request carries a key or token, and it does not live.
        """
        if scope["path"].startswith(LINKS):
            return await self._customer(scope["path"])
        authorization = header(scope, b"authorization")
        if authorization is not None:
            return await self._machine(authorization)
        token = self._cookie.read(scope)
        return await self._known(token, self._signed_in) if token else None

    async def renewed(self, scope: Scope) -> Actor | None:
        """Forget what is remembered of the request's token and ask the database again."""
        stale: Actor | None = scope["actor"]
        if stale is not None:
            self.forget(stale.token_hash)
        try:
            scope["actor"] = await self.actor(scope)
        except InvalidKey:
            scope["actor"] = None
        actor: Actor | None = scope["actor"]
        return actor

    def forget(self, hash_of_token: bytes) -> None:
        """Drop a remembered actor."""
        self._remembered.pop(hash_of_token, None)

    async def _machine(self, authorization: bytes) -> Actor:
        text = authorization[len(_BEARER) :].strip().decode("latin-1")
        if authorization[: len(_BEARER)].lower() == _BEARER:
            if text.startswith(KEY_PREFIX):
                machine = await self._known(text, self._by_key)
            elif looks_like_token(text):
                machine = await self._known(text, self._by_token)
            else:
                machine = None
            if machine is not None:
                return machine
        raise InvalidKey

    async def _customer(self, path: str) -> Actor | None:
        """Return whom the link of a path opens its order to, whoever else is signed in here."""
        token = path.removeprefix(LINKS).partition("/")[0]
        handle = self._links.read(token)
        return await self._known(token, self._by_link, kept_as=handle) if handle else None

    def _fresh(self, hash_of_token: bytes) -> Actor | None:
        kept = self._remembered.get(hash_of_token)
        return kept[1] if kept is not None and time.monotonic() < kept[0] else None

    async def _known(
        self, secret: str, find: Find, *, kept_as: bytes | None = None
    ) -> Actor | None:
        hash_of_token = kept_as or token_hash(secret)
        known = self._fresh(hash_of_token)
        if known is not None:
            return known
        now = time.monotonic()
        async with global_work(self._engine) as session:
            actor = await find(session, secret)
        if actor is None:
            self.forget(hash_of_token)
            return None
        self._remembered[hash_of_token] = (now + REMEMBERED_SECONDS, actor)
        self._remembered.move_to_end(hash_of_token)
        while len(self._remembered) > MOST_REMEMBERED:
            self._remembered.popitem(last=False)
        return actor

    async def _signed_in(self, session: AsyncSession, token: str) -> Actor | None:
        at = self._clock()
        live = await find_live_sign_in(session, token_hash(token), at=at)
        if live is None:
            support = await find_live_support(session, token_hash(token), at=at)
            return actor_of_support(support) if support else None
        if live.seen_at is None or at - live.seen_at > SEEN_EVERY:
            await note_seen(session, live.token_hash, at=at)
        return actor_of_sign_in(live, also=self._staff_may_also)

    async def _by_link(self, session: AsyncSession, token: str) -> Actor | None:
        handle = self._links.read(token)
        link = await find_live_link(session, handle, at=self._clock()) if handle else None
        return actor_of_link(link) if link else None

    async def _by_key(self, session: AsyncSession, key: str) -> Actor | None:
        at = self._clock()
        live = await find_live_key(session, token_hash(key), at=at)
        if live is None:
            return None
        await note_key_used(session, live.key_hash, at=at)
        return actor_of_key(live)

    async def _by_token(self, session: AsyncSession, token: str) -> Actor | None:
        live = await find_live_token(session, self._issuer, token, at=self._clock())
        return actor_of_key(live) if live else None
