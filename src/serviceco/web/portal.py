"""The customer's pages: one order by its link, the answer to its quote, and the way in by number."""

from collections.abc import Mapping
from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.actor import ActorKind
from serviceco.core.refusals import Refusal
from serviceco.web.connections import PageRequest
from serviceco.web.decisions import Ground, Why, why_of
from serviceco.web.desk import Desk
from serviceco.web.doors import CustomerLinks
from serviceco.web.forms import FIELD, Form
from serviceco.web.refused import Refused, refused_by

_ANSWERS = ("yes", "no")
_TOO_MANY = "TOO_MANY_ATTEMPTS"


class PortalPages(Controller):
    """One order as its customer sees it; plain pages that need no script."""

    path = "/c/{token:str}"
    include_in_schema = False

    @get("/", public=True)
    async def show(
        self, request: PageRequest, desk: NamedDependency[Desk], token: FromPath[str]
    ) -> Response[str]:
        """Show the order that the link opens."""
        if not _is_open(desk):
            return _gone(desk)
        return await _order_page(desk, request, token)

    @get("/answer", public=True)
    async def confirm(
        self, request: PageRequest, desk: NamedDependency[Desk], token: FromPath[str]
    ) -> Response[str]:
        """Ask once more before an answer is kept, naming the amount and how long it stands."""
        if not _is_open(desk):
            return _gone(desk)
        approved = request.query_params.get("approved", "")
        return await _confirm_page(desk, token, Form.holding(approved=approved))

    @post("/answer", public=True)
    async def answer(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        token: FromPath[str],
    ) -> Response[str]:
        """Keep the answer; sent twice, it is kept once."""
        if not _is_open(desk):
            return _gone(desk)
        approved = form.text("approved") == "yes"
        try:
            await desk.change(
                "AnswerQuote",
                form,
                revision=form.number("revision") or 0,
                approved=approved,
                note=form.text("note"),
            )
        except Refused as refused:
            return await _confirm_page(desk, token, form.refuse(refused))
        said = "quote_approved" if approved else "quote_declined"
        return desk.see(f"/c/{token}?lang={desk.language}", said=said)


class TrackPages(Controller):
    """Finding an order without its link: by number and the whole telephone."""

    path = "/track"
    include_in_schema = False

    @get("/", public=True)
    async def show(self, request: PageRequest, desk: NamedDependency[Desk]) -> Response[str]:
        """Show the form; `?number=` fills the number in."""
        number = request.query_params.get("number", "")
        return desk.page("portal/track.html", form=Form.holding(number=number))

    @post("/", public=True)
    async def find(
        self,
        request: PageRequest,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        links: NamedDependency[CustomerLinks],
    ) -> Response[str]:
        """Lead to the order; what is unknown and what is wrong read alike."""
        if not form.require(desk.say("form.required", field=FIELD), "number", "phone"):
            return desk.page("portal/track.html", form=form)
        address = request.client.host if request.client else ""
        try:
            token = await links.find(
                number=form.text("number"), phone=form.text("phone"), address=address
            )
        except Refusal as refusal:
            status = 429 if refusal.code == _TOO_MANY else 422
            form.refuse(_told(refusal, desk))
            return desk.answer("portal/track.html", status=status, form=form)
        return desk.see(f"/c/{token}?lang={desk.language}")


def _told(refusal: Refusal, desk: Desk) -> Refused:
    """Return the refusal with the sentence of this page for what was not found."""
    refused = refused_by(refusal, desk.language)
    if refused.code == "NOT_FOUND":
        refused.message = desk.say("track.not_found")
    return refused


def _is_open(desk: Desk) -> bool:
    return desk.actor is not None and desk.actor.kind is ActorKind.CUSTOMER


def _gone(desk: Desk) -> Response[str]:
    """Say that the link opens nothing any more, and where else to look."""
    return desk.answer("portal/gone.html", status=404)


async def _order_page(desk: Desk, request: PageRequest, token: str) -> Response[str]:
    order = (await desk.read("TrackedOrder"))["trackedOrder"]
    return desk.answer(
        "portal/order.html",
        status=200,
        order=order,
        token=token,
        grounds=_grounds(order, desk.language),
        pickup_link=f"{request.base_url}o/{order['number']}",
    )


async def _confirm_page(desk: Desk, token: str, form: Form) -> Response[str]:
    order = (await desk.read("TrackedOrder"))["trackedOrder"]
    quote, approved = order["quote"], form.text("approved")
    is_asked = quote is not None and (
        quote["isAnswerable"] if approved == "yes" else quote["mayDecline"]
    )
    if approved not in _ANSWERS or not (is_asked or form.errors):
        return desk.see(f"/c/{token}?lang={desk.language}")
    return desk.page("portal/answer.html", form=form, order=order, token=token, is_asked=is_asked)


def _grounds(order: Mapping[str, Any], language: str) -> list[Ground]:
    """Return the reasons of all decisions in force, each once, in the customer's words."""
    whys = [why for decision in order["decisions"] if (why := why_of(decision, language))]
    return list(dict.fromkeys(ground for why in whys for ground in _reasons(why)))


def _reasons(why: Why) -> tuple[Ground, ...]:
    return (why.floor, *why.grounds) if why.floor else why.grounds
