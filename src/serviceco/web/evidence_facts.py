"""What a claim on an order still wants, as the pages of the order show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from serviceco.core.actor import Permission
from serviceco.web.desk import Desk
from serviceco.web.formats import in_language

# The customer's signature is worth keeping whether or not the brand asks for it.
SIGNED_SLIP = "signed_slip"
_ADDERS = (Permission.RECEIVE_DEVICE, Permission.INSPECT_DEVICE, Permission.SUBMIT_CLAIM)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One kind of evidence; `slot` is empty where no picture would do."""

    code: str
    is_there: bool
    is_needed: bool
    mend: str
    slot: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is wanted with a claim, and whether this person may add pictures now."""

    wanted: list[Wanted]
    may_add: bool

    @property
    def missing(self) -> list[Wanted]:
        """What the brand would miss."""
        return [each for each in self.wanted if each.is_needed and not each.is_there]


async def read_evidence(desk: Desk, order: Mapping[str, Any]) -> Evidence:
    """Read what the brand wants; an order without its lines asks nothing of the house."""
    found: list[Mapping[str, Any]] = []
    if any(line["payer"] == "BRAND" for line in order["lines"]):
        read = await desk.read("ClaimEvidence", number=order["number"])
        found = read["claimEvidence"]
    wanted = [
        Wanted(
            code=each["evidence"].lower(),
            is_there=each["isThere"],
            is_needed=True,
            mend=in_language(each["mend"], desk.language),
            slot=each["slot"] or "",
        )
        for each in found
    ]
    if all(each.slot != SIGNED_SLIP for each in wanted):
        is_there = any(photo["slot"] == SIGNED_SLIP for photo in order["photos"])
        mend = desk.say("evidence.hint_signed_slip")
        wanted.append(Wanted(SIGNED_SLIP, is_there, is_needed=False, mend=mend, slot=SIGNED_SLIP))
    may_add = order["status"] != "CANCELLED" and any(map(desk.person.may, _ADDERS))
    return Evidence(wanted, may_add)
