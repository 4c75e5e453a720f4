"""Every component on one page, in every state: for the people who build pages, and for tests."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency

from serviceco.core.actor import Actor, ActorKind, Permission
from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk
from serviceco.web.forms import FIELD, Form
from serviceco.web.gallery_facts import ORDER, ORDERS
from serviceco.web.prints import label_page, slip_page
from serviceco.web.shells import BranchChoice, Shell

_SAMPLE_ID = UUID("018f0000-0000-7000-8000-000000000001")
_CLERK = Actor(
    kind=ActorKind.STAFF,
    account_id=_SAMPLE_ID,
    tenant_id=_SAMPLE_ID,
    name="王芳",
    roles=frozenset({"branch_manager"}),
    permissions=frozenset(Permission),
)
_SHELL = Shell(
    person="王芳",
    company="Harbour Device Care",
    currency="CNY",
    zone="Asia/Shanghai",
    branches=(
        BranchChoice("1", "sh01", "人民路店", "Asia/Shanghai"),
        BranchChoice("2", "sh02", "西门店", "Asia/Shanghai"),
    ),
)
# A row version of the sample form that somebody else has changed since.
_OLD_VERSION = 2
_TYPED = {"phone": "138", "symptoms": ["2", "5"], "proof": "invoice", "bought": "", "fee": "680.00"}


class GalleryPages(Controller):
    """Only in development."""

    path = "/_gallery"

    @get("/", public=True)
    async def show(self, request: PageRequest, desk: NamedDependency[Desk]) -> Response[str]:
        """Show all components; `?print=1` prints the papers as after an intake."""
        return _gallery(desk, Form.holding(**_TYPED), prints="print" in request.query_params)

    @post("/", public=True)
    async def send(self, desk: NamedDependency[Desk], form: NamedDependency[Form]) -> Response[str]:
        """Answer the sample form as a page would: 422 with faults, 409 after a clash, or 303."""
        if not form.require(desk.say("form.required", field=FIELD), "phone", "bought"):
            return _gallery(desk, form)
        if form.version() == _OLD_VERSION:
            return _gallery(desk, form.clash(phone=_TYPED["phone"]))
        return desk.see("/_gallery", said="saved")

    @get("/rows", public=True)
    async def rows(self, desk: NamedDependency[Desk], request: PageRequest) -> Response[str]:
        """Answer the sample filter: the whole page, or the list alone for a swap."""
        wanted = request.query_params.get("q", "")
        orders = [order for order in ORDERS if wanted in order["number"]]
        return _gallery(desk, Form.holding(**_TYPED, q=wanted), orders=orders)

    @get("/slip", public=True)
    async def slip(self, desk: NamedDependency[Desk], request: PageRequest) -> Response[str]:
        """Show the slip of the sample order."""
        return slip_page(
            _seated(desk), ORDER | {"words": ORDER["words"] | {"language": desk.language}}, request
        )

    @get("/label", public=True)
    async def label(self, desk: NamedDependency[Desk], request: PageRequest) -> Response[str]:
        """Show the labels of the sample order."""
        return label_page(_seated(desk), ORDER, request)


def _gallery(
    desk: Desk,
    form: Form,
    *,
    orders: Sequence[Mapping[str, Any]] = ORDERS,
    prints: bool = False,
) -> Response[str]:
    return _seated(desk).page(
        "gallery/page.html", form=form, orders=orders, order=ORDER, prints=prints
    )


def _seated(desk: Desk) -> Desk:
    """Return the desk with a sample clerk at it, unless somebody is signed in."""
    return desk if desk.actor else replace(desk, actor=_CLERK, shell=_SHELL, branch_code="sh01")
