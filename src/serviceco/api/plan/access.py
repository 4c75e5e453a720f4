"""Who may touch a field: declared beside it, checked when a document is compiled."""

from dataclasses import dataclass
from typing import NamedTuple, Self

from serviceco.core.actor import Actor, ActorKind, Permission

COMPANY = frozenset(
    {ActorKind.STAFF, ActorKind.MACHINE, ActorKind.SUPPORT, ActorKind.SYSTEM},
)
BRAND = frozenset({ActorKind.BRAND, ActorKind.MACHINE, ActorKind.SYSTEM})

# Support looks from outside: no money, nothing that names a customer, no key, no change.
OWN_PEOPLE = COMPANY - {ActorKind.SUPPORT}


class Rights(NamedTuple):
    """The part of an actor on which a plan depends, and so part of the key of cached plans.

    A tuple, because it is hashed and compared at every read.

    `is_scoped` actors see some branches only. `is_checked` plans ask in their own statement
    whether the sign-in still lives; only the system itself acts without one. Whoever is
    `of_brand` acts for a brand: their plans read what is a brand's, and nothing of a company.
    """

    kind: ActorKind
    permissions: frozenset[Permission]
    is_scoped: bool
    is_checked: bool
    of_brand: bool = False

    @classmethod
    def of(cls, actor: Actor) -> Self:
        """Take from the actor what a plan depends on."""
        return cls(
            actor.kind,
            actor.permissions,
            actor.branch_ids is not None,
            actor.kind is not ActorKind.SYSTEM,
            actor.brand_id is not None,
        )


@dataclass(frozen=True, slots=True)
class Access:
    """The kinds of actor that may touch a field, and the permission that they need, if any.

    A field is of a company, or `of_brand`: a machine's kind alone does not say for whom it acts.
    Where that is None each side may touch it, and meets what is its own.
    """

    permission: Permission | None = None
    kinds: frozenset[ActorKind] = COMPANY
    of_brand: bool | None = False

    def admits(self, rights: Rights) -> bool:
        """Tell whether an actor with these rights may touch the field."""
        return (
            self.of_brand in (None, rights.of_brand)
            and rights.kind in self.kinds
            and (self.permission is None or self.permission in rights.permissions)
        )


SIGNED_IN = Access()
"""Everybody who acts for the company."""


def of_brand(permission: Permission | None = None) -> Access:
    """Return the access of those who act for a brand, and hold the permission."""
    return Access(permission, BRAND, of_brand=True)


def of_either(permission: Permission) -> Access:
    """Return the access of those who hold the permission, for a company or for a brand."""
    return Access(permission, COMPANY | BRAND, of_brand=None)


Needs = Permission | Access


def access(needs: Needs) -> Access:
    """Return the access that a declaration means: a bare permission is one of the company."""
    return Access(needs) if isinstance(needs, Permission) else needs
