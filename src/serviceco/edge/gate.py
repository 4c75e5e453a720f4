"""What everything at the door of sign-ins shares: engine, cookies, key, clock, and our own address."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.edge.asgi import Scope, header
from serviceco.edge.authentication import Authenticator, utc_now
from serviceco.edge.cookies import PendingCookie, SignInCookie
from serviceco.identity.passkeys import Site
from serviceco.identity.words import Browser


class SecondStepNeeded(Exception):  # noqa: N818 - an answer, not a fault
    """The password was right, but more is asked: go on at `path` with this cookie."""

    def __init__(self, cookie: str, path: str) -> None:
        """Keep the `Set-Cookie` value and the page that comes next."""
        super().__init__(path)
        self.cookie = cookie
        self.path = path


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request at the door: the cookie of a sign-in under way, the browser, and the host it named."""

    pending: str
    browser: Browser
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Shared by the doors of sign-in. `secrets_key` seals what is read again; 32 bytes.

    `public_url` is our origin as browsers know it; without one, it is taken from the request.
    """

    engine: AsyncEngine
    authenticator: Authenticator
    cookie: SignInCookie
    pending_cookie: PendingCookie
    secrets_key: bytes
    https: bool
    public_url: str | None = None
    clock: Callable[[], datetime] = field(default=utc_now)

    def visit(self, scope: Scope) -> Visit:
        """Return what a request brings to the door."""
        client = scope.get("client")
        agent = (header(scope, b"user-agent") or b"").decode("latin-1")
        return Visit(
            pending=self.pending_cookie.read(scope) or "",
            browser=Browser(address=client[0] if client else "", agent=agent),
            host=(header(scope, b"host") or b"").decode("latin-1"),
        )

    def origin(self, visit: Visit) -> str:
        """Return our origin: scheme, host and, where it is not the usual one, port."""
        return self.public_url or f"{'https' if self.https else 'http'}://{visit.host}"

    def site(self, visit: Visit) -> Site:
        """Return the site to which passkeys belong."""
        origin = self.origin(visit)
        return Site(origin=origin, host=urlsplit(origin).hostname or "")
