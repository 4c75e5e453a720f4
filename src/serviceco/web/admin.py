"""The administrator's start: service points, contracts and people, read only for now."""

from litestar import Controller, Response, get
from litestar.di import NamedDependency

from serviceco.core.actor import Permission
from serviceco.web.choices import brand_name
from serviceco.web.desk import Desk


class AdminPages(Controller):
    """What the company consists of."""

    path = "/admin"
    include_in_schema = False

    @get("/")
    async def show(self, desk: NamedDependency[Desk]) -> Response[str]:
        """Show the company's service points, contracts and people."""
        desk.require(Permission.MANAGE_TENANT)
        found = await desk.read("AdminPage")
        contracts = [
            (contract, brand_name(contract["brand"], desk.language))
            for contract in found["contracts"]
        ]
        return desk.page(
            "tenancy/admin.html",
            branches=found["branches"],
            contracts=contracts,
            staff=found["staff"],
        )
