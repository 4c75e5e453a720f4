"""The cookies of sign-ins: their names and flags are known here alone."""

from datetime import timedelta

from serviceco.edge.asgi import Scope
from serviceco.identity.rules import PENDING_LASTS, SIGN_IN_LASTS


class SignInCookie:
    """Reads and writes the cookie of a session.

    Over https its name starts with `__Host-`, so that browsers take it only from this host, for
    the whole site and encrypted. Plain http, for a look at home, cannot have that name.
    """

    plain_name = "serviceco"
    lasts: timedelta = SIGN_IN_LASTS

    def __init__(self, *, https: bool) -> None:
        """Choose the name once; a server that changes its scheme forgets who was signed in."""
        self._name = f"__Host-{self.plain_name}" if https else self.plain_name
        self._prefix = f"{self._name}=".encode()
        self._flags = "Path=/; HttpOnly; SameSite=Lax" + ("; Secure" if https else "")

    def read(self, scope: Scope) -> str | None:
        """Return the token that the request carries."""
        for name, value in scope["headers"]:
            if name == b"cookie":
                for crumb in value.split(b";"):
                    stripped = crumb.strip()
                    if stripped.startswith(self._prefix):
                        token: str = stripped[len(self._prefix) :].decode("latin-1")
                        return token
        return None

    def written(self, token: str) -> str:
        """Return the `Set-Cookie` value that keeps a token as long as its sign-in lasts."""
        seconds = int(self.lasts.total_seconds())
        return f"{self._name}={token}; Max-Age={seconds}; {self._flags}"

    def forgotten(self) -> str:
        """Return the `Set-Cookie` value that makes the browser forget the token."""
        return f"{self._name}=; Max-Age=0; {self._flags}"


class PendingCookie(SignInCookie):
    """The cookie of a sign-in under way.

    It comes back with the link by which a provider returns the person: SameSite is Lax, not Strict.
    """

    plain_name = "serviceco-pending"
    lasts = PENDING_LASTS
