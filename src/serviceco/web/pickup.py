"""Pickup: the money, the accessories, and the device back to its customer (ui.md F4)."""

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.actor import Permission
from serviceco.web.desk import Desk
from serviceco.web.evidence_facts import read_evidence
from serviceco.web.forms import FIELD, Form
from serviceco.web.orders import bare, read_order
from serviceco.web.refused import Refused

# In the order of their number keys.
METHODS = ("CASH", "WECHAT", "ALIPAY", "CARD", "ACCOUNT")


class PickupPages(Controller):
    """Paying and handing over; the device leaves only from the page that names the amount."""

    path = "/orders/{number:str}"
    include_in_schema = False

    @get("/handover")
    async def show(self, desk: NamedDependency[Desk], number: FromPath[str]) -> Response[str]:
        """Show what is due and what goes back."""
        return await _pickup_page(desk, number, Form.holding(method=METHODS[0]))

    @post("/payments")
    async def pay(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form], number: FromPath[str]
    ) -> Response[str]:
        """Take a payment, or give back what was paid too much."""
        amount_minor = form.amount("amount", desk.shell.currency)
        if amount_minor is None:
            form.errors["amount"] = desk.say("form.number_invalid")
        if (
            not form.require(desk.say("form.required", field=FIELD), "method")
            or amount_minor is None
        ):
            return await _pickup_page(desk, number, form)
        document = "RefundPayment" if form.ticked("refund") else "TakePayment"
        try:
            await desk.change(
                document,
                form,
                number=bare(number),
                version=form.version(),
                amountMinor=str(amount_minor),
                method=form.text("method"),
                reference=form.text("reference"),
            )
        except Refused as refused:
            return await _pickup_page(desk, number, form.refuse(refused))
        return desk.see(f"/orders/{bare(number)}/handover", said="paid")

    @post("/handover")
    async def hand_over(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form], number: FromPath[str]
    ) -> Response[str]:
        """Ask once, naming what happens; then close the order."""
        if not form.ticked("confirmed"):
            order = await read_order(desk, number)
            missing = set(order["accessories"]) - set(form.texts("accessories"))
            if missing and not form.text("note"):
                form.errors["accessories"] = desk.say("refusal.ACCESSORIES_UNCONFIRMED")
            if order["customerAmount"]["amountMinor"] != order["paidAmount"]["amountMinor"]:
                form.errors["amount"] = desk.say("refusal.PAYMENT_DUE")
            if form.errors:
                return await _pickup_page(desk, number, form)
            return desk.page("repairs/handover_confirm.html", form=form, order=order)
        try:
            await desk.change(
                "HandOver",
                form,
                number=bare(number),
                version=form.version(),
                accessories=form.texts("accessories"),
                collector=form.text("collector"),
                note=form.text("note"),
            )
        except Refused as refused:
            return await _pickup_page(desk, number, form.refuse(refused))
        return desk.see(f"/orders/{bare(number)}?receipt=1", said="handed_over")


async def _pickup_page(desk: Desk, number: str, form: Form) -> Response[str]:
    desk.require(Permission.HAND_OVER)
    order = await read_order(desk, number, form)
    evidence = await read_evidence(desk, order)
    return desk.page(
        "repairs/handover.html", form=form, order=order, methods=METHODS, evidence=evidence
    )
