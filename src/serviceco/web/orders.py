"""The order page: the single truth of one repair, and what can be done from it at once."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.actor import Permission
from serviceco.web.clashes import note_clash, stamp_of
from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk
from serviceco.web.evidence_facts import read_evidence
from serviceco.web.formats import product_text
from serviceco.web.forms import FIELD, Form
from serviceco.web.intake_facts import PROOF_KEYS, proofs_given
from serviceco.web.order_log import log_of, undo_of
from serviceco.web.refused import Refused

_PAPERS = ("print", "receipt")


class OrderPages(Controller):
    """One order; its inspection, quote and hand-over have pages of their own below it."""

    path = "/orders/{number:str}"
    include_in_schema = False

    @get("/")
    async def show(
        self, request: PageRequest, desk: NamedDependency[Desk], number: FromPath[str]
    ) -> Response[str]:
        """Show the order; `?print=1` prints its papers, `?receipt=1` the receipt."""
        papers = [name for name in _PAPERS if name in request.query_params]
        return await order_page(desk, number, Form(), papers=papers)

    @post("/proofs")
    async def add_proof(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form], number: FromPath[str]
    ) -> Response[str]:
        """Add a proof of purchase that came later."""
        order = await read_order(desk, number)
        today = desk.now.astimezone(ZoneInfo(order["branch"]["zone"])).date()
        proofs = proofs_given(form, today)
        if not proofs:
            form.errors["dated_on"] = desk.say("form.day_invalid")
            return await order_page(desk, number, form)
        return await take(desk, form, number, "AddProof", proof=proofs[0])

    @post("/owner")
    async def assign(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form], number: FromPath[str]
    ) -> Response[str]:
        """Give the order to somebody."""
        if not form.require(desk.say("form.required", field=FIELD), "staff_id"):
            return await order_page(desk, number, form)
        return await take(desk, form, number, "AssignOrder", staffId=form.text("staff_id"))

    @post("/undo")
    async def undo(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form], number: FromPath[str]
    ) -> Response[str]:
        """Take back what was just done here."""
        return await take(desk, form, number, "UndoLatest", said="undone")

    @post("/reveal")
    async def reveal(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form], number: FromPath[str]
    ) -> Response[str]:
        """Show the customer to whoever says why; shown with this answer and not again."""
        try:
            shown = await desk.change(
                "RevealCustomer", form, orderNumber=bare(number), reason=form.text("reveal_reason")
            )
        except Refused as refused:
            return await order_page(desk, number, form.refuse_in(refused, "reveal_reason"))
        return await order_page(desk, number, Form(), revealed=shown["customer"])

    @post("/link")
    async def take_link_back(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form], number: FromPath[str]
    ) -> Response[str]:
        """End the customer's links of the order, and make a new one if asked."""
        renewed = form.text("renewed") == "yes"
        return await take(desk, form, number, "RevokeCustomerLink", renewed=renewed)

    @post("/ending")
    async def end(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form], number: FromPath[str]
    ) -> Response[str]:
        """Give the device back unrepaired, or cancel what should not have been."""
        if not form.require(desk.say("form.required", field=FIELD), "ending", "reason"):
            return await order_page(desk, number, form)
        document = "CancelOrder" if form.text("ending") == "CANCEL" else "DeclineRepair"
        return await take(desk, form, number, document, reason=form.text("reason"))


async def take(
    desk: Desk, form: Form, number: str, document: str, *, said: str = "saved", **variables: object
) -> Response[str]:
    """Run a step from the order page: back to it when taken, with the reason beside the field when not."""
    try:
        await desk.change(document, form, number=bare(number), version=form.version(), **variables)
    except Refused as refused:
        if refused.status in {403, 404}:
            raise
        return await order_page(desk, number, form.refuse(refused))
    return desk.see(f"/orders/{bare(number)}", said=said)


async def read_order(desk: Desk, number: str, form: Form | None = None) -> Mapping[str, Any]:
    """Read an order as far as the person may see it; `form` learns of it what it missed.

    Raises:
        Refused: there is no such order for this person.
    """
    may = desk.person.may
    data = await desk.read(
        "OrderPage",
        number=bare(number),
        seesCustomer=may(Permission.READ_CUSTOMERS),
        seesPolicy=may(Permission.READ_POLICY),
    )
    order = desk.found(data["order"])
    # What the person may not see was not asked for.
    unseen = {"customer": None, "policyVersion": None}
    if form is not None:
        note_clash(desk, form, order)
    own = {"deviceName": device_name(order, desk.language), "stamp": stamp_of(order)}
    return {**unseen, **order, **own}


async def order_page(
    desk: Desk,
    number: str,
    form: Form,
    *,
    papers: list[str] | None = None,
    revealed: Mapping[str, Any] | None = None,
) -> Response[str]:
    """Render the order page with this form in it, and a customer who was revealed for a reason."""
    order = await read_order(desk, number, form)
    may_assign = desk.person.may(Permission.ASSIGN_ORDER) and not order["closedAt"]
    staff = (await desk.read("StaffChoices"))["staff"] if may_assign else []
    return desk.page(
        "repairs/order.html",
        form=form,
        order=order,
        staff=staff,
        papers=papers or [],
        revealed=revealed,
        proof_keys=PROOF_KEYS,
        may={permission.value for permission in desk.person.permissions},
        visit=visit_decision(order),
        evidence=await read_evidence(desk, order),
        log=log_of(order["events"], desk.language),
        undo=undo_of(desk, order),
    )


def visit_decision(order: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the latest decision on the visit as a whole, None where no policy stands behind it."""
    return next(
        (found["decision"] for found in order["decisions"] if found["lineId"] is None), None
    )


def device_name(order: Mapping[str, Any], language: str) -> str:
    """Return brand and model: of the registers where they are known, else as printed."""
    device, brand = order["device"], order["brand"]
    model = device["model"]["name"] if device["model"] else device["modelPrinted"]
    if brand:
        return product_text(brand["names"], model, language)
    return f"{device['brandPrinted']} {model}".strip()


def bare(number: str) -> str:
    """Return an order number without the spaces that staff read it with."""
    return "".join(number.split())
