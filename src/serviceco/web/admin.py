"""The administrator's start: what the company consists of, and what it lacks to begin work."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from serviceco.core.actor import Permission
from serviceco.web.choices import brand_name
from serviceco.web.desk import Desk

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the checklist; `href` is where what is missing can be added."""

    sentence: str
    is_done: bool
    href: str = ""


class AdminPages(Controller):
    """What the company consists of."""

    path = "/admin"
    include_in_schema = False

    @get("/")
    async def show(self, desk: NamedDependency[Desk]) -> Response[str]:
        """Show the company's service points and contracts, and what is missing."""
        desk.require(Permission.MANAGE_TENANT)
        found = await desk.read("AdminPage")
        lacking = await desk.read("AdminChecklist")
        contracts = [
            (contract, brand_name(contract["brand"], desk.language))
            for contract in found["contracts"]
        ]
        names = {contract["brand"]["id"]: name for contract, name in contracts}
        return desk.page(
            "tenancy/admin.html",
            branches=found["branches"],
            contracts=contracts,
            levels=_levels(lacking),
            steps=[
                *_branch_steps(desk, lacking["branchStaffing"]),
                *_brand_steps(desk, lacking, names),
            ],
            may_contract=desk.person.may(Permission.MANAGE_BRANDS),
        )


def _levels(lacking: Row) -> dict[str, list[str]]:
    """Return what stands behind the contracts that count now: branches with repair levels."""
    codes = {branch["branchId"]: branch["code"] for branch in lacking["branchStaffing"]}
    return {
        one["contractId"]: [
            f"{codes[allowed['branchId']]} {allowed['repairLevel']}"
            for allowed in one["authorised"]
            if allowed["branchId"] in codes
        ]
        for one in lacking["brandReadiness"]
    }


def _branch_steps(desk: Desk, staffing: Sequence[Row]) -> Iterator[Step]:
    """Yield a line for the branches, and one for each where work has nobody to do it."""
    yield Step(desk.say("step.branches", n=len(staffing)), bool(staffing), "/admin/branches/new")
    comma = desk.say("list.comma")
    for branch in staffing:
        missing = [desk.say(f"permission.{code.lower()}") for code in branch["missing"]]
        said = "step.staff_missing" if missing else "step.staffed"
        sentence = desk.say(said, branch=branch["code"], work=comma.join(missing))
        yield Step(
            sentence, not missing, _open_to(desk, Permission.MANAGE_STAFF, "/admin/staff/new")
        )


def _brand_steps(desk: Desk, lacking: Row, names: Mapping[str, str]) -> Iterator[Step]:
    """Yield a line for the contracts, and what is missing for each brand."""
    codes = {branch["branchId"]: branch["code"] for branch in lacking["branchStaffing"]}
    brands = lacking["brandReadiness"]
    if not brands:
        here = _open_to(desk, Permission.MANAGE_BRANDS, "/admin/contracts/new")
        yield Step(desk.say("step.no_contract"), is_done=False, href=here)
    for one in brands:
        brand, path = names[one["brandId"]], f"/admin/contracts/{one['contractId']}"
        here = _open_to(desk, Permission.MANAGE_BRANDS, path)
        said = "step.in_force" if one["isInForce"] else "step.not_in_force"
        contract = desk.say(said, brand=brand, number=one["contractNumber"])
        yield Step(contract, one["isInForce"], here)
        said = "step.policy" if one["hasPolicy"] else "step.no_policy"
        yield Step(desk.say(said, brand=brand), one["hasPolicy"])
        left_out = [codes[branch] for branch in one["missing"] if branch in codes]
        said = "step.level_missing" if left_out else "step.levels"
        branches = desk.say("list.comma").join(left_out)
        yield Step(desk.say(said, brand=brand, branches=branches), not left_out, here)


def _open_to(desk: Desk, permission: Permission, path: str) -> str:
    """Return a path for who may go there, an empty one for others."""
    return path if desk.person.may(permission) else ""
