"""What the pages need from the house below; the composition root hands the doors in."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from serviceco.core.actor import Actor
from serviceco.edge.doors import IdentityDoors


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
class Changes(Protocol):
    """Tells what others change while somebody looks at a page."""

    def __call__(
        self, actor: Actor, document: str, variables: Mapping[str, object]
    ) -> AsyncIterator[str]:
        """Give the JSON text of each answer to a subscription document, until nothing more comes.

        An empty text now and then says that nothing happened for a while.

        Raises:
            Refusal: the house says no, or too many pages of this person are open.
        """
        ...


@runtime_checkable  # Litestar checks what it injects
class Photos(Protocol):
    """Keeps and shows the pictures of orders."""

    async def add(self, actor: Actor, number: str, *, slot: str, content: bytes) -> object:
        """Keep a picture of an order in a slot.

        Raises:
            Refusal: the house says no, e.g. to what is no picture.
        """
        ...

    async def read(self, actor: Actor, photo_id: UUID) -> tuple[str, bytes]:
        """Return media type and bytes of a picture.

        Raises:
            Refusal: there is none for this actor.
        """
        ...


@runtime_checkable  # Litestar checks what it injects
class SignIns(Protocol):
    """Opens and closes sign-ins; the edge alone knows the cookie's name and flags."""

    async def sign_in(
        self, *, email: str, password: str, address: str, agent: str = "", next_path: str = ""
    ) -> str:
        """Return the `Set-Cookie` value of a new sign-in.

        Raises:
            Refusal: the address and password do not match, or the account is throttled.
            SecondStepNeeded: they match, but more than a password is asked.
        """
        ...

    async def sign_out(self, actor: Actor) -> str:
        """End the actor's sign-in; return the `Set-Cookie` value that forgets it."""
        ...


@runtime_checkable  # Litestar checks what it injects
class Invitations(Protocol):
    """Opens one-use links; the token in the link is all that is asked for."""

    async def find(self, token: str) -> Mapping[str, Any]:
        """Return what the invitation says: its `home` (the company or brand), `email`, `name`,
        `language`, `roles`, whether the e-mail `has_account`, and when it `expires_at`.

        Raises:
            Refusal: the link has been used, or has ended.
        """
        ...

    async def accept(
        self, token: str, *, name: str, language: str, password: str, address: str
    ) -> None:
        """Join.

        Raises:
            Refusal: the link has ended, or the password does not do.
        """
        ...

    async def find_reset(self, token: str) -> str:
        """Return the e-mail of the account whose password may be set.

        Raises:
            Refusal: the link has been used, or has ended.
        """
        ...

    async def reset(self, token: str, *, password: str) -> None:
        """Set the password.

        Raises:
            Refusal: the link has ended, or the password does not do.
        """
        ...


@runtime_checkable  # Litestar checks what it injects
class CustomerLinks(Protocol):
    """Knows the links that open one order to its customer."""

    async def find(self, *, number: str, phone: str, address: str) -> str:
        """Return the token of the link of an order, by its number and the whole telephone.

        Raises:
            Refusal: there is none, in one sentence; or too many were tried.
        """
        ...

    async def token(self, tenant_id: UUID, order_id: UUID) -> str | None:
        """Return the token of an order's live link, for its slip."""
        ...


@runtime_checkable  # Litestar checks what it injects
class SupportSessions(Protocol):
    """Begins and ends sessions of support."""

    async def begin(self, opening: str) -> str:
        """Use a one-use link; return the `Set-Cookie` value of its session.

        Raises:
            Refusal: the link is none, or over; or the company's consent is.
        """
        ...

    async def end(self, actor: Actor) -> str:
        """End the actor's session; return the `Set-Cookie` value that forgets it."""
        ...


@dataclass(frozen=True, slots=True)
class Doors:
    """All doors of the house, as the composition root hands them in."""

    documents: Documents
    changes: Changes
    photos: Photos
    sign_ins: SignIns
    invitations: Invitations
    identity: IdentityDoors
    links: CustomerLinks
    support: SupportSessions
