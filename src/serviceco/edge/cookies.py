"""The cookie of a sign-in: its name and flags are known here alone."""

from serviceco.edge.asgi import Scope
from serviceco.identity.rules import SIGN_IN_LASTS


class SignInCookie:
    """Reads and writes the cookie.

    Over https its name starts with `__Host-`, so that browsers take it only from this host, for
    the whole site and encrypted. Plain http, for a look at home, cannot have that name.
    """

    def __init__(self, *, https: bool) -> None:
        """Choose the name once; a server that changes its scheme forgets who was signed in."""
        self._name = "__Host-serviceco" if https else "serviceco"
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
        seconds = int(SIGN_IN_LASTS.total_seconds())
        return f"{self._name}={token}; Max-Age={seconds}; {self._flags}"

    def forgotten(self) -> str:
        """Return the `Set-Cookie` value that makes the browser forget the token."""
        return f"{self._name}=; Max-Age=0; {self._flags}"
