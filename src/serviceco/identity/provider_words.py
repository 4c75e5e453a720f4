"""Refusals and values of sign-in through a provider."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from serviceco.core.refusals import Refusal


class Admits(StrEnum):
    """Whom a provider lets in: people who were invited, or also whoever its rule gives a role."""

    INVITED = "invited"
    RULE = "rule"


class ProviderRefused(Refusal):
    """The provider's answer is not to be trusted, or says no; the log knows why."""

    code = "PROVIDER_REFUSED"


class ProviderUnreachable(Refusal):
    """The provider does not answer, or not in the way of OpenID Connect."""

    code = "PROVIDER_UNREACHABLE"


class NotAdmitted(Refusal):
    """The provider knows the person, but no rule and no invitation gives them a role here."""

    code = "NOT_ADMITTED"


class EmailUnproven(Refusal):
    """The provider may not speak for this e-mail, or has not verified it."""

    code = "EMAIL_UNPROVEN"


class DomainTaken(Refusal):
    """Another provider's claim to the domain is confirmed."""

    code = "DOMAIN_TAKEN"


class InvalidProvider(Refusal):
    """Issuer, domain or rule is not of the form that a provider needs."""

    code = "INVALID_PROVIDER"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRule:
    """Whoever has `group` in the claim gets `role`, in one branch or (None) in all."""

    group: str
    role: str
    branch_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderTerms:
    """A provider as it is configured; an empty `client_secret` keeps the one there is."""

    name: str
    issuer: str
    client_id: str
    client_secret: str = ""
    domains: tuple[str, ...] = ()
    admission: Admits = Admits.INVITED
    group_claim: str = "groups"
    group_rules: tuple[GroupRule, ...] = ()
    default_roles: tuple[str, ...] = ()
    is_active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider as the sign-in needs it, with its secret opened."""

    id: UUID
    name: str
    issuer: str
    client_id: str
    client_secret: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenPerson:
    """Whom a provider vouches for; `groups` are the values of the rule's claim."""

    subject: str
    email: str
    is_email_verified: bool
    name: str
    groups: frozenset[str]
    language: str
