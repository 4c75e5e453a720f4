"""Contracts with brands: sign, end, name product lines, and authorise service points."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.actor import Permission
from serviceco.web.choices import brand_name, chosen, named_brands
from serviceco.web.desk import Desk
from serviceco.web.formats import in_language
from serviceco.web.forms import FIELD, Form
from serviceco.web.refused import Refused

CONTRACTS = "/admin/contracts"
ALL, SOME = "all", "some"
Row = Mapping[str, Any]


class ContractPages(Controller):
    """A contract, by its id."""

    path = CONTRACTS
    include_in_schema = False

    @get("/new")
    async def compose(self, desk: NamedDependency[Desk]) -> Response[str]:
        """Show the form of a new one."""
        desk.require(Permission.MANAGE_BRANDS)
        today = desk.now.date().isoformat()
        return await _new(desk, Form.holding(since=today))

    @post("/")
    async def sign(self, desk: NamedDependency[Desk], form: NamedDependency[Form]) -> Response[str]:
        """Record it."""
        form.require(desk.say("form.required", field=FIELD), "number", "brand", "since")
        since, until = _day(desk, form, "since"), _day(desk, form, "until")
        if form.errors:
            return await _new(desk, form)
        try:
            made = await desk.change(
                "SignContract",
                form,
                number=form.text("number"),
                brandId=chosen(form.text("brand")),
                since=since,
                until=until,
            )
        except Refused as refused:
            return await _new(desk, form.refuse(refused))
        return desk.see(f"{CONTRACTS}/{made['id']}", said="contract_signed", number=made["number"])

    @get("/{contract_id:uuid}")
    async def show(self, desk: NamedDependency[Desk], contract_id: FromPath[UUID]) -> Response[str]:
        """Show it with what may be changed."""
        desk.require(Permission.MANAGE_BRANDS)
        return await _contract(desk, contract_id)

    @post("/{contract_id:uuid}/term")
    async def end(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        contract_id: FromPath[UUID],
    ) -> Response[str]:
        """Let it end on a day, or on none."""
        until = _day(desk, form, "until")
        if form.errors:
            return await _contract(desk, contract_id, form)
        return await _changed(desk, form, contract_id, "EndContract", until=until)

    @post("/{contract_id:uuid}/categories")
    async def cover(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        contract_id: FromPath[UUID],
    ) -> Response[str]:
        """Name its product lines."""
        codes = form.texts("categories") if form.text("lines") == SOME else None
        return await _changed(desk, form, contract_id, "CoverCategories", categoryCodes=codes)

    @post("/{contract_id:uuid}/branches/{branch_id:uuid}")
    async def authorise(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        contract_id: FromPath[UUID],
        branch_id: FromPath[UUID],
    ) -> Response[str]:
        """Let a service point work under it up to a level, or take it out."""
        branch, level = {"branchId": str(branch_id)}, form.number("level")
        if level is None:
            return await _changed(desk, form, contract_id, "WithdrawBranch", **branch)
        facts = {**branch, "repairLevel": level}
        return await _changed(desk, form, contract_id, "AuthoriseBranch", **facts)

    @get("/{contract_id:uuid}/branches/{branch_id:uuid}")
    async def show_levels(
        self,
        desk: NamedDependency[Desk],
        contract_id: FromPath[UUID],
        branch_id: FromPath[UUID],
    ) -> Response[str]:
        """Show the levels of product lines at a service point."""
        desk.require(Permission.MANAGE_BRANDS)
        found = await _found(desk, contract_id)
        allowed = _allowed(found["contract"]).get(str(branch_id))
        return desk.page(
            "tenancy/levels.html",
            contract=found["contract"],
            brand=brand_name(found["contract"]["brand"], desk.language),
            allowed=desk.found(allowed),
            categories=_categories(desk, found),
        )

    @post("/{contract_id:uuid}/branches/{branch_id:uuid}/levels")
    async def set_levels(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        contract_id: FromPath[UUID],
        branch_id: FromPath[UUID],
    ) -> Response[str]:
        """Keep the levels of product lines that have one of their own."""
        levels = [
            {"category": name.removeprefix("level-"), "repairLevel": form.number(name)}
            for name in form.values
            if name.startswith("level-") and form.number(name) is not None
        ]
        facts = {"branchId": str(branch_id), "levels": levels}
        return await _changed(desk, form, contract_id, "SetCategoryLevels", **facts)


def _day(desk: Desk, form: Form, name: str) -> str | None:
    """Return the day that was typed; what is no day is noted beside its field."""
    day = form.day(name, desk.now.date())
    if form.text(name) and day is None:
        form.errors[name] = desk.say("form.day_invalid")
    return day.isoformat() if day else None


async def _new(desk: Desk, form: Form) -> Response[str]:
    brands = (await desk.read("BrandChoices"))["brands"]
    choices = named_brands(brands, desk.language)
    return desk.page("tenancy/contract_new.html", form=form, brands=choices)


async def _found(desk: Desk, contract_id: UUID) -> Row:
    found = await desk.read("ContractPage", id=str(contract_id))
    desk.found(found["contract"])
    return found


async def _changed(
    desk: Desk, form: Form, contract_id: UUID, document: str, **facts: object
) -> Response[str]:
    try:
        await desk.change(document, form, contractId=str(contract_id), **facts)
    except Refused as refused:
        return await _contract(desk, contract_id, form.refuse(refused))
    return desk.see(f"{CONTRACTS}/{contract_id}", said="saved")


async def _contract(desk: Desk, contract_id: UUID, form: Form | None = None) -> Response[str]:
    found = await _found(desk, contract_id)
    contract = found["contract"]
    codes = contract["categoryCodes"]
    shown = Form.holding(
        until=contract["until"], lines=ALL if codes is None else SOME, categories=codes or []
    )
    if form is not None:
        shown.errors, shown.values = form.errors, {**shown.values, **form.values}
    return desk.page(
        "tenancy/contract.html",
        form=shown,
        contract=contract,
        brand=brand_name(contract["brand"], desk.language),
        branches=_branches(found),
        categories=[(category["code"], name) for category, name in _named(desk, found)],
    )


def _branches(found: Row) -> list[tuple[Row, Row | None]]:
    """Return the branches, each with what the contract lets it do; closed ones only if it does."""
    allowed = _allowed(found["contract"])
    return [
        (branch, allowed.get(branch["id"]))
        for branch in found["branches"]
        if branch["closedAt"] is None or branch["id"] in allowed
    ]


def _allowed(contract: Row) -> dict[str, Row]:
    return {one["branch"]["id"]: one for one in contract["branches"] if one["branch"]}


def _categories(desk: Desk, found: Row) -> Sequence[tuple[str, str]]:
    """Return the categories that the contract covers."""
    covered = found["contract"]["categoryCodes"]
    return [
        (category["code"], name)
        for category, name in _named(desk, found)
        if covered is None or category["code"] in covered
    ]


def _named(desk: Desk, found: Row) -> list[tuple[Row, str]]:
    named = [(one, in_language(one["names"], desk.language)) for one in found["categories"]]
    return sorted(named, key=lambda pair: pair[1])
