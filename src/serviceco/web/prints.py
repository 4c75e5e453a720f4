"""Papers: the intake slip for the customer and the labels for the device and its accessories."""

from collections.abc import Mapping
from typing import Any

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.catalogues import known_language
from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk

LABEL_STOCKS = ("60x40", "40x30")
SLIP_PAPERS = ("a5", "a4")
_MOST_LABELS = 20


class PrintPages(Controller):
    """Plain pages with their own style sheet and paper size; what is shown is what prints."""

    path = "/print"

    @get("/slip/{number:str}")
    async def slip(
        self, request: PageRequest, desk: NamedDependency[Desk], number: FromPath[str]
    ) -> Response[str]:
        """Print the slip, two copies, in the customer's language."""
        order = (await desk.read("PrintSlip", number=number))["order"]
        return slip_page(desk, order, request)

    @get("/label/{number:str}")
    async def label(
        self, request: PageRequest, desk: NamedDependency[Desk], number: FromPath[str]
    ) -> Response[str]:
        """Print one label for the device and one for each accessory, or `?n=` of them."""
        order = (await desk.read("PrintLabel", number=number))["order"]
        return label_page(desk, order, request)


def slip_page(desk: Desk, order: Mapping[str, Any], request: PageRequest) -> Response[str]:
    """Render the slip of one order."""
    theirs = desk.in_language(known_language(order["customerLanguage"]))
    paper = _one_of(SLIP_PAPERS, request.query_params.get("paper"))
    return theirs.page(
        "print/slip.html", order=order, paper=paper, link=order_link(request, order["number"])
    )


def label_page(desk: Desk, order: Mapping[str, Any], request: PageRequest) -> Response[str]:
    """Render the labels of one order."""
    stock = _one_of(LABEL_STOCKS, request.query_params.get("stock"))
    asked = request.query_params.get("n", "")
    labels = int(asked) if asked.isdecimal() else 1 + len(order["accessories"])
    return desk.page(
        "print/label.html",
        order=order,
        stock=stock,
        labels=min(max(labels, 1), _MOST_LABELS),
        link=order_link(request, order["number"]),
    )


def order_link(request: PageRequest, number: str) -> str:
    """Return the short permanent address of an order on this host."""
    return f"{request.base_url}o/{number}"


def _one_of(known: tuple[str, ...], asked: str | None) -> str:
    return asked if asked in known else known[0]
