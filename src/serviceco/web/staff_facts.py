"""People, roles and rights as the pages of staff show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from serviceco.core.catalogues import find_sentence
from serviceco.web.desk import Desk
from serviceco.web.formats import instant_text, relative_text
from serviceco.web.forms import Form

ALL, SOME = "all", "some"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person in the reader's words; `state` is here, invited, expired, left or no_account."""

    id: str
    code: str
    name: str
    email: str
    roles: str
    branches: str
    state: str
    until: str
    last_seen: str
    may_change: bool


@dataclass(frozen=True, slots=True)
class Matrix:
    """Roles against permissions: the cells of a row say whether the role of the column may."""

    roles: list[tuple[str, str]]
    rows: list[tuple[str, list[bool]]]


def person_row(desk: Desk, person: Row) -> PersonRow:
    """Return a person as a row of the list."""
    zone, until = desk.shell.zone, person["invitedUntil"]
    seen = person["lastSignedInAt"]
    return PersonRow(
        id=person["staffId"],
        code=person["code"],
        name=person["name"],
        email=person["email"],
        roles=_listed(desk, [role_word(desk, role) for role in person["roles"]]),
        branches=_branch_words(desk, person),
        state=_state(desk, person),
        until=instant_text(until, zone, desk.language) if until else "",
        last_seen=relative_text(seen, zone, desk.language, desk.now) if seen else "",
        may_change=person.get("mayChange", False),
    )


def rights_form(person: Row) -> Form:
    """Return the form of a person's rights as they are."""
    branches = person["branchIds"]
    return Form.holding(
        roles=person["roles"], scope=ALL if branches is None else SOME, branches=branches or []
    )


def role_word(desk: Desk, role: str) -> str:
    """Return a role in the reader's words."""
    return desk.say(f"role.{role.lower()}")


def role_choices(desk: Desk, roles: Sequence[Row]) -> list[tuple[str, str]]:
    """Return the roles that the reader may give, as choices."""
    return [(one["role"], role_word(desk, one["role"])) for one in roles if one["mayGrant"]]


def branch_choices(desk: Desk) -> list[tuple[str, str]]:
    """Return the branches in the reader's scope, as choices."""
    return [(branch.id, f"{branch.code} {branch.name}") for branch in desk.shell.branches]


def log_entries(desk: Desk, events: Sequence[Row]) -> list[Mapping[str, str]]:
    """Return what was done about a person for the timeline, oldest first."""
    return [
        {
            "at": instant_text(event["at"], desk.shell.zone, desk.language),
            "who": event["actorName"],
            "text": _act_words(desk, event),
        }
        for event in reversed(events)
    ]


def matrix_of(desk: Desk, roles: Sequence[Row]) -> Matrix:
    """Return roles against the permissions that at least one of them has."""
    held = [set(one["permissions"]) for one in roles]
    known = dict.fromkeys(code for one in roles for code in one["permissions"])
    return Matrix(
        roles=[(one["role"].lower(), role_word(desk, one["role"])) for one in roles],
        rows=[(_permission(desk, code), [code in may for may in held]) for code in known],
    )


def _permission(desk: Desk, code: str) -> str:
    name = code.lower()
    return find_sentence(desk.language, f"permission.{name}") or name.replace("_", " ")


def _act_words(desk: Desk, event: Row) -> str:
    said = desk.say(f"act.{event['act']}")
    roles = event["detail"].get("roles")
    if not roles:
        return said
    return f"{said} · {_listed(desk, [role_word(desk, role) for role in roles])}"


def _state(desk: Desk, person: Row) -> str:
    if not person["isActive"]:
        return "left"
    if person["hasJoined"]:
        return "here"
    until = person["invitedUntil"]
    if until is None:
        return "no_account"
    return "invited" if until > desk.now.isoformat() else "expired"


def _branch_words(desk: Desk, person: Row) -> str:
    if person["branchIds"] is None:
        return desk.say("staff.all_branches") if person["roles"] else ""
    codes = {branch.id: branch.code for branch in desk.shell.branches}
    return _listed(desk, sorted(codes.get(one, "…") for one in person["branchIds"]))


def _listed(desk: Desk, words: Sequence[str]) -> str:
    return desk.say("list.comma").join(words)
