"""Who sees which pages in the navigation, and where each role begins (ui.md 1.1)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from serviceco.core.actor import Actor, ActorKind, Permission


@dataclass(frozen=True, slots=True)
class NavLink:
    """A page of the navigation; `path` may hold `{branch}`; `keys` follow `G` on the keyboard."""

    word: str
    path: str
    permission: Permission
    icon: str
    key: str = ""


# The order in which staff meet the work; only permitted items are shown, never greyed ones.
LINKS = (
    NavLink("nav.intake", "/b/{branch}/intake", Permission.RECEIVE_DEVICE, "intake", "i"),
    NavLink("nav.board", "/b/{branch}/board", Permission.READ_ORDERS, "board", "b"),
    NavLink("nav.orders", "/orders", Permission.READ_ORDERS, "search", "o"),
    NavLink("nav.claims", "/hq/claims", Permission.READ_CLAIMS, "claims", "c"),
    NavLink("nav.performance", "/hq/performance", Permission.READ_REPORTS, "chart", "p"),
    NavLink("nav.policies", "/hq/policies", Permission.WRITE_POLICY, "book"),
    NavLink("nav.brand_aliases", "/admin/brand-aliases", Permission.MANAGE_BRANDS, "book"),
    NavLink("nav.imports", "/admin/imports", Permission.IMPORT_HISTORY, "inbox"),
    NavLink("nav.staff", "/admin/staff", Permission.MANAGE_STAFF, "person"),
    NavLink("nav.clients", "/admin/clients", Permission.MANAGE_TENANT, "scan"),
    NavLink("nav.privacy", "/admin/privacy", Permission.MANAGE_PRIVACY, "search"),
    NavLink("nav.audit", "/admin/audit", Permission.MANAGE_PRIVACY, "clock"),
    NavLink("nav.support", "/admin/support", Permission.MANAGE_TENANT, "help"),
    NavLink("nav.sign_in", "/admin/sign-in", Permission.MANAGE_TENANT, "check"),
    NavLink("nav.webhooks", "/admin/webhooks", Permission.MANAGE_WEBHOOKS, "inbox"),
    NavLink("nav.admin", "/admin", Permission.MANAGE_TENANT, "shop"),
)
_SUPPORT = (NavLink("nav.support_orders", "/support", Permission.READ_ORDERS, "search", "o"),)
BRAND_LINKS = (
    NavLink("nav.brand_claims", "/brand/{brand}/claims", Permission.READ_CLAIMS, "claims", "c"),
    NavLink("nav.brand_repairs", "/brand/{brand}/repairs", Permission.READ_CLAIMS, "board", "r"),
    NavLink("nav.webhooks", "/brand/{brand}/webhooks", Permission.MANAGE_WEBHOOKS, "inbox"),
)
_HOMES = {
    "front_desk": "/b/{branch}/intake",
    "technician": "/b/{branch}/board?view=mine",
    "quality_inspector": "/b/{branch}/board?view=qc",
    "storekeeper": "/b/{branch}/board?view=parts",
    "branch_manager": "/b/{branch}/board",
    "finance": "/hq/claims",
    "hq_operations": "/hq/performance",
    "owner": "/hq/performance",
    "administrator": "/admin",
}


def permitted_links(actor: Actor, brand: str = "") -> tuple[NavLink, ...]:
    """Return the links whose permission the actor holds; support has a view of its own.

    `brand` is the code of the actor's brand, if they act for one.
    """
    if actor.kind is ActorKind.SUPPORT:
        return _SUPPORT
    links = LINKS if actor.brand_id is None else BRAND_LINKS
    return tuple(
        replace(entry, path=entry.path.replace("{brand}", brand))
        for entry in links
        if actor.may(entry.permission)
    )


def path_in_view(links: Sequence[NavLink], path: str, branch: str) -> str:
    """Return the link's path that the page belongs to: the nearest of those above it, if any."""
    above = [
        link.path
        for link in links
        if f"{path}/".startswith(f"{link.path.replace('{branch}', branch)}/")
    ]
    return max(above, key=len, default="")


def home_path(actor: Actor, branch: str, brand: str = "") -> str:
    """Return the page on which the actor's day begins: the role's own, else the first permitted."""
    if actor.brand_id is not None:
        return f"/brand/{brand}"
    named = next((_HOMES[role] for role in sorted(actor.roles) if role in _HOMES), None)
    first = next((entry.path for entry in permitted_links(actor)), "/me")
    path = named if named and actor.kind is ActorKind.STAFF else first
    return path.replace("{branch}", branch) if branch else "/me" if "{branch}" in path else path
