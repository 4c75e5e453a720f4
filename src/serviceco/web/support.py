"""Support: the company's consent, and what a supporter sees with it."""

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.actor import ActorKind, Permission
from serviceco.core.refusals import NotPermitted, Refusal
from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk
from serviceco.web.doors import SupportSessions
from serviceco.web.forms import Form
from serviceco.web.listing import address_of
from serviceco.web.order_rows import STATUSES
from serviceco.web.orders import bare
from serviceco.web.refused import Refused, refused_by

CONSENTS = "/admin/support"
HOURS = (1, 4, 24, 72)


class SupportConsentPages(Controller):
    """The owner lets support in for some hours, and puts it out."""

    path = CONSENTS
    include_in_schema = False

    @get("/")
    async def show(self, desk: NamedDependency[Desk]) -> Response[str]:
        """Show the consents so far, and the form for another."""
        return await _consents_page(desk, Form.holding(hours=HOURS[1]))

    @post("/")
    async def grant(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form]
    ) -> Response[str]:
        """Let support in."""
        try:
            await desk.change("GrantSupport", form, hours=form.number("hours") or 0)
        except Refused as refused:
            return await _consents_page(desk, form.refuse(refused))
        return desk.see(CONSENTS, said="support_granted")

    @post("/{consent_id:uuid}/withdrawal")
    async def withdraw(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        consent_id: FromPath[UUID],
    ) -> Response[str]:
        """Put support out."""
        try:
            await desk.change("WithdrawSupport", form, consentId=str(consent_id))
        except Refused as refused:
            return await _consents_page(desk, form.refuse(refused))
        return desk.see(CONSENTS, said="support_withdrawn")


class SupportPages(Controller):
    """What a supporter sees of a company: orders without customers and money."""

    path = "/support"
    include_in_schema = False

    @get("/begin/{token:str}", public=True)
    async def arrive(self, desk: NamedDependency[Desk], token: FromPath[str]) -> Response[str]:
        """Ask before the one-use link is used: whoever fetches it unasked uses nothing up."""
        return desk.answer("privacy/begin.html", status=200, token=token, refused="")

    @post("/begin/{token:str}", public=True)
    async def begin(
        self,
        desk: NamedDependency[Desk],
        support: NamedDependency[SupportSessions],
        token: FromPath[str],
    ) -> Response[str]:
        """Begin the session."""
        try:
            cookie = await support.begin(token)
        except Refusal as refusal:
            refused = desk.say("support.link_over") if refusal.code == "NOT_FOUND" else ""
            sentence = refused or refused_by(refusal, desk.language).message
            return desk.answer("privacy/begin.html", status=403, token=token, refused=sentence)
        answer = desk.see("/support")
        answer.headers["set-cookie"] = cookie
        return answer

    @post("/end")
    async def end(
        self, desk: NamedDependency[Desk], support: NamedDependency[SupportSessions]
    ) -> Response[str]:
        """End the session before its time."""
        _require_support(desk)
        answer = desk.see("/sign-in")
        answer.headers["set-cookie"] = await support.end(desk.person)
        return answer

    @get("/")
    async def orders(self, desk: NamedDependency[Desk], request: PageRequest) -> Response[str]:
        """List the company's orders; a number leads to its order."""
        _require_support(desk)
        address = address_of(request, ("number", "status"))
        if number := address.text("number"):
            return desk.see(f"/support/orders/{bare(number)}")
        statuses = address.among("status", STATUSES)
        found = await desk.read("SupportOrders", status=statuses or None, **address.place())
        return desk.page(
            "privacy/support_orders.html",
            orders=found["orders"]["nodes"],
            pager=address.pager(found["orders"]["pageInfo"]),
            sought=address.form(),
            statuses=[(status, desk.say(f"status.{status.lower()}")) for status in STATUSES],
        )

    @get("/orders/{number:str}")
    async def order(self, desk: NamedDependency[Desk], number: FromPath[str]) -> Response[str]:
        """Show one order."""
        _require_support(desk)
        found: Any = desk.found((await desk.read("SupportOrder", number=bare(number)))["order"])
        return desk.page("privacy/support_order.html", order=found)


def _require_support(desk: Desk) -> None:
    """Pass silently, or raise `Refused`: these pages are nobody else's."""
    if desk.person.kind is not ActorKind.SUPPORT:
        raise refused_by(NotPermitted("Only support sees this."), desk.language)


async def _consents_page(desk: Desk, form: Form) -> Response[str]:
    desk.require(Permission.MANAGE_TENANT)
    found = await desk.read("SupportConsents")
    consents = [
        (consent, consent["withdrawnAt"] is None and consent["until"] > desk.now.isoformat())
        for consent in found["supportConsents"]
    ]
    return desk.page(
        "privacy/consents.html",
        form=form,
        consents=consents,
        hours=[(hours, desk.say("support.hours", n=hours)) for hours in HOURS],
    )
