"""Turning a live sign-in or machine key into the actor that every room asks."""

from serviceco.core.actor import Actor, ActorKind, Permission
from serviceco.identity.support import LiveSupport
from serviceco.identity.tables import CustomerLink
from serviceco.identity.token_rules import known_scopes
from serviceco.identity.words import LiveKey, LiveSignIn
from serviceco.tenancy.rules import (
    CUSTOMER_PERMISSIONS,
    SUPPORT_PERMISSIONS,
    permissions_of,
)


def actor_of_sign_in(live: LiveSignIn, *, also: frozenset[Permission] = frozenset()) -> Actor:
    """Return the person behind a sign-in, with the permissions of their roles; staff `also` may."""
    return Actor(
        kind=ActorKind.BRAND if live.brand_id else ActorKind.STAFF,
        account_id=live.account_id,
        tenant_id=live.tenant_id,
        brand_id=live.brand_id,
        staff_id=live.staff_id,
        name=live.name,
        roles=frozenset(live.roles),
        permissions=permissions_of(live.roles) | (frozenset() if live.brand_id else also),
        branch_ids=live.branch_ids,
        token_hash=live.token_hash,
        version=live.version,
        language=live.language,
    )


def actor_of_key(live: LiveKey) -> Actor:
    """Return the machine behind a key or token; a permission of a later version is dropped.

    A brand's machine acts as the brand does: what a company lets its own machines touch is not
    the brand's.
    """
    return Actor(
        kind=ActorKind.BRAND if live.brand_id else ActorKind.MACHINE,
        account_id=live.key_id,
        tenant_id=live.tenant_id,
        brand_id=live.brand_id,
        name=live.name,
        permissions=known_scopes(live.permissions),
        token_hash=live.key_hash,
        version=live.version,
    )


def actor_of_link(link: CustomerLink) -> Actor:
    """Return the customer behind a link: nobody's name, one order, one answer."""
    return Actor(
        kind=ActorKind.CUSTOMER,
        account_id=link.id,
        tenant_id=link.tenant_id,
        order_id=link.order_id,
        permissions=CUSTOMER_PERMISSIONS,
        token_hash=link.handle,
        version=link.version,
    )


def actor_of_support(live: LiveSupport) -> Actor:
    """Return the supporter behind a session."""
    return Actor(
        kind=ActorKind.SUPPORT,
        account_id=live.account_id,
        tenant_id=live.tenant_id,
        name=live.name,
        permissions=SUPPORT_PERMISSIONS,
        token_hash=live.token_hash,
        version=live.version,
        language=live.language,
    )
