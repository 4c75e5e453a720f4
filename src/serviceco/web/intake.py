"""Intake: a device, its customer and its trouble, in under a minute (ui.md F1).

Every look-up sends the whole form and gets one region of the page back; without scripts it gets
the whole page, filled in. Nothing is saved before the last button.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.actor import Permission
from serviceco.core.order_numbers import spaced
from serviceco.web.choices import chosen
from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk
from serviceco.web.drafts import draft_rows, new_draft, resumed
from serviceco.web.formats import in_language
from serviceco.web.forms import FIELD, Form
from serviceco.web.intake_facts import (
    ACCESSORIES,
    CONDITIONS,
    DEFAULT_PROMISE,
    OTHER_BRAND,
    PROOF_KEYS,
    adopt_device,
    device_given,
    intake_given,
    is_second_imei,
    promise_choices,
    proofs_given,
)
from serviceco.web.refused import Refused
from serviceco.web.scans import ScanKind, read_scan
from serviceco.web.shells import BranchChoice

_WAITING = ("RECEIVED", "INSPECTING")
_SHORTEST_PHONE = 7


@dataclass(slots=True)
class Counter:
    """What the registers say about a form as far as it is filled in."""

    registers: Mapping[str, Any]
    scan: Mapping[str, Any] | None = None
    known: Sequence[Mapping[str, Any]] = ()
    models: Sequence[Mapping[str, Any]] = ()
    preview: Mapping[str, Any] | None = None
    callers: Sequence[Mapping[str, Any]] = field(default_factory=list)

    @property
    def brands(self) -> list[Mapping[str, Any]]:
        """The brands under contract, each once."""
        return list(
            {row["brand"]["code"]: row["brand"] for row in self.registers["contracts"]}.values()
        )

    @property
    def symptoms(self) -> Sequence[Mapping[str, Any]]:
        """The symptoms of the chosen category, in the order of their number keys."""
        chosen = self.registers.get("chosen") or [{"symptoms": []}]
        symptoms: Sequence[Mapping[str, Any]] = chosen[0]["symptoms"]
        return symptoms

    @property
    def waiting(self) -> int:
        """How many devices wait before the bench of this branch."""
        counts = self.registers["boardCounts"]
        return sum(row["orders"] for row in counts if row["status"] in _WAITING)


class IntakePages(Controller):
    """The counter's page; every role that receives devices begins its day here."""

    path = "/b/{branch:str}/intake"
    include_in_schema = False

    @get("/")
    async def show(
        self, request: PageRequest, desk: NamedDependency[Desk], branch: FromPath[str]
    ) -> Response[str]:
        """Show the form, with the device of `?code=` in it; the code of an order opens the order."""
        place = _counter_of(desk, branch)
        scan = read_scan(request.query_params.get("code", ""))
        if scan.kind is ScanKind.ORDER:
            return desk.see(f"/orders/{scan.text}")
        form = Form.holding(code=scan.text, promised=DEFAULT_PROMISE, draft=new_draft())
        if asked := chosen(request.query_params.get("draft", "")):
            form = await resumed(desk, asked)
        return await _show(desk, place, form)

    @post("/preview")
    async def preview(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form], branch: FromPath[str]
    ) -> Response[str]:
        """Look up what the form names so far, and what the policy would say of it."""
        place = _counter_of(desk, branch)
        scan = read_scan(form.text("code"))
        if scan.kind is ScanKind.ORDER:
            return desk.lead(f"/orders/{scan.text}")
        return await _show(desk, place, form)

    @post("/")
    async def receive(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form], branch: FromPath[str]
    ) -> Response[str]:
        """Take the device in; its slip and labels print on the page of its order."""
        place = _counter_of(desk, branch)
        counter = await _look(desk, place, form)
        if not _is_complete(desk, place, form):
            return _page(desk, place, form, counter)
        words = form.text("words") or _ticked_words(desk, form, counter)
        intake = intake_given(
            form,
            branch_id=place.id,
            zone=place.zone,
            language=desk.language,
            words=words,
            now=desk.now,
        )
        try:
            order = await desk.change(
                "ReceiveDevice", form, intake=intake, draftId=chosen(form.text("draft"))
            )
        except Refused as refused:
            return _page(desk, place, form.refuse(refused), counter)
        number = order["number"]
        return desk.see(f"/orders/{number}?print=1", said="received", number=spaced(number))


def _counter_of(desk: Desk, code: str) -> BranchChoice:
    desk.require(Permission.RECEIVE_DEVICE)
    return desk.branch(code)


async def _show(desk: Desk, place: BranchChoice, form: Form) -> Response[str]:
    counter = await _look(desk, place, form)
    return desk.answer("repairs/intake.html", status=200, form=form, **_facts(desk, place, counter))


def _page(desk: Desk, place: BranchChoice, form: Form, counter: Counter) -> Response[str]:
    return desk.page("repairs/intake.html", form=form, **_facts(desk, place, counter))


def _facts(desk: Desk, place: BranchChoice, counter: Counter) -> dict[str, Any]:
    return {
        "branch": place,
        "counter": counter,
        "conditions": CONDITIONS,
        "accessories": ACCESSORIES,
        "proof_keys": PROOF_KEYS,
        "other_brand": OTHER_BRAND,
        "drafts": draft_rows(desk, place, counter.registers["intakeDrafts"]),
        "promises": promise_choices(place.zone, desk.now),
        "may_take_again": desk.person.may(Permission.RECEIVE_AGAIN),
    }


async def _look(desk: Desk, place: BranchChoice, form: Form) -> Counter:
    """Fill the form with what its serial number and phone tell, and preview the coverage."""
    scan, known = await _look_at_serial(desk, form)
    category = form.text("category")
    registers = await desk.read(
        "IntakePage", branchId=place.id, category=category, hasCategory=bool(category)
    )
    counter = Counter(registers, scan, known)
    counter.callers = await _look_at_phone(desk, form)
    counter.preview = await _look_at_coverage(desk, place, form)
    counter.models = await _look_at_models(desk, form, counter)
    return counter


async def _look_at_serial(
    desk: Desk, form: Form
) -> tuple[Mapping[str, Any] | None, Sequence[Mapping[str, Any]]]:
    """Read the number that was scanned or typed; a scan replaces the device that stood there."""
    scanned = form.text("code")
    text = scanned or form.text("serial")
    form.put(code="")
    if not text:
        return None, ()
    read = await desk.read("ReadScan", text=text)
    scan, model = read["scan"], read["scannedModel"]
    known = (await desk.read("KnownDevice", serial=scan["code"]))["devices"]
    if scanned and is_second_imei(form, scan, desk.now):
        form.put(second_serial=scan["code"])
        return await _look_at_serial(desk, form)
    if scanned:
        form.put(scanned_at=str(int(desk.now.timestamp())), second_serial="")
        form.put(brand="", brand_printed="", model="", model_printed="", category="")
        form.put(serial="" if scan["kind"] == "MODEL" else scan["code"])
    if scanned or not form.text("brand"):
        adopt_device(form, known, model)
    return scan, known


async def _look_at_phone(desk: Desk, form: Form) -> Sequence[Mapping[str, Any]]:
    phone = form.text("phone")
    if len(phone) < _SHORTEST_PHONE or not desk.person.may(Permission.READ_CUSTOMERS):
        return ()
    callers: Sequence[Mapping[str, Any]] = (await desk.read("KnownCustomers", phone=phone))[
        "knownCustomers"
    ]
    if callers and not form.text("name"):
        form.put(name=callers[0]["name"], language=form.text("language") or callers[0]["language"])
    return callers


async def _look_at_coverage(
    desk: Desk, place: BranchChoice, form: Form
) -> Mapping[str, Any] | None:
    device = device_given(form)
    if device is None:
        return None
    today = desk.now.astimezone(ZoneInfo(place.zone)).date()
    proofs = proofs_given(form, today)
    try:
        seen = await desk.read("IntakePreview", branchId=place.id, device=device, proofs=proofs)
    except Refused as refused:
        form.refuse(refused)
        return None
    preview: Mapping[str, Any] = seen["coveragePreview"]
    if not form.text("model") and preview["modelCode"]:
        form.put(model=preview["modelCode"])
    return preview


async def _look_at_models(desk: Desk, form: Form, counter: Counter) -> Sequence[Mapping[str, Any]]:
    brands = {brand["code"]: brand["id"] for brand in counter.brands}
    categories = {entry["code"]: entry["id"] for entry in counter.registers["categories"]}
    brand_id, category_id = brands.get(form.text("brand")), categories.get(form.text("category"))
    if not brand_id or not category_id:
        return ()
    found = await desk.read("IntakeModels", brandId=brand_id, categoryId=category_id)
    models: Sequence[Mapping[str, Any]] = found["models"]
    return models


def _is_complete(desk: Desk, place: BranchChoice, form: Form) -> bool:
    """Note beside each field what is missing or unreadable; tell whether nothing is."""
    form.require(desk.say("form.required", field=FIELD), "category", "brand", "phone")
    if form.text("brand") == OTHER_BRAND:
        form.require(desk.say("form.required", field=FIELD), "brand_printed")
    if not form.text("words") and not form.texts("symptom_codes"):
        form.errors["words"] = desk.say("intake.words_needed")
    today = desk.now.astimezone(ZoneInfo(place.zone)).date()
    if form.text("dated_on") and form.day("dated_on", today) is None:
        form.errors["dated_on"] = desk.say("form.day_invalid")
    return not form.errors


def _ticked_words(desk: Desk, form: Form, counter: Counter) -> str:
    """Return the ticked symptoms as words, where the customer's own were not written down."""
    ticked = form.texts("symptom_codes")
    return desk.say("list.comma").join(
        in_language(symptom["names"], desk.language)
        for symptom in counter.symptoms
        if symptom["code"] in ticked
    )
