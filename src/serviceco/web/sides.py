"""Two sides of one site: a company's pages and a brand's. Whoever acts for one finds none of the other."""

from collections.abc import Mapping
from typing import Any

from litestar.exceptions import NotFoundException
from litestar.handlers import BaseRouteHandler

from serviceco.web.connections import Connection, actor_of

# Without a word a page is a company's; of both sides is what everybody has: signing out, one's choices.
COMPANY, BRAND, BOTH = "company", "brand", "both"


def of_side(side: str) -> Mapping[str, Any]:
    """Return the option by which a controller says whose pages its are."""
    return {"side": side}


def require_own_side(connection: Connection, handler: BaseRouteHandler) -> None:
    """Guard every page: those of the other side read like pages that are not there.

    Raises:
        NotFoundException: the page is the other side's.
    """
    actor = actor_of(connection)
    if actor is None or handler.opt.get("public"):
        return
    side = handler.opt.get("side", COMPANY)
    own = COMPANY if actor.brand_id is None else BRAND
    if side not in (own, BOTH):
        raise NotFoundException
