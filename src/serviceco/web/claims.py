"""Claims to brands: what is to be filed, what is missing, and filing it."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Stream

from serviceco.core.actor import Permission
from serviceco.web.choices import chosen, named_brands
from serviceco.web.claim_rows import (
    STATUSES,
    ClaimRow,
    brand_totals,
    claim_row,
    claim_rows,
    sum_of,
)
from serviceco.web.connections import PageRequest
from serviceco.web.decisions import Why, why_of
from serviceco.web.desk import Desk
from serviceco.web.downloads import csv_stream
from serviceco.web.formats import money_text
from serviceco.web.forms import Form, whole_number
from serviceco.web.listing import Address, Chip, address_of
from serviceco.web.order_files import all_pages
from serviceco.web.refused import Refused

FILTERS = ("status", "brand", "branch")
SUBMISSION = "/hq/claims/submission"
_COLUMNS = (
    "number",
    "brand",
    "branch",
    "claim_status",
    "amount",
    "opened_on",
    "due_on",
    "problems",
)


class ClaimPages(Controller):
    """The claims of all branches in scope."""

    path = "/hq"
    include_in_schema = False

    @get("/claims")
    async def show(self, desk: NamedDependency[Desk], request: PageRequest) -> Response[str]:
        """List claims by status and brand, with what they come to."""
        address = address_of(request, FILTERS)
        found = await desk.read("ClaimList", **_variables(desk, address), **address.place())
        totals = brand_totals(desk, found["claimTotals"], found["brands"])
        brands = named_brands(found["brands"], desk.language)
        return desk.page(
            "claims/list.html",
            form=address.form(),
            address=address,
            rows=claim_rows(desk, found["claims"]["nodes"]),
            pager=address.pager(found["claims"]["pageInfo"]),
            statuses=STATUSES,
            tabs=_tabs(desk, address, found["claimTotals"]),
            totals=totals,
            brands=brands,
            chips=_chips(desk, address, dict(brands)),
            may_submit=desk.person.may(Permission.SUBMIT_CLAIM),
        )

    @get("/claims.csv")
    async def download(self, desk: NamedDependency[Desk], request: PageRequest) -> Stream:
        """Return every claim of the current filter as a file."""
        variables = _variables(desk, address_of(request, FILTERS))
        headings = [desk.say(f"column.{name}") for name in _COLUMNS]
        return await csv_stream("claims", headings, _lines(desk, variables))

    @get("/claims/{claim_id:uuid}")
    async def open(self, desk: NamedDependency[Desk], claim_id: FromPath[UUID]) -> Response[str]:
        """Show a claim with its lines and what carries them."""
        return await _claim_page(desk, claim_id, Form())

    @post("/claims/{claim_id:uuid}/check")
    async def recheck(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form], claim_id: FromPath[UUID]
    ) -> Response[str]:
        """Look again for evidence that was missing."""
        try:
            checked = await desk.change("RecheckClaim", form, claimId=str(claim_id))
        except Refused as refused:
            return await _claim_page(desk, claim_id, form.refuse(refused))
        said = "claim_lacks" if checked["problems"] else "claim_complete"
        return desk.see(f"/hq/claims/{claim_id}", said=said)

    @get("/claims/submission")
    async def confirm(self, desk: NamedDependency[Desk], request: PageRequest) -> Response[str]:
        """Name the claims that are about to be submitted, how many and how much."""
        asked = [chosen(text) for text in request.query_params.getall("id", [])]
        ids = [claim_id for claim_id in asked if claim_id]
        return await _submission_page(desk, ids, Form())

    @post("/claims/submission")
    async def submit(
        self, desk: NamedDependency[Desk], form: NamedDependency[Form]
    ) -> Response[str]:
        """Submit the claims, each as it was seen; those that are refused stay on the page."""
        refused: dict[str, str] = {}
        wanted = list(_seen(form))
        for claim_id, version in wanted:
            once = replace(form, idem=f"{form.idem}-{claim_id}")
            try:
                await desk.change("SubmitClaim", once, claimId=claim_id, version=version)
            except Refused as no:
                refused[claim_id] = no.message
        if wanted and not refused:
            return desk.see("/hq/claims?status=submitted", said="claims_submitted", n=len(wanted))
        form.errors[""] = desk.say("claims.some_refused", n=len(refused))
        return await _submission_page(desk, list(refused), form, refused)


async def _lines(desk: Desk, variables: Mapping[str, Any]) -> AsyncIterator[list[list[str]]]:
    """Return the lines of the file, a page of the list at a time."""
    async for page in all_pages(desk, "ClaimList", "claims", variables):
        yield [_cells(desk, row) for row in claim_rows(desk, page["claims"]["nodes"])]


def _seen(form: Form) -> Iterator[tuple[str, int]]:
    """Return id and version of each claim that the form names."""
    for claim in form.texts("claim"):
        claim_id, _, seen = claim.partition(":")
        version = whole_number(seen)
        if chosen(claim_id) and version is not None:
            yield claim_id, version


def _variables(desk: Desk, address: Address) -> dict[str, Any]:
    branch = address.text("branch")
    return {
        "status": address.among("status", STATUSES) or None,
        "brandId": chosen(address.text("brand")),
        "branchId": desk.branch(branch).id if branch else None,
    }


def _tabs(desk: Desk, address: Address, totals: Any) -> list[tuple[str, str, bool]]:
    """Return the statuses with how many claims each has under the other filters."""
    brand, current = chosen(address.text("brand")), address.among("status", STATUSES)
    counts = {
        status: sum(
            total["claims"]
            for total in totals
            if total["status"] == status and brand in {None, total["brandId"]}
        )
        for status in STATUSES
    }
    every = (f"{desk.say('list.all')} {sum(counts.values())}", address.to(status=None), not current)
    return [
        every,
        *(
            (
                f"{desk.say(f'claim_status.{status.lower()}')} {counts[status]}",
                address.to(status=status.lower()),
                current == [status],
            )
            for status in STATUSES
        ),
    ]


def _chips(desk: Desk, address: Address, brands: Mapping[str, str]) -> list[Chip]:
    branches = {branch.code: branch.name for branch in desk.shell.branches}
    return [
        Chip(known[address.text(name)], address.to(**{name: None}))
        for name, known in (("brand", brands), ("branch", branches))
        if address.text(name) in known
    ]


def _cells(desk: Desk, row: ClaimRow) -> list[str]:
    return [
        row.number,
        row.brand,
        row.branch,
        desk.say(f"claim_status.{row.status.lower()}"),
        money_text(row.amount, by_code=True),
        row.opened_on,
        row.due_on,
        desk.say("list.comma").join(row.problems),
    ]


async def _claim_page(desk: Desk, claim_id: object, form: Form) -> Response[str]:
    claim = desk.found((await desk.read("ClaimPage", id=str(claim_id)))["claim"])
    return desk.page(
        "claims/claim.html",
        form=form,
        claim=claim,
        row=claim_row(desk, claim),
        lines=[(line, _why(line, desk.language)) for line in claim["lines"]],
        may_submit=desk.person.may(Permission.SUBMIT_CLAIM),
        submission=f"{SUBMISSION}?id={claim_id}",
    )


def _why(line: Mapping[str, Any], language: str) -> Why | None:
    return why_of(line["decision"]["decision"], language) if line["decision"] else None


async def _submission_page(
    desk: Desk, ids: list[str], form: Form, refused: Mapping[str, str] | None = None
) -> Response[str]:
    found = (await desk.read("ClaimSubmission", ids=ids))["claims"]["nodes"]
    rows = [row for row in claim_rows(desk, found) if row.status != "SUBMITTED"]
    desk.found({"rows": rows} if rows else None)
    return desk.page(
        "claims/submission.html",
        form=form,
        rows=rows,
        amount=sum_of([row.amount for row in rows]),
        refused=refused or {},
    )
