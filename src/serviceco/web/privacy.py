"""Whoever answers for privacy: finding a person, telling them all, erasing them, and periods."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.actor import Permission
from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk
from serviceco.web.downloads import csv_answer
from serviceco.web.forms import FIELD, Form, whole_number
from serviceco.web.refused import Refused

HOME = "/admin/privacy"
GROUNDS = ("REQUEST", "MISTAKE")
# Those of whom a preview can count; sign-ins are counted by the worker alone.
PERIODS = ("CUSTOMERS", "PHOTOS", "WORDS", "SIGN_INS")
_COUNTED = ("CUSTOMERS", "PHOTOS", "WORDS")


class PrivacyPages(Controller):
    """People's data, by person and by period."""

    path = HOME
    include_in_schema = False

    @get("/")
    async def show(self, request: PageRequest, desk: NamedDependency[Desk]) -> Response[str]:
        """Look a person up by telephone; `?customers=24` and the like try a period."""
        asked = request.query_params
        tried = {kept: asked.get(kept.lower(), "") for kept in _COUNTED}
        return await _home(desk, Form.holding(phone=asked.get("phone", "")), tried)

    @post("/periods/{kept:str}")
    async def keep(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form], kept: FromPath[str]
    ) -> Response[str]:
        """Set a period; an empty one keeps for ever."""
        typed = form.text("months")
        if kept not in PERIODS or (typed and form.number("months") is None):
            form.errors["months"] = desk.say("privacy.months_wrong")
            return await _home(desk, form, {})
        try:
            await desk.change("SetRetention", form, kept=kept, months=form.number("months"))
        except Refused as refused:
            return await _home(desk, form.refuse(refused), {})
        return desk.see(HOME, said="saved")

    @get("/persons/{customer_id:uuid}")
    async def person(
        self, desk: NamedDependency[Desk], customer_id: FromPath[UUID]
    ) -> Response[str]:
        """Show what is held about a person."""
        return await _person_page(desk, customer_id, Form())

    @post("/persons/{customer_id:uuid}/export")
    async def export(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        customer_id: FromPath[UUID],
    ) -> Response[str]:
        """Enter an export and lead to its file."""
        try:
            entered = await desk.change("ExportPerson", form, customerId=str(customer_id))
        except Refused as refused:
            return await _person_page(desk, customer_id, form.refuse(refused))
        ending = "csv" if form.text("form") == "csv" else "json"
        return desk.see(f"{HOME}/exports/{entered['id']}.{ending}")

    @get("/exports/{name:str}")
    async def file(
        self, desk: NamedDependency[Desk], name: FromPath[str]
    ) -> Response[str] | Response[bytes]:
        """Give the file of an export, to who made it, within minutes."""
        desk.require(Permission.MANAGE_PRIVACY)
        stem, _, ending = name.partition(".")
        found = await desk.read("PersonExport", exportId=stem)
        if ending == "csv":
            headings = [
                desk.say(f"privacy.file_{part}") for part in ("table", "row", "name", "value")
            ]
            return csv_answer("person", headings, _cells(found["personExport"]))
        return Response(
            json.dumps(found["personExport"], ensure_ascii=False, indent=1),
            media_type="application/json",
            headers={"content-disposition": 'attachment; filename="person.json"'},
        )

    @get("/persons/{customer_id:uuid}/erasure")
    async def confirm(
        self, desk: NamedDependency[Desk], customer_id: FromPath[UUID]
    ) -> Response[str]:
        """Name the person and the counts before anything goes."""
        return await _erasure_page(desk, customer_id, Form.holding(ground="REQUEST"))

    @post("/persons/{customer_id:uuid}/erasure")
    async def erase(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        customer_id: FromPath[UUID],
    ) -> Response[str]:
        """Erase the person."""
        if form.text("ground") not in GROUNDS:
            form.errors["ground"] = desk.say("form.required", field=FIELD)
            return await _erasure_page(desk, customer_id, form)
        try:
            await desk.change(
                "ErasePerson", form, customerId=str(customer_id), ground=form.text("ground")
            )
        except Refused as refused:
            return await _erasure_page(desk, customer_id, form.refuse(refused))
        return desk.see(f"{HOME}/persons/{customer_id}", said="person_erased")


async def _home(desk: Desk, form: Form, tried: Mapping[str, str]) -> Response[str]:
    desk.require(Permission.MANAGE_PRIVACY)
    phone = form.text("phone")
    people = (await desk.read("PersonsByPhone", phone=phone))["personsByPhone"] if phone else []
    months = {kept.lower(): whole_number(text) for kept, text in tried.items() if text}
    periods = (await desk.read("RetentionPeriods", **months))["retentionPeriods"]
    return desk.page(
        "privacy/home.html",
        form=form,
        phone_asked=phone,
        people=people,
        periods=periods,
        tried=tried,
    )


async def _person_page(desk: Desk, customer_id: UUID, form: Form) -> Response[str]:
    found = (await desk.read("PersonPage", customerId=str(customer_id)))["person"]
    return desk.page("privacy/person.html", form=form, **_dossier(desk, found))


async def _erasure_page(desk: Desk, customer_id: UUID, form: Form) -> Response[str]:
    found = (await desk.read("PersonPage", customerId=str(customer_id)))["person"]
    if found["person"]["erasedAt"]:
        return desk.see(f"{HOME}/persons/{customer_id}")
    return desk.page("privacy/erasure.html", form=form, **_dossier(desk, found), grounds=GROUNDS)


def _dossier(desk: Desk, found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "person": found["person"],
        "held": sorted(found["held"], key=lambda holding: -int(holding["rows"])),
        "obstacles": [
            desk.say(f"refusal.{each['code']}", number=each["number"]) or each["message"]
            for each in found["obstacles"]
        ],
    }


def _cells(found: Mapping[str, list[Mapping[str, Any]]]) -> Iterator[tuple[object, ...]]:
    """Yield one line for each value: table, number of the row, name, value."""
    for table, rows in found.items():
        for number, row in enumerate(rows, start=1):
            for name, value in row.items():
                if value not in (None, "", [], {}):
                    yield table, number, name, _plain(value)


def _plain(value: object) -> object:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return value
