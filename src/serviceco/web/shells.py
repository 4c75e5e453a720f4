"""What frames every page of a signed-in person: the company and branches, or the brand, they act for."""

import time
from dataclasses import dataclass
from uuid import UUID

from serviceco.core.actor import Actor, ActorKind
from serviceco.web.doors import Documents
from serviceco.web.formats import in_language

_FRESH_SECONDS = 60.0
_MOST_KEPT = 2_000


@dataclass(frozen=True, slots=True)
class BranchChoice:
    """A branch as the pages name it: `code` stands in addresses, `zone` is its IANA time zone."""

    id: str
    code: str
    name: str
    zone: str


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame; empty for a visitor. `country` is an ISO 3166 code, `currency` of ISO 4217.

    A brand's people have no branches; `company` is then the brand, and `brand_code` stands in the
    addresses of its pages.
    """

    person: str = ""
    company: str = ""
    currency: str = ""
    zone: str = "UTC"
    country: str = ""
    branches: tuple[BranchChoice, ...] = ()
    brand_code: str = ""


class Shells:
    """Frames by sign-in, read by the document `Shell` and kept for a minute.

    They only name things: what a person may do is asked of the actor at every request.
    """

    def __init__(self, documents: Documents) -> None:
        """Keep the door to the documents."""
        self._documents = documents
        self._kept: dict[tuple[UUID, UUID, int], tuple[float, Shell]] = {}

    async def shell(
        self, actor: Actor | None, *, branch: str = "", is_setting_up: bool = False
    ) -> Shell:
        """Return the frame of the actor's pages.

        One that was kept does not know the `branch` that opened since; and who is setting the
        company up wants to see what they have just changed.
        """
        if actor is None or actor.kind is ActorKind.CUSTOMER:
            return Shell()
        read_at, kept = self._kept.get(_key(actor), (0.0, Shell()))
        is_fresh = read_at and time.monotonic() - read_at < _FRESH_SECONDS and not is_setting_up
        if is_fresh and (not branch or any(branch == known.code for known in kept.branches)):
            return kept
        fresh = await self._read(actor)
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        self._kept[_key(actor)] = (time.monotonic(), fresh)
        return fresh

    def kept(self, actor: Actor | None) -> Shell:
        """Return the frame read before, an empty one where none was."""
        return self._kept[_key(actor)][1] if actor and _key(actor) in self._kept else Shell()

    async def _read(self, actor: Actor) -> Shell:
        if actor.brand_id is not None:
            brand = (await self._documents(actor, "BrandShell", {}))["brandProfile"]
            name = in_language(brand["names"], actor.language) if brand["names"] else brand["name"]
            return Shell(person=actor.name, company=name, brand_code=brand["code"])
        viewer = (await self._documents(actor, "Shell", {}))["viewer"]
        tenant = viewer["tenant"]
        branches = tuple(
            BranchChoice(branch["id"], branch["code"], branch["name"], branch["zone"])
            for branch in viewer["branches"]
        )
        return Shell(
            person=actor.name,
            company=tenant["name"],
            currency=tenant["currency"],
            zone=tenant["zone"],
            country=tenant["country"],
            branches=branches,
        )


def _key(actor: Actor) -> tuple[UUID, UUID, int]:
    return actor.account_id, actor.home, actor.version
