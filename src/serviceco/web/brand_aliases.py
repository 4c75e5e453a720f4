"""Brand names as somebody printed them: staff say which brand each one means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from serviceco.web.choices import brand_name, chosen, named_brands
from serviceco.web.connections import PageRequest
from serviceco.web.desk import Desk
from serviceco.web.forms import Form
from serviceco.web.listing import Address, address_of
from serviceco.web.refused import Refused
from serviceco.web.sign_in import local_path

FILTERS = ("view", "q")
LIST = "/admin/brand-aliases"
# Values of the buttons besides the id of a proposed brand.
NO_BRAND, FROM_LIST = "none", "chosen"
_SHOWN_PROPOSALS = 3
# A version is a count of decisions: more digits are none.
_MOST_DIGITS = 10


@dataclass(frozen=True, slots=True)
class AliasRow:
    """A printed name; `brand` is empty where it was decided to mean none."""

    id: str
    printed: str
    version: int
    is_decided: bool
    orders: int
    brand: str
    proposals: list[tuple[str, str]]


class BrandAliasPages(Controller):
    """Undecided names first; each can be decided again."""

    path = LIST
    include_in_schema = False

    @get("/")
    async def show(self, desk: NamedDependency[Desk], request: PageRequest) -> Response[str]:
        """List printed names with the brands that they are like."""
        return await _page(desk, address_of(request, FILTERS), Form())

    @post("/{alias_id:uuid}")
    async def decide(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        request: PageRequest,
        alias_id: FromPath[UUID],
    ) -> Response[str]:
        """Say which brand a name means: a proposed one, one of the list, or none."""
        brand_id = _chosen_brand(desk, form)
        if form.errors:
            return await _page(desk, address_of(request, FILTERS), form)
        try:
            answer = await desk.change(
                "DecideBrandAlias",
                form,
                aliasId=str(alias_id),
                brandId=brand_id,
                version=form.version(),
            )
        except Refused as refused:
            return await _page(desk, address_of(request, FILTERS), form.refuse(refused))
        brand = brand_name(answer["brand"], desk.language) if answer["brand"] else "--"
        said = "alias_decided" if answer["brand"] else "alias_no_brand"
        return desk.see(
            local_path(form.text("back") or LIST), said=said, printed=answer["printed"], brand=brand
        )

    @post("/decisions")
    async def decide_several(
        self,
        desk: NamedDependency[Desk],
        form: NamedDependency[Form],
        request: PageRequest,
    ) -> Response[str]:
        """Say which brand all the ticked names mean, or that they mean none."""
        brand_id, names = _chosen_brand(desk, form), _ticked(form)
        if not names:
            form.errors[""] = desk.say("alias.choose_names")
        if form.errors:
            return await _page(desk, address_of(request, FILTERS), form)
        try:
            answer = await desk.change("DecideBrandAliases", form, names=names, brandId=brand_id)
        except Refused as refused:
            return await _page(desk, address_of(request, FILTERS), form.refuse(refused))
        brand = brand_name(answer["brand"], desk.language) if answer["brand"] else "--"
        said = "aliases_decided" if answer["brand"] else "aliases_no_brand"
        back = local_path(form.text("back") or LIST)
        return desk.see(back, said=said, n=len(names), brand=brand)


def _chosen_brand(desk: Desk, form: Form) -> str | None:
    """Return the brand of the button, or of the list; none that is not meant is noted."""
    asked = form.text("brand")
    brand_id = chosen(form.text("listed") if asked == FROM_LIST else asked)
    if brand_id is None and asked != NO_BRAND:
        form.errors[""] = desk.say("alias.choose_first")
    return brand_id


def _ticked(form: Form) -> list[dict[str, object]]:
    """Return the ticked names with the versions that the page showed."""
    pairs = [text.partition(":")[::2] for text in form.texts("name")]
    return [
        {"aliasId": alias_id, "version": int(version)}
        for alias_id, version in pairs
        if chosen(alias_id) and version.isdecimal() and len(version) < _MOST_DIGITS
    ]


async def _page(desk: Desk, address: Address, form: Form) -> Response[str]:
    undecided = address.text("view") != "decided"
    begins = address.text("q") or None
    found = await desk.read("BrandAliases", undecided=undecided, begins=begins, **address.place())
    aliases = found["brandAliases"]["nodes"]
    proposals = await _proposals(desk, aliases) if undecided else {}
    orders = await _orders(desk, aliases)
    return desk.page(
        "tenancy/brand_aliases.html",
        form=form,
        address=address,
        sought=Form.holding(q=begins),
        rows=[
            _row(alias, proposals.get(alias["id"], []), orders.get(alias["id"], 0), desk.language)
            for alias in aliases
        ],
        pager=address.pager(found["brandAliases"]["pageInfo"]),
        tabs=[
            (
                desk.say("alias.undecided", count=found["waiting"]["totalCount"]),
                address.to(view=None),
                undecided,
            ),
            (
                desk.say("alias.decided", count=found["decided"]["totalCount"]),
                address.to(view="decided"),
                not undecided,
            ),
        ],
        brands=named_brands(found["brands"], desk.language),
        no_brand=NO_BRAND,
        from_list=FROM_LIST,
    )


async def _proposals(
    desk: Desk, aliases: list[Mapping[str, Any]]
) -> dict[str, list[Mapping[str, Any]]]:
    """Return the likest brands of each name on the page, read at once."""
    if not aliases:
        return {}
    ids = [alias["id"] for alias in aliases]
    found = await desk.read("BrandProposals", aliasIds=ids)
    return {one["aliasId"]: one["proposals"] for one in found["brandProposals"]}


async def _orders(desk: Desk, aliases: list[Mapping[str, Any]]) -> dict[str, int]:
    """Return how many orders each name on the page stands for, counted at once."""
    if not aliases:
        return {}
    found = await desk.read("AliasOrders", aliasIds=[alias["id"] for alias in aliases])
    return {one["aliasId"]: one["orderCount"] for one in found["aliasOrders"]}


def _row(
    alias: Mapping[str, Any], proposals: list[Mapping[str, Any]], orders: int, language: str
) -> AliasRow:
    return AliasRow(
        id=alias["id"],
        printed=alias["printed"],
        version=alias["version"],
        is_decided=alias["decidedAt"] is not None,
        orders=orders,
        brand=brand_name(alias["brand"], language) if alias["brand"] else "",
        proposals=[
            (one["brandId"], f"{one['name']} {one['likeness']}%")
            for one in proposals[:_SHOWN_PROPOSALS]
        ],
    )
