"""Service points: open one, write it anew, close it and open it again."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.actor import Permission
from serviceco.web.desk import Desk
from serviceco.web.forms import FIELD, Form
from serviceco.web.refused import Refused

BRANCHES = "/admin/branches"
# act: (document, what is said then)
_ACTS = {
    "closure": {"document": "CloseBranch", "said": "branch_closed"},
    "opening": {"document": "ReopenBranch", "said": "branch_reopened"},
}


class BranchPages(Controller):
    """A service point, by its code."""

    path = BRANCHES
    include_in_schema = False

    @get("/new")
    async def compose(self, desk: NamedDependency[Desk]) -> Response[str]:
        """Show the form of a new one."""
        desk.require(Permission.MANAGE_TENANT)
        form = Form.holding(zone=desk.shell.zone)
        return desk.page("tenancy/branch.html", form=form, branch=None)

    @post("/")
    async def open(self, desk: NamedDependency[Desk], form: NamedDependency[Form]) -> Response[str]:
        """Open it."""
        if not form.require(desk.say("form.required", field=FIELD), "code", "name", "zone"):
            return desk.page("tenancy/branch.html", form=form, branch=None)
        try:
            made = await desk.change(
                "OpenBranch",
                form,
                code=form.text("code"),
                zone=form.text("zone"),
                place=_place(form),
            )
        except Refused as refused:
            return desk.page("tenancy/branch.html", form=form.refuse(refused), branch=None)
        return desk.see("/admin", said="branch_opened", branch=made["name"])

    @get("/{code:str}")
    async def show(self, desk: NamedDependency[Desk], code: FromPath[str]) -> Response[str]:
        """Show it with what may be changed."""
        desk.require(Permission.MANAGE_TENANT)
        return await _branch(desk, code, None)

    @post("/{code:str}")
    async def change(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form], code: FromPath[str]
    ) -> Response[str]:
        """Write name, address and telephone anew."""
        branch = await _found(desk, code)
        if not form.require(desk.say("form.required", field=FIELD), "name"):
            return desk.page("tenancy/branch.html", form=form, branch=branch)
        try:
            await desk.change("ChangeBranch", form, branchId=branch["id"], place=_place(form))
        except Refused as refused:
            return desk.page("tenancy/branch.html", form=form.refuse(refused), branch=branch)
        return desk.see(f"{BRANCHES}/{code}", said="saved")

    @post("/{code:str}/{act:str}")
    async def act(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        code: FromPath[str],
        act: FromPath[str],
    ) -> Response[str]:
        """Close it, or open it again."""
        asked = desk.found(_ACTS.get(act))
        branch = await _found(desk, code)
        try:
            await desk.change(asked["document"], form, branchId=branch["id"])
        except Refused as refused:
            return await _branch(desk, code, refused)
        return desk.see(f"{BRANCHES}/{code}", said=asked["said"], branch=branch["name"])


def _place(form: Form) -> dict[str, str]:
    return {name: form.text(name) for name in ("name", "address", "phone")}


async def _found(desk: Desk, code: str) -> Any:
    return desk.found((await desk.read("BranchPage", code=code))["branch"])


async def _branch(desk: Desk, code: str, refused: Refused | None) -> Response[str]:
    branch = await _found(desk, code)
    form = Form.holding(**{name: branch[name] for name in ("name", "address", "phone")})
    if refused:
        form.errors[""] = refused.message
    return desk.page("tenancy/branch.html", form=form, branch=branch)
