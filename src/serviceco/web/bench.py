"""The bench from the order page: starting, waiting for parts, the record of the work, its check."""

from typing import Any

from litestar import Controller, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.web.desk import Desk
from serviceco.web.forms import FIELD, Form
from serviceco.web.orders import order_page, take

_NEW_SERIAL = "new_serial."


class BenchPages(Controller):
    """Every step answers with the order page."""

    path = "/orders/{number:str}"
    include_in_schema = False

    @post("/repair")
    async def start(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form], number: FromPath[str]
    ) -> Response[str]:
        """Begin the repair."""
        return await take(desk, form, number, "StartRepair")

    @post("/wait")
    async def wait(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form], number: FromPath[str]
    ) -> Response[str]:
        """Set the order aside until its parts are there."""
        return await take(desk, form, number, "WaitForParts")

    @post("/work")
    async def complete(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form], number: FromPath[str]
    ) -> Response[str]:
        """Record the fault, the remedy, the time and the parts."""
        needed = ("outcome", "fault_note", "remedy_note", "labour_minutes")
        form.require(desk.say("form.required", field=FIELD), *needed)
        if form.text("labour_minutes") and form.number("labour_minutes") is None:
            form.errors["labour_minutes"] = desk.say("form.number_invalid")
        if form.errors:
            return await order_page(desk, number, form)
        return await take(desk, form, number, "CompleteRepair", work=_work_given(form))

    @post("/quality")
    async def check(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form], number: FromPath[str]
    ) -> Response[str]:
        """Pass or fail the repair."""
        passed = form.text("passed") == "yes"
        if not passed and not form.require(desk.say("quality.note_needed"), "quality_note"):
            return await order_page(desk, number, form)
        note = form.text("quality_note")
        return await take(desk, form, number, "CheckQuality", passed=passed, note=note)


def _work_given(form: Form) -> dict[str, Any]:
    lines = [name.removeprefix(_NEW_SERIAL) for name in form.values if name.startswith(_NEW_SERIAL)]
    return {
        "outcome": form.text("outcome"),
        "faultNote": form.text("fault_note"),
        "remedyNote": form.text("remedy_note"),
        "labourMinutes": form.number("labour_minutes"),
        "parts": [
            {
                "lineId": line,
                "newSerial": form.text(f"{_NEW_SERIAL}{line}"),
                "oldSerial": form.text(f"old_serial.{line}"),
            }
            for line in lines
        ],
    }
