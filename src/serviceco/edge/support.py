"""Beginning and ending a session of support; both names are entered for the company to see."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.core.actor import Actor
from serviceco.edge.actors import actor_of_support
from serviceco.edge.authentication import Authenticator, utc_now
from serviceco.edge.cookies import SignInCookie
from serviceco.identity.support import LiveSupport, begin_session, end_session
from serviceco.identity.tables import Account, SupportSession
from serviceco.privacy.support import enter_support
from serviceco.storage.unit_of_work import global_work, unit_of_work


class SupportSessions:
    """What the pages of support call; answers are `Set-Cookie` values."""

    def __init__(
        self,
        auth_engine: AsyncEngine,
        app_engine: AsyncEngine,
        authenticator: Authenticator,
        cookie: SignInCookie,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        """Keep the engines: sessions are of `serviceco_auth`, the company's list of its own."""
        self._auth = auth_engine
        self._app = app_engine
        self._authenticator = authenticator
        self._cookie = cookie
        self._clock = clock

    async def begin(self, opening: str) -> str:
        """Use a one-use link: begin its session.

        The company's record is committed first, so that nobody looks without standing in it.

        Raises:
            NotFound: there is no such link, it was used, or its minutes are over.
            ConsentNeeded: the company has withdrawn its consent since.
        """
        at = self._clock()
        async with global_work(self._auth) as session:
            token, begun, account = await begin_session(session, opening, at=at)
            begun.expires_at = await self._enter(begun, account, at=at)
        return self._cookie.written(token)

    async def end(self, actor: Actor) -> str:
        """End the actor's session."""
        async with global_work(self._auth) as session:
            await end_session(session, actor.token_hash, at=self._clock())
        self._authenticator.forget(actor.token_hash)
        return self._cookie.forgotten()

    async def _enter(
        self, begun: SupportSession, account: Account, *, at: datetime
    ) -> datetime | None:
        supporter = actor_of_support(
            LiveSupport(
                token_hash=begun.token_hash or b"",
                version=begun.version,
                account_id=account.id,
                name=account.name,
                language=account.language,
                tenant_id=begun.tenant_id,
            )
        )
        async with unit_of_work(self._app, begun.tenant_id) as session:
            entered = await enter_support(
                session,
                supporter,
                consent_id=begun.consent_id,
                consented_by=begun.consented_by,
                ticket=begun.ticket,
                until=begun.expires_at or at,
                at=at,
            )
            return entered.until
