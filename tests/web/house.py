"""A house of one clerk behind the pages: the two doors of `web/doors.py`, kept in memory.

The pages' own rules (forms, tokens, headers, languages) are tested against it; what they show of
real orders is tested through the whole house in tests/browser.
"""

import secrets
from collections.abc import AsyncIterator, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field, fields, replace
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID, uuid4

from serviceco.core.actor import Actor, ActorKind, Permission
from serviceco.core.refusals import NotFound, Refusal
from serviceco.edge.doors import IdentityDoors
from serviceco.web.doors import Doors, SignInNeeded
from serviceco.web.gallery_facts import ORDER
from tests.web.shared_pages import Asgi, shared_pages

PASSWORD = "correct horse"
COOKIE = "serviceco"
_ID = UUID("018f0000-0000-7000-8000-00000000000a")


class WrongCredentials(Refusal):
    """The address and password do not match."""

    code = "WRONG_CREDENTIALS"


def clerk(**overrides: Any) -> Actor:
    facts: dict[str, Any] = {
        "kind": ActorKind.STAFF,
        "account_id": _ID,
        "tenant_id": _ID,
        "name": "王芳",
        "roles": frozenset({"front_desk"}),
        "permissions": frozenset({Permission.RECEIVE_DEVICE, Permission.READ_ORDERS}),
        "token_hash": b"one",
        "language": "zh-Hans",
    }
    return Actor(**facts | overrides)


@dataclass
class House:
    """Who may sign in, and what the documents answer; sign-ins below `version` no longer live."""

    actors: dict[str, Actor] = field(default_factory=lambda: {"one": clerk()})
    version: int = 0
    order: Mapping[str, Any] = field(default_factory=lambda: ORDER)
    invitations: Any = None
    asked: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)
    told: list[str] = field(default_factory=list)

    @property
    def remembered(self) -> dict[str, Actor]:
        """What the edge still holds of sign-ins whose rights have changed."""
        return {"one": clerk()} if self.version else {}

    async def run(
        self, actor: Actor, document: str, variables: Mapping[str, object]
    ) -> Mapping[str, Any]:
        if actor.version < self.version:
            raise SignInNeeded
        self.asked.append((document, variables))
        if document == "Shell":
            branch = {"id": "b1", "code": "sh01", "name": "人民路店", "zone": "Asia/Shanghai"}
            tenant = {
                "name": "Harbour",
                "currency": "CNY",
                "zone": "Asia/Shanghai",
                "country": "CN",
            }
            return {"viewer": {"tenant": tenant, "branches": [branch]}}
        if variables.get("number") != ORDER["number"]:
            raise NotFound("There is no such order.")
        return {"order": self.order}

    async def changes(
        self, actor: Actor, document: str, variables: Mapping[str, object]
    ) -> AsyncIterator[str]:
        self.asked.append((document, variables))
        for told in self.told:
            yield told

    async def add(self, actor: Actor, number: str, *, slot: str, content: bytes) -> object:
        raise NotFound("There is no such order.")

    async def read(self, actor: Actor, photo_id: UUID) -> tuple[str, bytes]:
        raise NotFound("There is no such photo.")

    async def sign_in(
        self, *, email: str, password: str, address: str, agent: str = "", next_path: str = ""
    ) -> str:
        if (email, password) != ("wang@example.com", PASSWORD):
            raise WrongCredentials("The e-mail address or the password is wrong.")
        self.actors["one"] = clerk(token_hash=secrets.token_bytes())
        return f"{COOKIE}=one; Path=/; HttpOnly; SameSite=Lax"

    async def find(self, *, number: str, phone: str, address: str) -> str:
        raise NotFound("There is no such order.")

    async def token(self, tenant_id: UUID, order_id: UUID) -> str | None:
        return None

    async def begin(self, opening: str) -> str:
        raise NotFound("There is no such link.")

    async def end(self, actor: Actor) -> str:
        return await self.sign_out(actor)

    async def sign_out(self, actor: Actor) -> str:
        return f"{COOKIE}=; Path=/; Max-Age=0"


def no_identity() -> IdentityDoors:
    """Return the doors of identity, through which no page of this house goes."""
    given: dict[str, Any] = dict.fromkeys(field.name for field in fields(IdentityDoors))
    return IdentityDoors(**given)


def app_of(house: House, *, https: bool = False) -> Asgi:
    """Return the pages under an edge that knows the house's actors by their cookie."""
    pages = shared_pages(
        doors=Doors(
            documents=house.run,
            changes=house.changes,
            photos=house,
            sign_ins=house,
            invitations=house.invitations,
            identity=no_identity(),
            links=house,
            support=house,
        ),
        csrf_key=b"k" * 32,
        https=https,
        development=True,
    )
    # Pages keep what they read for a sign-in, so the clerks of two houses are two people.
    own_id = uuid4()

    def signed_in(actor: Actor | None) -> Actor | None:
        is_clerk = actor is not None and actor.account_id == _ID
        return replace(actor, account_id=own_id) if is_clerk and actor else actor

    async def edge(
        scope: MutableMapping[str, Any], receive: Callable[..., Any], send: Callable[..., Any]
    ) -> None:
        if scope["type"] == "http":
            cookies = SimpleCookie(dict(scope["headers"]).get(b"cookie", b"").decode())
            token = cookies[COOKIE].value if COOKIE in cookies else ""

            async def renew() -> Actor | None:
                return signed_in(house.actors.get(token))

            scope["actor"] = signed_in(house.remembered.get(token) or house.actors.get(token))
            scope["renew_actor"] = renew
        await pages(scope, receive, send)

    return edge
