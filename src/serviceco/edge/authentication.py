"""Who acts: the actor behind a request's cookie or key, remembered for a short while."""

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.core.actor import Actor, Permission
from serviceco.edge.actors import actor_of_key, actor_of_sign_in
from serviceco.edge.asgi import Scope, header
from serviceco.edge.cookies import SignInCookie
from serviceco.identity.queries import find_live_key, find_live_sign_in
from serviceco.identity.rules import KEY_PREFIX, token_hash
from serviceco.storage.unit_of_work import global_work

# A remembered actor only spares a query: reads and changes ask in their own statement whether
# the sign-in still lives, so its age here delays nothing that matters.
REMEMBERED_SECONDS = 30.0
MOST_REMEMBERED = 10_000
_BEARER = b"bearer "


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
        clock: Callable[[], datetime] = utc_now,
        staff_may_also: frozenset[Permission] = frozenset(),
    ) -> None:
        """Keep the engine; nothing is read yet. `staff_may_also` is what development allows."""
        self._engine = auth_engine
        self._cookie = cookie
        self._clock = clock
        self._staff_may_also = staff_may_also
        self._remembered: OrderedDict[bytes, tuple[float, Actor]] = OrderedDict()

    async def actor(self, scope: Scope) -> Actor | None:
        """Return who acts, or None for a visitor.

        Raises:
            InvalidKey: the request carries a key, and it does not live.
        """
        authorization = header(scope, b"authorization")
        if authorization is not None:
            return await self._machine(authorization)
        token = self._cookie.read(scope)
        return await self._known(token_hash(token), is_key=False) if token else None

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
        key = authorization[len(_BEARER) :].strip().decode("latin-1")
        if authorization[: len(_BEARER)].lower() == _BEARER and key.startswith(KEY_PREFIX):
            machine = await self._known(token_hash(key), is_key=True)
            if machine is not None:
                return machine
        raise InvalidKey

    async def _known(self, hash_of_token: bytes, *, is_key: bool) -> Actor | None:
        now = time.monotonic()
        kept = self._remembered.get(hash_of_token)
        if kept is not None and now < kept[0]:
            return kept[1]
        actor = await self._read(hash_of_token, is_key=is_key)
        if actor is None:
            self.forget(hash_of_token)
            return None
        self._remembered[hash_of_token] = (now + REMEMBERED_SECONDS, actor)
        self._remembered.move_to_end(hash_of_token)
        while len(self._remembered) > MOST_REMEMBERED:
            self._remembered.popitem(last=False)
        return actor

    async def _read(self, hash_of_token: bytes, *, is_key: bool) -> Actor | None:
        async with global_work(self._engine) as session:
            if is_key:
                key = await find_live_key(session, hash_of_token, at=self._clock())
                return actor_of_key(key) if key else None
            sign_in = await find_live_sign_in(session, hash_of_token, at=self._clock())
            return actor_of_sign_in(sign_in, also=self._staff_may_also) if sign_in else None
