"""Machines of the company: let one in, change what it may, give it a new secret, end it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.actor import Permission
from serviceco.core.catalogues import find_sentence
from serviceco.web.desk import Desk
from serviceco.web.formats import instant_text, relative_text
from serviceco.web.forms import FIELD, Form
from serviceco.web.refused import Refused

LIST = "/admin/clients"


@dataclass(frozen=True, slots=True)
class MachineRow:
    """A machine in the reader's words; `state` is serves, ran_out or ended."""

    id: str
    name: str
    kind: str
    state: str
    scopes: str
    last_used: str
    ends: str
    secrets: list[tuple[str, str, str]]

    @property
    def is_client(self) -> bool:
        """Whether it gets tokens, and so has scopes and secrets to change."""
        return self.kind == "client"


class ClientPages(Controller):
    """Clients of OAuth 2.0, and simple keys."""

    path = LIST
    include_in_schema = False

    @get("/")
    async def show(self, desk: NamedDependency[Desk]) -> Response[str]:
        """List the machines, those that serve first."""
        desk.require(Permission.MANAGE_TENANT)
        found = (await desk.read("MachineList"))["machines"]
        return desk.page("tenancy/clients.html", rows=[_row(desk, one) for one in found])

    @get("/new")
    async def compose(self, desk: NamedDependency[Desk]) -> Response[str]:
        """Show the form of a new machine."""
        desk.require(Permission.MANAGE_TENANT)
        return _new(desk, Form.holding(secret=_new_secret()))

    @post("/")
    async def make(self, desk: NamedDependency[Desk], form: NamedDependency[Form]) -> Response[str]:
        """Let a machine in and show its secret, this once."""
        if not form.require(desk.say("form.required", field=FIELD), "name", "scopes"):
            return _new(desk, form)
        try:
            made = await desk.change(
                "CreateMachineClient",
                form,
                name=form.text("name"),
                scopes=form.texts("scopes"),
                secret=form.text("secret"),
            )
        except Refused as refused:
            return _new(desk, form.refuse(refused))
        return _secret(desk, made, form)

    @get("/{machine_id:uuid}")
    async def open(self, desk: NamedDependency[Desk], machine_id: FromPath[UUID]) -> Response[str]:
        """Show one machine with what may be changed."""
        desk.require(Permission.MANAGE_TENANT)
        return await _machine(desk, machine_id)

    @post("/{machine_id:uuid}/scopes")
    async def change_scopes(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        machine_id: FromPath[UUID],
    ) -> Response[str]:
        """Replace what a machine may do."""
        if not form.require(desk.say("form.required", field=FIELD), "scopes"):
            return await _machine(desk, machine_id, form)
        try:
            made = await desk.change(
                "ChangeClientScopes", form, clientId=str(machine_id), scopes=form.texts("scopes")
            )
        except Refused as refused:
            return await _machine(desk, machine_id, form.refuse(refused))
        return desk.see(f"{LIST}/{machine_id}", said="scopes_changed", name=made["name"])

    @post("/{machine_id:uuid}/secret")
    async def rotate(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        machine_id: FromPath[UUID],
    ) -> Response[str]:
        """Give a machine a new secret and show it, this once."""
        try:
            made = await desk.change(
                "RotateClientSecret", form, clientId=str(machine_id), secret=form.text("secret")
            )
        except Refused as refused:
            return await _machine(desk, machine_id, form.refuse(refused))
        return _secret(desk, made, form)

    @get("/{machine_id:uuid}/end")
    async def confirm_end(
        self, desk: NamedDependency[Desk], machine_id: FromPath[UUID]
    ) -> Response[str]:
        """Ask before a machine ends: that cannot be undone."""
        desk.require(Permission.MANAGE_TENANT)
        machine = _row(desk, await _found(desk, machine_id))
        return desk.page("tenancy/client_end.html", machine=machine)

    @post("/{machine_id:uuid}/end")
    async def end(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        machine_id: FromPath[UUID],
    ) -> Response[str]:
        """End a machine."""
        desk.require(Permission.MANAGE_TENANT)
        machine = await _found(desk, machine_id)
        if machine["kind"] == "CLIENT":
            await desk.change("RevokeMachineClient", form, clientId=str(machine_id))
        else:
            await desk.change("RevokeMachineKey", form, keyId=str(machine_id))
        return desk.see(f"{LIST}/{machine_id}", said="machine_ended", name=machine["name"])


def _new(desk: Desk, form: Form) -> Response[str]:
    return desk.page("tenancy/client_new.html", form=form, scopes=_choices(desk))


def _secret(desk: Desk, made: Mapping[str, Any], form: Form) -> Response[str]:
    """Show a secret this once: the form holds it, and the house only a hash."""
    return desk.page("tenancy/client_secret.html", machine=made, secret=form.text("secret"))


async def _found(desk: Desk, machine_id: UUID) -> Mapping[str, Any]:
    machines = (await desk.read("MachineList"))["machines"]
    return desk.found(next((one for one in machines if one["id"] == str(machine_id)), None))


async def _machine(desk: Desk, machine_id: UUID, form: Form | None = None) -> Response[str]:
    found = await _found(desk, machine_id)
    shown = Form.holding(scopes=found["scopes"], secret=_new_secret())
    if form is not None:
        shown.errors = form.errors
        shown.values = {**shown.values, "scopes": form.texts("scopes")}
    return desk.page(
        "tenancy/client.html", form=shown, machine=_row(desk, found), scopes=_choices(desk)
    )


def _row(desk: Desk, machine: Mapping[str, Any]) -> MachineRow:
    zone, ends = desk.shell.zone, machine["expiresAt"]
    state = "ended" if machine["revokedAt"] else "serves"
    if state == "serves" and ends and ends <= desk.now.isoformat():
        state = "ran_out"
    return MachineRow(
        id=machine["id"],
        name=machine["name"],
        kind=machine["kind"].lower(),
        state=state,
        scopes=desk.say("list.comma").join(_scope(desk, scope) for scope in machine["scopes"]),
        last_used=_seen(desk, machine["lastUsedAt"]),
        ends=instant_text(ends, zone, desk.language) if ends else "",
        secrets=[
            (
                instant_text(secret["createdAt"], zone, desk.language),
                instant_text(secret["expiresAt"], zone, desk.language)
                if secret["expiresAt"]
                else desk.say("client.until_replaced"),
                _seen(desk, secret["lastUsedAt"]),
            )
            for secret in machine["secrets"]
        ],
    )


def _seen(desk: Desk, at: str | None) -> str:
    if at is None:
        return desk.say("client.never")
    return relative_text(at, desk.shell.zone, desk.language, desk.now)


def _choices(desk: Desk) -> list[tuple[str, str]]:
    """Return what the reader may give a machine: their own rights, and documents of its own."""
    own = desk.person.permissions | {Permission.ADHOC_DOCUMENTS}
    return [(one.name, _scope(desk, one.name)) for one in Permission if one in own]


def _scope(desk: Desk, code: str) -> str:
    name = code.lower()
    return find_sentence(desk.language, f"permission.{name}") or name.replace("_", " ")


def _new_secret() -> str:
    return secrets.token_urlsafe(32)
