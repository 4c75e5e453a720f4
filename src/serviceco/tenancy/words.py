"""Roles, values and refusals of tenancy."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from serviceco.core.refusals import Refusal

# The repair levels up to which contracts authorise branches; 3 reaches deepest.
LEVELS = frozenset({1, 2, 3})


class Role(StrEnum):
    """What a person is at a repair company, or at a brand; several at once are usual."""

    FRONT_DESK = "front_desk"
    TECHNICIAN = "technician"
    STOREKEEPER = "storekeeper"
    QUALITY_INSPECTOR = "quality_inspector"
    CALLER = "caller"
    BRANCH_MANAGER = "branch_manager"
    HQ_OPERATIONS = "hq_operations"
    FINANCE = "finance"
    OWNER = "owner"
    ADMINISTRATOR = "administrator"
    CLAIMS_REVIEWER = "claims_reviewer"
    AUDITOR = "auditor"
    POLICY_EDITOR = "policy_editor"
    BRAND_ADMINISTRATOR = "brand_administrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """What a repair company is: ISO 4217 currency, IANA zone, BCP 47 language, ISO 3166 country."""

    name: str
    currency: str
    zone: str
    language: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a branch is to those who look for it; `zone` is an IANA name."""

    name: str
    zone: str
    address: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A brand that a printed name may mean; `likeness` runs from 0 to 100."""

    brand_id: UUID
    likeness: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorisation:
    """What a contract in force lets a branch do for a brand; `repair_level` is 1, 2 or 3."""

    contract_id: UUID
    contract_number: str
    repair_level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffGiven:
    """A person to take on; `branch_ids` None is every branch."""

    code: str
    name: str
    email: str
    roles: frozenset[Role]
    branch_ids: frozenset[UUID] | None = None


class OwnRights(Refusal):
    """Nobody changes their own rights; a second person does."""

    code = "OWN_RIGHTS"


class LastOwner(Refusal):
    """The company would be left without an owner who can sign in."""

    code = "LAST_OWNER"


class NotInvited(Refusal):
    """There is no invitation of this person that waits."""

    code = "NOT_INVITED"


class NoAccount(Refusal):
    """The person has no account yet: they have not opened their invitation."""

    code = "NO_ACCOUNT"


class InvalidCode(Refusal):
    """The code holds what cannot stand in the address of a page."""

    code = "INVALID_CODE"


class UnknownZone(Refusal):
    """There is no time zone of this name."""

    code = "UNKNOWN_ZONE"


class CodeTaken(Refusal):
    """The code, number or slug names another row already."""

    code = "CODE_TAKEN"


class ContractsOverlap(Refusal):
    """The tenant has another contract with the brand for some of the same days."""

    code = "CONTRACTS_OVERLAP"


class PeriodBackwards(Refusal):
    """The period would end before it begins."""

    code = "PERIOD_BACKWARDS"
