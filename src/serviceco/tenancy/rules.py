"""Which role may do what, and how spellings of a brand are compared. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rapidfuzz import fuzz

from serviceco.core.actor import Actor, ActorKind, Permission
from serviceco.tenancy.words import Proposal, Role

# The worker, imports and set-up act as this account; no row of `account` has its id.
SYSTEM_ACCOUNT = UUID("00000000-0000-7000-8000-000000000001")

_P = Permission
_COUNTER = frozenset({_P.READ_ORDERS, _P.READ_CUSTOMERS, _P.READ_POLICY})
_FRONT_DESK = _COUNTER | {
    _P.RECEIVE_DEVICE,
    _P.QUOTE,
    _P.APPROVE_QUOTE,
    _P.TAKE_PAYMENT,
    _P.HAND_OVER,
    _P.CANCEL_ORDER,
    _P.ASSIGN_ORDER,
}
_TECHNICIAN = frozenset({_P.READ_ORDERS, _P.READ_POLICY, _P.INSPECT_DEVICE, _P.REPAIR, _P.QUOTE})
_INSPECTOR = frozenset({_P.READ_ORDERS, _P.READ_POLICY, _P.CHECK_QUALITY})
_MANAGER = (
    _FRONT_DESK
    | _TECHNICIAN
    | _INSPECTOR
    | {_P.RECEIVE_AGAIN, _P.READ_CLAIMS, _P.READ_REPORTS, _P.READ_MONEY}
)
_HQ = _COUNTER | {
    _P.READ_CLAIMS,
    _P.READ_REPORTS,
    _P.READ_MONEY,
    _P.MANAGE_BRANDS,
    _P.WRITE_POLICY,
    _P.PUBLISH_POLICY,
}
_FINANCE = frozenset(
    {
        _P.READ_ORDERS,
        _P.READ_POLICY,
        _P.READ_CLAIMS,
        _P.SUBMIT_CLAIM,
        _P.READ_REPORTS,
        _P.READ_MONEY,
        _P.REVERSE_ENTRY,
    }
)
_ADMINISTRATOR = _COUNTER | {
    _P.MANAGE_STAFF,
    _P.MANAGE_TENANT,
    _P.MANAGE_BRANDS,
    _P.MANAGE_PRIVACY,
    _P.MANAGE_WEBHOOKS,
    _P.IMPORT_HISTORY,
    _P.ADHOC_DOCUMENTS,
}

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.FRONT_DESK: _FRONT_DESK,
    Role.TECHNICIAN: _TECHNICIAN,
    Role.STOREKEEPER: frozenset({_P.READ_ORDERS}),
    Role.QUALITY_INSPECTOR: _INSPECTOR,
    Role.CALLER: frozenset({_P.READ_ORDERS, _P.READ_CUSTOMERS}),
    Role.BRANCH_MANAGER: _MANAGER,
    Role.HQ_OPERATIONS: _HQ,
    Role.FINANCE: _FINANCE,
    Role.OWNER: frozenset(Permission) - {_P.ADHOC_DOCUMENTS},
    Role.ADMINISTRATOR: _ADMINISTRATOR,
    Role.CLAIMS_REVIEWER: frozenset({_P.READ_CLAIMS, _P.READ_POLICY}),
    Role.AUDITOR: frozenset({_P.READ_CLAIMS, _P.READ_REPORTS}),
    Role.POLICY_EDITOR: frozenset({_P.READ_POLICY}),
    Role.BRAND_ADMINISTRATOR: frozenset({_P.READ_CLAIMS, _P.MANAGE_WEBHOOKS}),
}
# What somebody at a branch must be able to do, so that a device can come in and go out.
_WORK = (
    _P.RECEIVE_DEVICE,
    _P.INSPECT_DEVICE,
    _P.REPAIR,
    _P.CHECK_QUALITY,
    _P.TAKE_PAYMENT,
    _P.HAND_OVER,
)
# Whoever helps from outside reads how the work stands: no customer, no money, no key.
SUPPORT_PERMISSIONS = frozenset({_P.READ_ORDERS, _P.READ_POLICY})
# A link answers the quote of its own order, and nothing else.
CUSTOMER_PERMISSIONS = frozenset({_P.APPROVE_QUOTE})
_BRAND_ROLES = frozenset(
    {Role.CLAIMS_REVIEWER, Role.AUDITOR, Role.POLICY_EDITOR, Role.BRAND_ADMINISTRATOR}
)
# What anybody of a brand may do at most; documents of their own are for its machines.
BRAND_PERMISSIONS = frozenset[Permission]().union(
    {_P.ADHOC_DOCUMENTS}, *(PERMISSIONS[role] for role in _BRAND_ROLES)
)

_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,59}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}")

# Trademark signs, quotes and dots come and go on a printed name; letters and digits decide.
_KEPT = ("L", "N", "M")
# Combining Diacritical Marks, U+0300 to U+036F: Latin, Greek and Cyrillic accents. The marks of
# other scripts (Japanese voicing, Indic vowels) make another letter and stay.
_ACCENTS = frozenset(chr(point) for point in range(0x300, 0x370))


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """Return what any of the roles may do; a role of a later version grants nothing."""
    held = frozenset(roles)
    known = (PERMISSIONS[role] for role in Role if role.value in held)
    return frozenset().union(*known)


def may_grant(actor: Actor, roles: Iterable[Role]) -> bool:
    """Tell whether the actor may give the roles: those of their own side, and only an owner makes owners."""
    wanted = frozenset(roles)
    own_side = _BRAND_ROLES if actor.brand_id else frozenset(Role) - _BRAND_ROLES
    highest = actor.kind is ActorKind.SYSTEM or Role.OWNER.value in actor.roles
    return wanted <= own_side and (highest or Role.OWNER not in wanted)


def system_actor(tenant_id: UUID, name: str = "serviceco") -> Actor:
    """Return the actor of the worker, of imports and of set-up inside one tenant."""
    return Actor(
        kind=ActorKind.SYSTEM,
        account_id=SYSTEM_ACCOUNT,
        tenant_id=tenant_id,
        name=name,
        permissions=frozenset(Permission),
    )


def brand_operator(brand_id: UUID, name: str = "serviceco") -> Actor:
    """Return the actor of set-up for one brand: it opens the brand's accounts and keys."""
    return Actor(
        kind=ActorKind.SYSTEM,
        account_id=SYSTEM_ACCOUNT,
        brand_id=brand_id,
        name=name,
        permissions=BRAND_PERMISSIONS | {_P.MANAGE_STAFF, _P.MANAGE_TENANT},
    )


def missing_work(
    people: Iterable[tuple[frozenset[Role], frozenset[UUID] | None]], branch_id: UUID
) -> list[Permission]:
    """Return the work of a repair that none of the people may do at a branch, in its order.

    `people` are roles and branches (None is all) of those who can sign in. An owner may do all of
    it and does not count: they stand at no counter and no bench.
    """
    here = [roles for roles, branches in people if branches is None or branch_id in branches]
    at_work = {role.value for roles in here for role in roles if role is not Role.OWNER}
    may = permissions_of(at_work)
    return [permission for permission in _WORK if permission not in may]


def is_code(code: str) -> bool:
    """Tell whether a code may stand in the address of a page."""
    return _CODE.fullmatch(code) is not None


def is_slug(code: str) -> bool:
    """Tell whether a name of a company or brand may stand in an address: up to 60 letters."""
    return _SLUG.fullmatch(code) is not None


def is_zone(zone: str) -> bool:
    """Tell whether there is a time zone of this IANA name."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def fold_spelling(printed: str) -> str:
    """Return a printed brand name folded for comparison: `  De'Longhi ®` and `DELONGHI` are one.

    Compatibility forms, case, accents, spaces and punctuation fold away; letters of every script
    stay. A name of punctuation alone folds to itself, stripped, so that no two such become one.
    """
    plain = unicodedata.normalize("NFKD", printed).casefold()
    letters = "".join(
        sign for sign in plain if unicodedata.category(sign)[0] in _KEPT and sign not in _ACCENTS
    )
    return unicodedata.normalize("NFC", letters) or printed.strip()


def propose_brands(spelling: str, names: Mapping[UUID, Iterable[str]]) -> list[Proposal]:
    """Return the brands whose names are like a folded spelling, the likest first, five at most.

    `names` holds what each brand is called. Likeness is the normalised indel distance in percent;
    below 60 a name is no proposal.
    """
    likeness = {
        brand_id: max(
            (round(fuzz.ratio(spelling, fold_spelling(name))) for name in called), default=0
        )
        for brand_id, called in names.items()
    }
    ranked = sorted(likeness.items(), key=lambda pair: (-pair[1], pair[0]))
    return [
        Proposal(brand_id=brand_id, likeness=score) for brand_id, score in ranked if score >= 60
    ][:5]
