"""Lines and quotes of an order: what is to be done, who pays, and whether the customer agrees."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.actor import Permission
from serviceco.web.desk import Desk
from serviceco.web.forms import FIELD, Form, whole_number
from serviceco.web.orders import bare, read_order
from serviceco.web.refused import Refused

_VALID_DAYS = 7


class QuotePages(Controller):
    """The page on which an order gets its lines and its price."""

    path = "/orders/{number:str}"
    include_in_schema = False

    @get("/quote")
    async def show(self, desk: NamedDependency[Desk], number: FromPath[str]) -> Response[str]:
        """Show the lines, what can be added, and the quotes so far."""
        return await _quote_page(desk, number, Form())

    @post("/lines")
    async def propose(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form], number: FromPath[str]
    ) -> Response[str]:
        """Add a line from the price list, or one of our own where no policy has a list."""
        line = _line_given(form, desk.shell.currency)
        if line is None:
            form.errors["offer"] = desk.say("quote.choose_line")
            return await _quote_page(desk, number, form)
        return await _take(desk, form, number, "ProposeLine", said="saved", line=line)

    @post("/lines/{line:str}/removal")
    async def remove(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        number: FromPath[str],
        line: FromPath[str],
    ) -> Response[str]:
        """Take a line off."""
        return await _take(desk, form, number, "RemoveLine", said="saved", lineId=line)

    @post("/quote")
    async def send(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form], number: FromPath[str]
    ) -> Response[str]:
        """Quote what the customer is to pay."""
        days = form.number("valid_days") or _VALID_DAYS
        try:
            quote = await desk.change(
                "SendQuote", form, number=bare(number), version=form.version(), validDays=days
            )
        except Refused as refused:
            return await _quote_page(desk, number, form.refuse(refused))
        said = "quoted_anew" if quote["revision"] > 1 else "quoted"
        place = f"/orders/{bare(number)}/quote"
        return desk.see(place, said=said, revision=quote["revision"])

    @post("/approval")
    async def decide(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form], number: FromPath[str]
    ) -> Response[str]:
        """Record the customer's answer, and how it came."""
        if not form.require(desk.say("form.required", field=FIELD), "approved", "channel"):
            return await _quote_page(desk, number, form)
        try:
            await desk.change(
                "DecideQuote",
                form,
                number=bare(number),
                version=form.version(),
                approved=form.text("approved") == "yes",
                channel=form.text("channel"),
                note=form.text("note"),
            )
        except Refused as refused:
            return await _quote_page(desk, number, form.refuse(refused))
        return desk.see(f"/orders/{bare(number)}", said="saved")


async def _take(
    desk: Desk, form: Form, number: str, document: str, *, said: str, **variables: object
) -> Response[str]:
    try:
        await desk.change(document, form, number=bare(number), version=form.version(), **variables)
    except Refused as refused:
        return await _quote_page(desk, number, form.refuse(refused))
    return desk.see(f"/orders/{bare(number)}/quote", said=said)


async def _quote_page(desk: Desk, number: str, form: Form) -> Response[str]:
    order = await read_order(desk, number, form)
    edits = order["areLinesOpen"] and desk.person.may(Permission.QUOTE)
    prices = (await desk.read("PriceList", number=bare(number)))["priceList"] if edits else None
    return desk.page("repairs/quote.html", form=form, order=order, prices=prices)


def _line_given(form: Form, currency: str) -> dict[str, Any] | None:
    """Return the `LineInput`: `offer` is `LABOUR:2`, `PART:XH-BAT-50`, or a kind of our own."""
    kind, _, code = form.text("offer").partition(":")
    if not kind:
        return None
    line: dict[str, Any] = {"line": kind, "quantity": form.number("quantity") or 1}
    if form.text("line_name"):
        price_minor = form.amount("line_price", currency)
        name = form.text("line_name")
        return (
            None if price_minor is None else line | {"name": name, "priceMinor": str(price_minor)}
        )
    level = whole_number(code)
    if kind == "LABOUR" and level is not None:
        return line | {"repairLevel": level}
    return line | {"code": code}
