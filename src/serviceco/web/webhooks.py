"""Webhooks: where somebody's systems are told of acts, how they fare, and what was sent.

A company and a brand have the same pages, each at an address of its own and for what is its own.
"""

import json
import secrets
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.actor import Permission
from serviceco.core.refusals import NotFound
from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk
from serviceco.web.forms import FIELD, Form
from serviceco.web.listing import address_of
from serviceco.web.refused import Refused, refused_by
from serviceco.web.sides import BRAND, of_side

LIST = "/admin/webhooks"
# What an endpoint may ask for, in the order in which it happens.
KINDS = (
    "repair.received",
    "repair.quoted",
    "repair.approved",
    "repair.declined",
    "repair.quality_passed",
    "repair.handed_over",
    "repair.cancelled",
    "claim.submitted",
)
BRAND_KINDS = (
    "repair.received",
    "repair.quality_passed",
    "repair.handed_over",
    "repair.cancelled",
    "claim.submitted",
)
STATUSES = ("PENDING", "DELIVERED", "FAILED", "HELD")
# Forms of one endpoint that need nothing but its id, with the sentence that greets afterwards.
ACTS: Mapping[str, tuple[str, str]] = {
    "pause": ("PauseWebhook", "webhook_paused"),
    "resumption": ("ResumeWebhook", "webhook_resumed"),
    "test": ("SendWebhookTest", "webhook_test_sent"),
}
# How far back everything that failed may be sent again, in days.
SPANS = (1, 7, 30)
_SECRET_BYTES = 32


class WebhookPages(Controller):
    """Endpoints, and the messages to each."""

    path = LIST
    include_in_schema = False

    @get("/")
    async def show(self, desk: NamedDependency[Desk]) -> Response[str]:
        """List the endpoints with their health."""
        _require(desk)
        rows = (await desk.read("WebhookList"))["webhookEndpoints"]
        stopped = [row for row in rows if row["status"] in {"FAILING", "GONE"}]
        return desk.page("exchange/webhooks.html", place=_place(desk), rows=rows, stopped=stopped)

    @get("/new")
    async def compose(self, desk: NamedDependency[Desk]) -> Response[str]:
        """Show the form of a new endpoint with its secret, this once."""
        _require(desk)
        offered = [kind for kind, _ in _kinds(desk)]
        return _composed(desk, Form.holding(secret=_new_secret(), kinds=offered))

    @post("/")
    async def create(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form]
    ) -> Response[str]:
        """Add an endpoint."""
        _require(desk)
        if not form.require(desk.say("form.required", field=FIELD), "url", "kinds"):
            return _composed(desk, form)
        try:
            made = await desk.change(
                "CreateWebhook", form, **_given(form), secret=form.text("secret")
            )
        except Refused as refused:
            return _composed(desk, form.refuse(refused))
        return desk.see(f"{_place(desk)}/{made['id']}", said="webhook_created")

    @get("/{endpoint_id:uuid}")
    async def open(
        self, desk: NamedDependency[Desk], request: PageRequest, endpoint_id: FromPath[UUID]
    ) -> Response[str]:
        """Show one endpoint, what may be done with it, and what was sent."""
        _require(desk)
        return await _page(desk, request, endpoint_id)

    @post("/{endpoint_id:uuid}")
    async def change(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        request: PageRequest,
        endpoint_id: FromPath[UUID],
    ) -> Response[str]:
        """Change where an endpoint is and what it is told."""
        _require(desk)
        if not form.require(desk.say("form.required", field=FIELD), "url", "kinds"):
            return await _page(desk, request, endpoint_id, form)
        try:
            await desk.change(
                "ChangeWebhook",
                form,
                endpointId=str(endpoint_id),
                **_given(form),
                version=form.version(),
            )
        except Refused as refused:
            return await _page(desk, request, endpoint_id, form.refuse(refused))
        return desk.see(f"{_place(desk)}/{endpoint_id}", said="webhook_changed")

    @post("/{endpoint_id:uuid}/secret")
    async def rotate(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        request: PageRequest,
        endpoint_id: FromPath[UUID],
    ) -> Response[str]:
        """Sign with the secret that the page has shown."""
        return await _done(
            desk, form, request, endpoint_id, "RotateWebhookSecret", secret=form.text("secret")
        ) or desk.see(f"{_place(desk)}/{endpoint_id}", said="webhook_rotated")

    @post("/{endpoint_id:uuid}/removal")
    async def remove(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        request: PageRequest,
        endpoint_id: FromPath[UUID],
    ) -> Response[str]:
        """Remove an endpoint, which cannot be undone: so a box is ticked first."""
        _require(desk)
        if not form.ticked("sure"):
            form.errors[""] = desk.say("webhook.tick_first")
            return await _page(desk, request, endpoint_id, form)
        return await _done(desk, form, request, endpoint_id, "RemoveWebhook") or desk.see(
            _place(desk), said="webhook_removed"
        )

    @post("/{endpoint_id:uuid}/replay")
    async def replay_failed(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        request: PageRequest,
        endpoint_id: FromPath[UUID],
    ) -> Response[str]:
        """Send everything of the last days once more that failed or was held."""
        days = form.number("days")
        since = desk.now - timedelta(days=days if days in SPANS else SPANS[0])
        return await _done(
            desk, form, request, endpoint_id, "ReplayFailedWebhooks", since=since.isoformat()
        ) or desk.see(f"{_place(desk)}/{endpoint_id}", said="webhook_replayed")

    @post("/{endpoint_id:uuid}/{act:str}")
    async def act(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        request: PageRequest,
        endpoint_id: FromPath[UUID],
        act: FromPath[str],
    ) -> Response[str]:
        """Pause, resume or test an endpoint."""
        document, said = desk.found({"act": ACTS[act]} if act in ACTS else None)["act"]
        return await _done(desk, form, request, endpoint_id, document) or desk.see(
            f"{_place(desk)}/{endpoint_id}", said=said
        )

    @get("/deliveries/{delivery_id:uuid}")
    async def read(self, desk: NamedDependency[Desk], delivery_id: FromPath[UUID]) -> Response[str]:
        """Show one message with its payload and its answer."""
        _require(desk)
        return await _delivery(desk, delivery_id, Form())

    @post("/deliveries/{delivery_id:uuid}/replay")
    async def replay(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        delivery_id: FromPath[UUID],
    ) -> Response[str]:
        """Send one message once more."""
        _require(desk)
        try:
            await desk.change("ReplayWebhookDelivery", form, deliveryId=str(delivery_id))
        except Refused as refused:
            return await _delivery(desk, delivery_id, form.refuse(refused))
        return desk.see(f"{_place(desk)}/deliveries/{delivery_id}", said="webhook_replayed")


class BrandWebhookPages(WebhookPages):
    """The same for a brand's own people."""

    path = "/brand/{brand:str}/webhooks"
    opt = of_side(BRAND)


def _place(desk: Desk) -> str:
    """Return where the pages are for whom the person acts."""
    return f"/brand/{desk.shell.brand_code}/webhooks" if desk.person.brand_id else LIST


def _require(desk: Desk) -> None:
    """Pass where the person manages webhooks, and the address names their own brand, if one."""
    if not f"{desk.path}/".startswith(f"{_place(desk)}/"):
        raise refused_by(NotFound("There is no such page."), desk.language)
    desk.require(Permission.MANAGE_WEBHOOKS)


async def _done(
    desk: Desk,
    form: Form,
    request: PageRequest,
    endpoint_id: UUID,
    document: str,
    **more: object,
) -> Response[str] | None:
    """Run a mutation on an endpoint; return the page with the refusal, None where it was done."""
    _require(desk)
    try:
        await desk.change(document, form, endpointId=str(endpoint_id), **more)
    except Refused as refused:
        return await _page(desk, request, endpoint_id, form.refuse(refused))
    return None


async def _page(
    desk: Desk, request: PageRequest, endpoint_id: UUID, form: Form | None = None
) -> Response[str]:
    address = address_of(request, ("status",))
    status = next(iter(address.among("status", STATUSES)), None)
    found = await desk.read(
        "WebhookPage",
        id=str(endpoint_id),
        status=None if status is None else [status],
        **address.place(),
    )
    endpoint = desk.found(found["webhookEndpoint"])
    shown = form or Form()
    if "url" not in shown.values:
        shown.put(url=endpoint["url"], kinds=endpoint["kinds"], description=endpoint["description"])
    return desk.page(
        "exchange/webhook.html",
        place=_place(desk),
        form=shown,
        endpoint=endpoint,
        kinds=_kinds(desk),
        secret=_new_secret(),
        spans=[(days, desk.say("webhook.days", n=days)) for days in SPANS],
        rows=found["webhookDeliveries"]["nodes"],
        pager=address.pager(found["webhookDeliveries"]["pageInfo"]),
        tabs=[
            (
                desk.say(f"webhook.delivery.{one.lower()}" if one else "list.all"),
                address.to(status=one.lower() if one else None),
                status == one,
            )
            for one in (None, *STATUSES)
        ],
    )


async def _delivery(desk: Desk, delivery_id: UUID, form: Form) -> Response[str]:
    found = await desk.read("WebhookDelivery", id=str(delivery_id))
    delivery: Mapping[str, Any] = desk.found(found["webhookDelivery"])
    return desk.page(
        "exchange/webhook_delivery.html",
        place=_place(desk),
        form=form,
        delivery=delivery,
        body=json.dumps(delivery["body"], ensure_ascii=False, indent=2, sort_keys=True),
        is_due=datetime.fromisoformat(delivery["dueAt"]) <= datetime.now(UTC),
    )


def _composed(desk: Desk, form: Form) -> Response[str]:
    return desk.page("exchange/webhook_new.html", place=_place(desk), form=form, kinds=_kinds(desk))


def _given(form: Form) -> dict[str, object]:
    return {
        "url": form.text("url"),
        "kinds": form.texts("kinds"),
        "description": form.text("description"),
    }


def _kinds(desk: Desk) -> list[tuple[str, str]]:
    offered = BRAND_KINDS if desk.person.brand_id else KINDS
    return [(kind, desk.say(f"webhook.kind.{kind}")) for kind in offered]


def _new_secret() -> str:
    """Return a secret as Standard Webhooks writes it; the form brings it back."""
    return "whsec_" + b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()
