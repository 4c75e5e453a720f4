"""People of the company: invite, change, let go; and what each role may do."""

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.actor import Permission
from serviceco.web.choices import chosen
from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk
from serviceco.web.forms import FIELD, Form
from serviceco.web.listing import address_of
from serviceco.web.refused import Refused
from serviceco.web.staff_facts import (
    SOME,
    Matrix,
    branch_choices,
    log_entries,
    matrix_of,
    person_row,
    rights_form,
    role_choices,
)

LIST = "/admin/staff"
# The form's fields by the names of refusals; boxes of which none is ticked are not sent at all.
_FIELDS = {name: name for name in ("code", "name", "email", "roles")} | {"branch_ids": "branches"}


class StaffPages(Controller):
    """Who works here, who is invited, and who has left."""

    path = LIST
    include_in_schema = False

    @get("/")
    async def show(self, desk: NamedDependency[Desk], request: PageRequest) -> Response[str]:
        """List the people, those who work here or those who have left."""
        desk.require(Permission.MANAGE_STAFF)
        address = address_of(request, ("view",))
        left = address.text("view") == "left"
        people = (await desk.read("StaffList"))["colleagues"]
        here = [person for person in people if person["isActive"]]
        gone = [person for person in people if not person["isActive"]]
        return desk.page(
            "tenancy/staff.html",
            rows=[person_row(desk, person) for person in (gone if left else here)],
            left=left,
            tabs=[
                (desk.say("staff.here", count=len(here)), address.to(view=None), not left),
                (desk.say("staff.left", count=len(gone)), address.to(view="left"), left),
            ],
        )

    @get("/new")
    async def compose(self, desk: NamedDependency[Desk]) -> Response[str]:
        """Show the form of an invitation."""
        desk.require(Permission.MANAGE_STAFF)
        return await _invitation(desk, Form.holding(scope="all", token=_new_token()))

    @post("/")
    async def invite(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form], request: PageRequest
    ) -> Response[str]:
        """Invite a person and show the link, this once."""
        if not form.require(
            desk.say("form.required", field=FIELD), "code", "name", "email", "roles"
        ):
            return await _invitation(desk, form)
        person = {
            "code": form.text("code"),
            "name": form.text("name"),
            "email": form.text("email"),
            "roles": form.texts("roles"),
            "branchIds": _branches(form),
        }
        try:
            made = await desk.change("InviteStaff", form, person=person, token=form.text("token"))
        except Refused as refused:
            return await _invitation(desk, _refused(form, refused))
        return _link(desk, request, made, form, "join")

    @get("/{staff_id:uuid}")
    async def open(self, desk: NamedDependency[Desk], staff_id: FromPath[UUID]) -> Response[str]:
        """Show one person with what may be changed."""
        desk.require(Permission.MANAGE_STAFF)
        return await _person(desk, staff_id)

    @post("/{staff_id:uuid}/rights")
    async def change_rights(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        staff_id: FromPath[UUID],
    ) -> Response[str]:
        """Give the person other roles and branches."""
        if not form.require(desk.say("form.required", field=FIELD), "roles"):
            return await _person(desk, staff_id, form)
        try:
            made = await desk.change(
                "ChangeStaffRights",
                form,
                staffId=str(staff_id),
                roles=form.texts("roles"),
                branchIds=_branches(form),
            )
        except Refused as refused:
            return await _person(desk, staff_id, _refused(form, refused))
        return desk.see(f"{LIST}/{staff_id}", said="rights_changed", name=made["name"])

    @post("/{staff_id:uuid}/{act:str}")
    async def act(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        request: PageRequest,
        staff_id: FromPath[UUID],
        act: FromPath[str],
    ) -> Response[str]:
        """Make a link, or let somebody go or in again."""
        if act not in _LINKS:
            return await _acted(desk, form, staff_id, act)
        document, door = _LINKS[act]
        token = form.text("token")
        try:
            made = await desk.change(document, form, staffId=str(staff_id), token=token)
        except Refused as refused:
            return await _person(desk, staff_id, form.refuse(refused))
        return _link(desk, request, made, form, door)

    @get("/{staff_id:uuid}/withdrawal")
    async def confirm_withdrawal(
        self, desk: NamedDependency[Desk], staff_id: FromPath[UUID]
    ) -> Response[str]:
        """Ask before an invitation ends: its link cannot be mended."""
        desk.require(Permission.MANAGE_STAFF)
        found = await _found(desk, staff_id)
        return desk.page("tenancy/withdrawal.html", person=person_row(desk, found["person"]))

    @post("/{staff_id:uuid}/withdrawal")
    async def withdraw(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        staff_id: FromPath[UUID],
    ) -> Response[str]:
        """End an invitation."""
        return await _acted(desk, form, staff_id, "withdrawal")


class RolePages(Controller):
    """What each role may do, in the reader's words."""

    path = "/admin/roles"
    include_in_schema = False

    @get("/")
    async def show(self, desk: NamedDependency[Desk]) -> Response[str]:
        """Show roles against permissions."""
        desk.require(Permission.MANAGE_STAFF)
        matrix: Matrix = matrix_of(desk, (await desk.read("RoleRights"))["roles"])
        return desk.page("tenancy/roles.html", matrix=matrix)


# act: (document, where its link leads)
_LINKS = {"link": ("InviteStaffAgain", "join"), "password": ("OpenPasswordReset", "password")}
_ACTS = {
    "withdrawal": {"document": "WithdrawInvitation", "said": "invitation_withdrawn"},
    "deactivation": {"document": "DeactivateStaff", "said": "staff_deactivated"},
    "second-factor": {"document": "ResetSecondFactor", "said": "factor_reset"},
    "activation": {"document": "ReactivateStaff", "said": "staff_reactivated"},
}


async def _acted(desk: Desk, form: Form, staff_id: UUID, act: str) -> Response[str]:
    asked = desk.found(_ACTS.get(act))
    try:
        made = await desk.change(asked["document"], form, staffId=str(staff_id))
    except Refused as refused:
        return await _person(desk, staff_id, form.refuse(refused))
    return desk.see(f"{LIST}/{staff_id}", said=asked["said"], name=made["name"])


def _new_token() -> str:
    return secrets.token_urlsafe(32)


def _branches(form: Form) -> list[str] | None:
    if form.text("scope") != SOME:
        return None
    return [branch for branch in map(chosen, form.texts("branches")) if branch]


def _refused(form: Form, refused: Refused) -> Form:
    form.errors[_FIELDS.get(refused.field or "", "")] = refused.message
    return form


async def _invitation(desk: Desk, form: Form) -> Response[str]:
    roles = (await desk.read("RoleRights"))["roles"]
    return desk.page(
        "tenancy/invitation.html",
        form=form,
        roles=role_choices(desk, roles),
        branches=branch_choices(desk),
    )


def _link(
    desk: Desk, request: PageRequest, made: Mapping[str, Any], form: Form, door: str
) -> Response[str]:
    """Show a link this once: the form holds its token, and the house only a hash."""
    scheme = "https" if desk.https else "http"
    link = f"{scheme}://{request.headers.get('host', '')}/{door}/{form.text('token')}"
    return desk.page("tenancy/link.html", person=made, link=link, door=door)


async def _found(desk: Desk, staff_id: UUID) -> dict[str, Any]:
    found = await desk.read("StaffPerson", staffId=str(staff_id))
    person = desk.found(next(iter(found["colleagues"]), None))
    return {"person": person, "roles": found["roles"]}


async def _person(desk: Desk, staff_id: UUID, form: Form | None = None) -> Response[str]:
    found = await _found(desk, staff_id)
    log = (await desk.read("StaffLog", staffId=str(staff_id)))["staffLog"]
    shown = rights_form(found["person"])
    if form is not None:
        shown.errors = form.errors
        shown.values = {**shown.values, **form.values}
    return desk.page(
        "tenancy/person.html",
        form=shown,
        person=person_row(desk, found["person"]),
        roles=role_choices(desk, found["roles"]),
        branches=branch_choices(desk),
        log=log_entries(desk, log),
        token=_new_token(),
    )
