"""Inspection: the brand's checklist, its photos, and the decision as it forms (ui.md F2)."""

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.web.clashes import find_other
from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk
from serviceco.web.doors import Photos
from serviceco.web.formats import in_language
from serviceco.web.forms import Form
from serviceco.web.inspection_facts import answered_form, answers_given
from serviceco.web.order_log import undo_of
from serviceco.web.orders import bare, read_order, take, visit_decision
from serviceco.web.photos import add_photos
from serviceco.web.refused import Refused

Steps = Sequence[Mapping[str, Any]]


class InspectionPages(Controller):
    """The checklist of the standard that the order is pinned to; each answer is saved at once."""

    path = "/orders/{number:str}"
    # The edge has bounded the body already; pictures are larger than other forms.
    request_max_body_size = None
    include_in_schema = False

    @get("/inspection")
    async def show(self, desk: NamedDependency[Desk], number: FromPath[str]) -> Response[str]:
        """Show the checklist with the answers so far."""
        return await _checklist(desk, number)

    @post("/inspection")
    async def start(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form], number: FromPath[str]
    ) -> Response[str]:
        """Begin; the order is the technician's from now on."""
        try:
            await desk.change("StartInspection", form, number=bare(number), version=form.version())
        except Refused:
            return await take(desk, form, number, "StartInspection")
        return desk.see(f"/orders/{bare(number)}/inspection", said="inspection_started")

    @post("/answers")
    async def answer(
        self,
        request: PageRequest,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        photos: NamedDependency[Photos],
        number: FromPath[str],
    ) -> Response[str]:
        """Save the photos that came along, then every answer that changed."""
        slots = await _save(request, desk, form, photos, number)
        if form.errors or desk.region:
            return await _checklist(desk, number, form if form.errors else None, slots)
        return desk.see(f"/orders/{bare(number)}/inspection", said="saved")

    @post("/conclusion")
    async def conclude(
        self,
        request: PageRequest,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        photos: NamedDependency[Photos],
        number: FromPath[str],
    ) -> Response[str]:
        """Save what is on the page and close the inspection, unless somebody else was at it."""
        order, _ = await _read(desk, number)
        if find_other(desk, form, order):
            return await _checklist(desk, number, form)
        await _save(request, desk, form, photos, number)
        if form.errors:
            return await _checklist(desk, number, form)
        try:
            await desk.change("ConcludeInspection", form, number=bare(number))
        except Refused as refused:
            form.refuse(refused)
            if refused.code == "INSPECTION_INCOMPLETE":
                await _name_missing(desk, form, number)
            return await _checklist(desk, number, form)
        return desk.see(f"/orders/{bare(number)}", said="concluded")


async def _save(
    request: PageRequest, desk: Desk, form: Form, photos: Photos, number: str
) -> frozenset[str]:
    """Save photos and answers, note in the form what was refused; return the slots of the photos."""
    slots = await add_photos(request, desk, form, photos, number)
    order, steps = await _read(desk, number)
    answers = answers_given(form, steps, order)
    if answers:
        try:
            # A key of its own each time: the page stays while its answers change.
            await desk.change("AnswerSteps", Form(), number=bare(number), answers=answers)
        except Refused as refused:
            form.refuse_in(refused, f"outcome.{refused.field}")
    return slots


async def _name_missing(desk: Desk, form: Form, number: str) -> None:
    """Say beside every required step that it is open."""
    order, steps = await _read(desk, number)
    answered = {result["stepCode"] for result in order["results"]}
    slots = {photo["slot"] for photo in order["photos"]}
    for step in steps:
        done = slots if step["kind"] == "PHOTO" else answered
        if step["isRequired"] and step["code"] not in done:
            place = "photo" if step["kind"] == "PHOTO" else "outcome"
            form.errors[f"{place}.{step['code']}"] = desk.say(
                "inspection.open_step", step=in_language(step["title"], desk.language)
            )


async def _checklist(
    desk: Desk, number: str, form: Form | None = None, slots: frozenset[str] = frozenset()
) -> Response[str]:
    """Render the page, or its region and the `slots` that photos were sent for, and no other.

    A slot in which the next photo waits while the last one travels must stay as it is.
    """
    order, steps = await _read(desk, number, form)
    shown = form or answered_form(order["results"])
    facts = {
        "order": order,
        "steps": steps,
        "slots": slots,
        "visit": visit_decision(order),
        "undo": undo_of(desk, order),
        "is_open": "CONCLUDE_INSPECTION" in order["openSteps"],
    }
    if desk.region:
        return desk.answer("repairs/inspection.html", status=200, form=shown, **facts)
    return desk.page("repairs/inspection.html", form=shown, **facts)


async def _read(
    desk: Desk, number: str, form: Form | None = None
) -> tuple[Mapping[str, Any], Steps]:
    order = await read_order(desk, number, form)
    standard = await desk.read("InspectionStandard", number=bare(number))
    steps: Steps = standard["inspectionStandard"]
    return order, steps
