"""Trying a policy on past orders: what would have been decided, in counts, money and orders."""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from serviceco.core.actor import Permission
from serviceco.web.choices import chosen
from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk
from serviceco.web.downloads import csv_stream
from serviceco.web.formats import amount_text, date_text
from serviceco.web.forms import Form
from serviceco.web.listing import Address, address_of
from serviceco.web.order_files import all_pages
from serviceco.web.policies import LIST, show_draft, show_version
from serviceco.web.refused import Refused
from serviceco.web.replay_rows import (
    COVERAGES,
    PAYERS,
    matrix_of,
    names_of,
    shifts_by,
    total_of,
)

REPLAYS = f"{LIST}/replays"
FILTERS = ("from", "to", "branch")


class ReplayPages(Controller):
    """Replays of drafts and versions."""

    path = LIST
    include_in_schema = False

    @post("/{version_id:uuid}/replays")
    async def try_version(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        version_id: FromPath[UUID],
    ) -> Response[str]:
        """Begin to replay past orders against a version."""
        desk.require(Permission.WRITE_POLICY)
        try:
            made = await desk.change(
                "ReplayPolicyVersion", form, versionId=str(version_id), **_wanted(form)
            )
        except Refused as refused:
            return await show_version(desk, version_id, form.refuse_in(refused, "most_orders"))
        return desk.see(f"{REPLAYS}/{made['id']}", said="replay_begun")

    @post("/drafts/{draft_id:uuid}/replays")
    async def try_draft(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        draft_id: FromPath[UUID],
    ) -> Response[str]:
        """Begin to replay past orders against a draft."""
        desk.require(Permission.WRITE_POLICY)
        try:
            made = await desk.change(
                "ReplayPolicyDraft", form, policyDraftId=str(draft_id), **_wanted(form)
            )
        except Refused as refused:
            return await show_draft(desk, draft_id, form.refuse_in(refused, "most_orders"))
        return desk.see(f"{REPLAYS}/{made['id']}", said="replay_begun")

    @get("/replays/{replay_id:uuid}")
    async def show(
        self, desk: NamedDependency[Desk], request: PageRequest, replay_id: FromPath[UUID]
    ) -> Response[str]:
        """Show how far the replay is, and what it has found."""
        return await _page(desk, address_of(request, FILTERS), replay_id, Form())

    @post("/replays/{replay_id:uuid}/cancellation")
    async def cancel(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        request: PageRequest,
        replay_id: FromPath[UUID],
    ) -> Response[str]:
        """Stop; what was counted stays."""
        desk.require(Permission.WRITE_POLICY)
        try:
            await desk.change("CancelPolicyReplay", form, replayId=str(replay_id))
        except Refused as refused:
            address = address_of(request, FILTERS)
            return await _page(desk, address, replay_id, form.refuse(refused))
        return desk.see(f"{REPLAYS}/{replay_id}", said="replay_cancelled")

    @get("/replays/{replay_id:uuid}/orders.csv")
    async def download(
        self, desk: NamedDependency[Desk], request: PageRequest, replay_id: FromPath[UUID]
    ) -> Stream:
        """Return every order that changes, by the current filter, as a file."""
        found = await _found(desk, replay_id)
        variables = _variables(found["policyReplay"], address_of(request, FILTERS))
        sides = [(payer, side) for payer in PAYERS for side in ("before", "after")]
        headings = [
            *(desk.say(f"column.{name}") for name in ("number", "branch", "device", "closed_at")),
            desk.say("replay.was"),
            desk.say("replay.becomes"),
            *(
                f"{desk.say(f'payer.{payer}')} {desk.say(f'replay.{side}')}"
                for payer, side in sides
            ),
        ]
        return await csv_stream(f"replay-{replay_id}", headings, _lines(desk, variables))

    @get("/replays/{replay_id:uuid}/orders/{number:str}")
    async def explain(
        self, desk: NamedDependency[Desk], replay_id: FromPath[UUID], number: FromPath[str]
    ) -> Response[str]:
        """Show both decisions on each line of an order, with their reasons."""
        found = await _found(desk, replay_id)
        lines = await desk.read("PolicyReplayLines", replayId=str(replay_id), orderNumber=number)
        return desk.page(
            "policy/replay_order.html",
            replay=found["policyReplay"],
            number=number,
            lines=lines["policyReplayLines"],
        )


async def _page(desk: Desk, address: Address, replay_id: UUID, form: Form) -> Response[str]:
    found = await _found(desk, replay_id)
    replay = found["policyReplay"]
    listed = await desk.read("PolicyReplayOrders", **_variables(replay, address), **address.place())
    cells = found["policyReplayCells"]
    branches, models = names_of(listed["branches"]), names_of(listed["models"])
    unknown = desk.say("replay.unknown_model")
    return desk.page(
        "policy/replay.html",
        form=form,
        replay=replay,
        home=f"{REPLAYS}/{replay_id}",
        address=address,
        currency=next((cell["brandBefore"]["currency"] for cell in cells), ""),
        total=total_of(cells),
        matrix=matrix_of(cells),
        branches=shifts_by(cells, "branchId", branches, "--"),
        models=shifts_by(found["policyReplayModels"], "modelId", models, unknown),
        orders=listed["policyReplayOrders"]["nodes"],
        pager=address.pager(listed["policyReplayOrders"]["pageInfo"]),
        payers=PAYERS,
    )


async def _found(desk: Desk, replay_id: UUID) -> Mapping[str, Any]:
    desk.require(Permission.WRITE_POLICY)
    found = await desk.read("PolicyReplay", id=str(replay_id))
    desk.found(found["policyReplay"])
    return found


def _wanted(form: Form) -> dict[str, Any]:
    return {
        "mostOrders": form.number("most_orders") or 0,
        "againstId": chosen(form.text("against")),
    }


def _variables(replay: Mapping[str, Any], address: Address) -> dict[str, Any]:
    was, becomes = address.among("from", COVERAGES), address.among("to", COVERAGES)
    return {
        "replayId": replay["id"],
        "brandId": replay["brand"]["id"],
        "was": was[0] if was else None,
        "becomes": becomes[0] if becomes else None,
        "branchId": chosen(address.text("branch")),
    }


async def _lines(desk: Desk, variables: Mapping[str, Any]) -> AsyncIterator[list[list[str]]]:
    name = "policyReplayOrders"
    async for page in all_pages(desk, "PolicyReplayOrders", name, variables):
        yield [_cells(desk, row) for row in page[name]["nodes"] if row["order"]]


def _cells(desk: Desk, row: Mapping[str, Any]) -> list[str]:
    order = row["order"]
    model = order["device"]["model"]
    return [
        order["number"],
        order["branch"]["code"],
        model["code"] if model else "",
        date_text(order["closedAt"][:10], desk.language),
        desk.say(f"coverage.{row['before'].lower()}"),
        desk.say(f"coverage.{row['after'].lower()}"),
        *(
            amount_text(int(money["amountMinor"]), money["currency"])
            for payer in PAYERS
            for side in ("Before", "After")
            if (money := row[f"{payer}{side}"])
        ),
    ]
