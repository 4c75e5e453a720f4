"""Who is acting: an immutable record that the edge builds and every room asks."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from serviceco.core.refusals import NotFound, NotPermitted


class ActorKind(StrEnum):
    """What stands behind a request; part of the key of cached plans."""

    STAFF = "staff"
    MACHINE = "machine"
    BRAND = "brand"
    SUPPORT = "support"
    CUSTOMER = "customer"
    SYSTEM = "system"


class Permission(StrEnum):
    """One permission per thing a role may do; roles are sets of these (tenancy/rules.py)."""

    READ_ORDERS = "read_orders"
    RECEIVE_DEVICE = "receive_device"
    RECEIVE_AGAIN = "receive_again"
    ASSIGN_ORDER = "assign_order"
    INSPECT_DEVICE = "inspect_device"
    QUOTE = "quote"
    APPROVE_QUOTE = "approve_quote"
    REPAIR = "repair"
    CHECK_QUALITY = "check_quality"
    TAKE_PAYMENT = "take_payment"
    HAND_OVER = "hand_over"
    CANCEL_ORDER = "cancel_order"
    READ_CUSTOMERS = "read_customers"
    READ_CLAIMS = "read_claims"
    SUBMIT_CLAIM = "submit_claim"
    REVERSE_ENTRY = "reverse_entry"
    READ_REPORTS = "read_reports"
    READ_MONEY = "read_money"
    READ_POLICY = "read_policy"
    WRITE_POLICY = "write_policy"
    PUBLISH_POLICY = "publish_policy"
    MANAGE_BRANDS = "manage_brands"
    MANAGE_STAFF = "manage_staff"
    MANAGE_TENANT = "manage_tenant"
    MANAGE_PRIVACY = "manage_privacy"
    MANAGE_WEBHOOKS = "manage_webhooks"
    IMPORT_HISTORY = "import_history"
    ADHOC_DOCUMENTS = "adhoc_documents"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A person, machine or worker, who acts for one tenant or for one brand, never for both.

    What is of a tenant asks for `tenant`, what is of a brand for `brand`: both refuse whoever
    acts for the other side, so that no statement is ever bound to nobody.
    `branch_ids` is None where every branch of the tenant is in scope. `order_id` is the one order
    that a customer's link opens; whoever has one sees no other. `token_hash` and
    `version` are those of the sign-in, so that a read can check inside its own statement that
    the sign-in still lives.
    """

    kind: ActorKind
    account_id: UUID
    tenant_id: UUID | None = None
    brand_id: UUID | None = None
    staff_id: UUID | None = None
    order_id: UUID | None = None
    name: str = ""
    roles: frozenset[str] = frozenset()
    permissions: frozenset[Permission] = frozenset()
    branch_ids: frozenset[UUID] | None = None
    token_hash: bytes = b""
    version: int = 0
    language: str = "en"

    def __post_init__(self) -> None:
        """Hold that there is one side to act for."""
        if (self.tenant_id is None) is (self.brand_id is None):
            raise ValueError("an actor acts for one tenant or for one brand")

    @property
    def home(self) -> UUID:
        """The id of the tenant or brand for which the actor acts."""
        return self.tenant if self.brand_id is None else self.brand_id

    @property
    def tenant(self) -> UUID:
        """The tenant for which the actor acts.

        Raises:
            NotPermitted: the actor acts for a brand.
        """
        if self.tenant_id is None:
            raise NotPermitted("Only people of the company may do this.")
        return self.tenant_id

    @property
    def brand(self) -> UUID:
        """The brand for which the actor acts.

        Raises:
            NotPermitted: the actor acts for a company.
        """
        if self.brand_id is None:
            raise NotPermitted("Only people of the brand may do this.")
        return self.brand_id

    def may(self, permission: Permission) -> bool:
        """Tell whether the actor holds the permission."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Pass silently or raise `NotPermitted`."""
        if permission not in self.permissions:
            verb = permission.value.replace("_", " ")
            raise NotPermitted(f"Your role may not {verb}.", permission=permission.value)

    def sees_branch(self, branch_id: UUID) -> bool:
        """Tell whether the branch is in the actor's scope."""
        return self.branch_ids is None or branch_id in self.branch_ids

    def sees_order(self, order_id: UUID) -> bool:
        """Tell whether the order is the actor's, where a link opens but one."""
        return self.order_id is None or self.order_id == order_id

    def require_branch(self, branch_id: UUID) -> None:
        """Pass silently, or raise `NotFound`: a branch out of scope does not exist for the actor."""
        if not self.sees_branch(branch_id):
            raise NotFound("There is no such branch.")
