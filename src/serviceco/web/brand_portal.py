"""A brand's own pages: the claims that companies filed with it, and the repairs in its name."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.core.actor import Permission
from serviceco.core.refusals import NotFound
from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk
from serviceco.web.formats import in_language
from serviceco.web.listing import Address, Chip, address_of
from serviceco.web.order_rows import STATUSES
from serviceco.web.refused import refused_by
from serviceco.web.sides import BRAND, of_side

CLAIM_FILTERS = ("company", "number")
CASE_FILTERS = ("company", "number", "serial", "status", "coverage", "repeat")
COVERAGES = ("IN_WARRANTY", "MIXED", "UNDECIDED")
Row = Mapping[str, Any]


class BrandPages(Controller):
    """Read by the brand's people alone; an order is named by its company and its number."""

    path = "/brand/{brand:str}"
    opt = of_side(BRAND)
    include_in_schema = False

    @get("/")
    async def home(self, desk: NamedDependency[Desk], brand: FromPath[str]) -> Response[str]:
        """Lead to the claims; whoever may not read them learns what there is for their role."""
        _require_brand(desk, brand)
        if desk.person.may(Permission.READ_CLAIMS):
            return desk.see(f"/brand/{brand}/claims")
        return desk.page("oversight/home.html")

    @get("/claims")
    async def claims(
        self, desk: NamedDependency[Desk], request: PageRequest, brand: FromPath[str]
    ) -> Response[str]:
        """List filed claims, with what each company claims."""
        _require_claims(desk, brand)
        address = address_of(request, CLAIM_FILTERS)
        variables = {name: address.text(name) or None for name in CLAIM_FILTERS}
        found = await desk.read("BrandClaimList", **variables, **address.place())
        totals = found["brandClaimTotals"]
        companies = _companies(totals)
        return desk.page(
            "oversight/claims.html",
            form=address.form(),
            address=address,
            rows=found["brandClaims"]["nodes"],
            pager=address.pager(found["brandClaims"]["pageInfo"]),
            totals=totals,
            companies=companies,
            chips=_chips(desk, address, dict(companies), ("company", "number")),
        )

    @get("/claims/{claim_id:uuid}")
    async def claim(
        self, desk: NamedDependency[Desk], brand: FromPath[str], claim_id: FromPath[UUID]
    ) -> Response[str]:
        """Show a claim with its lines, their clauses, and what lies with it."""
        _require_claims(desk, brand)
        found = await desk.read("BrandClaimPage", id=str(claim_id))
        return desk.page("oversight/claim.html", claim=desk.found(found["brandClaim"]))

    @get("/repairs")
    async def cases(
        self, desk: NamedDependency[Desk], request: PageRequest, brand: FromPath[str]
    ) -> Response[str]:
        """List the repairs in the brand's name, by company, status and coverage."""
        _require_claims(desk, brand)
        address = address_of(request, CASE_FILTERS)
        found = await desk.read("BrandCaseList", **_case_variables(address), **address.place())
        companies = _companies(found["brandContractors"])
        return desk.page(
            "oversight/cases.html",
            form=address.form(),
            address=address,
            rows=[_case_row(row, desk.language) for row in found["brandCases"]["nodes"]],
            pager=address.pager(found["brandCases"]["pageInfo"]),
            tabs=_tabs(desk, address, found["brandCaseCounts"]),
            companies=companies,
            coverages=COVERAGES,
            chips=_chips(desk, address, dict(companies), ("company", "number", "serial")),
        )

    @get("/repairs/{company:str}/{number:str}")
    async def case(
        self,
        desk: NamedDependency[Desk],
        brand: FromPath[str],
        company: FromPath[str],
        number: FromPath[str],
    ) -> Response[str]:
        """Show one repair: what was found, what came of it, and its claim."""
        _require_claims(desk, brand)
        found = await desk.read("BrandCasePage", company=company, number=number)
        case = desk.found(found["brandCase"])
        return desk.page("oversight/case.html", case=case, row=_case_row(case, desk.language))


def _require_brand(desk: Desk, code: str) -> None:
    """Pass where the address names the person's own brand; another's reads like none."""
    if code != desk.shell.brand_code:
        raise refused_by(NotFound("There is no such page."), desk.language)


def _require_claims(desk: Desk, code: str) -> None:
    _require_brand(desk, code)
    desk.require(Permission.READ_CLAIMS)


def _case_variables(address: Address) -> dict[str, Any]:
    texts = {name: address.text(name) or None for name in ("company", "number", "serial")}
    return {
        **texts,
        "status": address.among("status", STATUSES) or None,
        "coverage": address.among("coverage", COVERAGES) or None,
        "isRepeat": True if address.text("repeat") else None,
    }


def _case_row(case: Row, language: str) -> dict[str, Any]:
    device = case["modelName"] or in_language(case["categoryNames"], language)
    return {**case, "device": device}


def _companies(rows: Iterable[Row]) -> list[tuple[str, str]]:
    return list({row["company"]: row["companyName"] for row in rows}.items())


def _tabs(desk: Desk, address: Address, counts: Iterable[Row]) -> list[tuple[str, str, bool]]:
    """Return the statuses that occur with how many cases have each."""
    current = address.among("status", STATUSES)
    by_status = {count["status"]: count["cases"] for count in counts}
    every = f"{desk.say('list.all')} {sum(by_status.values())}"
    return [
        (every, address.to(status=None), not current),
        *(
            (
                f"{desk.say(f'status.{status.lower()}')} {by_status[status]}",
                address.to(status=status.lower()),
                current == [status],
            )
            for status in STATUSES
            if status in by_status
        ),
    ]


def _chips(
    desk: Desk, address: Address, companies: Mapping[str, str], names: Iterable[str]
) -> list[Chip]:
    texts = {name: address.text(name) for name in names}
    chips = [
        Chip(companies.get(text, text), address.to(**{name: None}))
        for name, text in texts.items()
        if text
    ]
    chips += [
        Chip(desk.say(f"coverage.{code.lower()}"), address.to(coverage=None))
        for code in address.among("coverage", COVERAGES)
    ]
    if address.text("repeat"):
        chips.append(Chip(desk.say("list.flag.repeat"), address.to(repeat=None)))
    return chips
