"""What the pages need from the house below; the composition root hands both doors in."""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from serviceco.core.actor import Actor


class SignInNeeded(Exception):  # noqa: N818 - the page asks to sign in
    """Nobody is signed in, or the sign-in has ended since the edge looked."""


class Documents(Protocol):
    """Runs documents of `graphql/operations` by their name: reads and mutations alike."""

    async def __call__(
        self, actor: Actor, document: str, variables: Mapping[str, object]
    ) -> Mapping[str, Any]:
        """Return the document's `data`.

        Raises:
            Refusal: the house says no to a read; a mutation's no is an answer inside the data.
            SignInNeeded: the sign-in ended, or its rights changed; nothing was done.
        """
        ...


@runtime_checkable  # Litestar checks what it injects
class SignIns(Protocol):
    """Opens and closes sign-ins; the edge alone knows the cookie's name and flags."""

    async def sign_in(self, *, email: str, password: str, address: str) -> str:
        """Return the `Set-Cookie` value of a new sign-in.

        Raises:
            Refusal: the address and password do not match, or the account is throttled.
        """
        ...

    async def sign_out(self, actor: Actor) -> str:
        """End the actor's sign-in; return the `Set-Cookie` value that forgets it."""
        ...
