"""Papers: slip and receipt for the customer, labels for the device and its accessories."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.actor import Permission
from serviceco.core.catalogues import known_language, sentence
from serviceco.web.connections import PageRequest
from serviceco.web.decisions import Ground, Why, coded, why_of
from serviceco.web.desk import Desk
from serviceco.web.doors import CustomerLinks
from serviceco.web.formats import in_language
from serviceco.web.forms import whole_number

LABEL_STOCKS = ("60x40", "40x30")
SLIP_PAPERS = ("a5", "a4")
_MOST_LABELS = 20
_SYMPTOM_SIGNS = 8


class PrintPages(Controller):
    """Plain pages with their own style sheet and paper size; what is shown is what prints."""

    path = "/print"

    @get("/slip/{number:str}")
    async def slip(
        self,
        request: PageRequest,
        desk: NamedDependency[Desk],
        links: NamedDependency[CustomerLinks],
        number: FromPath[str],
    ) -> Response[str]:
        """Print the slip, two copies, in the customer's language; theirs has their own link."""
        order = await _order(desk, "PrintSlip", number)
        token = await links.token(desk.person.tenant, UUID(order["id"]))
        own = f"{request.base_url}c/{token}" if token else ""
        return slip_page(desk, order, request, customer_link=own)

    @get("/label/{number:str}")
    async def label(
        self, request: PageRequest, desk: NamedDependency[Desk], number: FromPath[str]
    ) -> Response[str]:
        """Print one label for the device and one for each accessory, or `?n=` of them."""
        return label_page(desk, await _order(desk, "PrintLabel", number), request)

    @get("/receipt/{number:str}")
    async def receipt(
        self, request: PageRequest, desk: NamedDependency[Desk], number: FromPath[str]
    ) -> Response[str]:
        """Print what the customer takes along at the hand-over, in the customer's language."""
        order = await _order(desk, "PrintReceipt", number)
        theirs = desk.in_language(_customer_language(order, desk.language))
        return theirs.page(
            "print/receipt.html",
            order=order,
            customer=order.get("customer") or {},
            accessories=_accessories(order, theirs.language),
            paper=_one_of(SLIP_PAPERS, request.query_params.get("paper")),
            link=order_link(request, number),
        )


def slip_page(
    desk: Desk, order: Mapping[str, Any], request: PageRequest, *, customer_link: str = ""
) -> Response[str]:
    """Render the slip of one order."""
    theirs = desk.in_language(_customer_language(order, desk.language))
    # They come newest first, and the newest of each line is in force.
    in_force = {found["lineId"]: found["decision"] for found in reversed(order["decisions"])}
    explained = [why_of(decision, theirs.language) for decision in in_force.values()]
    whys = [why for why in explained if why]
    return theirs.page(
        "print/slip.html",
        order=order,
        customer=order.get("customer") or {},
        condition=_condition(order, theirs.language),
        accessories=_accessories(order, theirs.language),
        paper=_one_of(SLIP_PAPERS, request.query_params.get("paper")),
        link=order_link(request, order["number"]),
        customer_link=customer_link,
        # Lines share most of their reasons; each is printed once, in the order of the lines.
        grounds=list(dict.fromkeys(ground for why in whys for ground in _grounds(why))),
        policy=next((why.policy for why in whys), ""),
    )


def label_page(desk: Desk, order: Mapping[str, Any], request: PageRequest) -> Response[str]:
    """Render the labels of one order."""
    asked = whole_number(request.query_params.get("n", ""))
    labels = 1 + len(order["accessories"]) if asked is None else asked
    return desk.page(
        "print/label.html",
        order=order,
        customer=order.get("customer") or {},
        stock=_one_of(LABEL_STOCKS, request.query_params.get("stock")),
        labels=min(max(labels, 1), _MOST_LABELS),
        symptom=_symptom(order, desk.language),
        link=order_link(request, order["number"]),
    )


def order_link(request: PageRequest, number: str) -> str:
    """Return the short permanent address of an order on this host."""
    return f"{request.base_url}o/{number}"


def _one_of(known: tuple[str, ...], asked: str | None) -> str:
    return asked if asked in known else known[0]


async def _order(desk: Desk, document: str, number: str) -> Mapping[str, Any]:
    sees_customer = desk.person.may(Permission.READ_CUSTOMERS)
    data = await desk.read(document, number=number, seesCustomer=sees_customer)
    return desk.found(data["order"])


def _customer_language(order: Mapping[str, Any], otherwise: str) -> str:
    """Return the language in which the customer spoke, or that of their record."""
    words, customer = order.get("words") or {}, order.get("customer") or {}
    asked = words.get("language") or customer.get("language")
    return known_language(asked) if asked else otherwise


def _condition(order: Mapping[str, Any], language: str) -> str:
    """Return the marks seen at receipt, ticked and noted."""
    marks = [coded(language, "condition", code) for code in order["conditionCodes"]]
    noted = [*marks, order["conditionNote"]]
    return sentence(language, "list.comma").join(mark for mark in noted if mark)


def _accessories(order: Mapping[str, Any], language: str) -> str:
    """Return what came with the device; empty for the device alone."""
    things = (coded(language, "accessory", code) for code in order["accessories"])
    return sentence(language, "list.comma").join(things)


def _symptom(order: Mapping[str, Any], language: str) -> str:
    """Return the first coded symptom, else the beginning of the customer's words."""
    names = {symptom["code"]: symptom["names"] for symptom in order["category"]["symptoms"]}
    named = next((names[code] for code in order["symptomCodes"] if code in names), None)
    words = (order.get("words") or {}).get("words") or ""
    return in_language(named, language) if named else words[:_SYMPTOM_SIGNS]


def _grounds(why: Why) -> tuple[Ground, ...]:
    """Return what decided: the law's own reason before the policy's."""
    return (why.floor, *why.grounds) if why.floor else why.grounds
