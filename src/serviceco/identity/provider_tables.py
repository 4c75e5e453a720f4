"""Identity providers of companies and brands; only the role `serviceco_auth` reads them."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.identity.provider_words import Admits
from serviceco.storage.base import GlobalTable, Kind, Table, enum_column


class IdentityProvider(GlobalTable):
    """Where a company's or brand's people sign in by OpenID Connect.

    `client_secret` is sealed. `group_rules` grant roles by the values of the claim `group_claim`
    (provider_words.GroupRule); they act where `admission` is by rule.
    """

    __tablename__ = "identity_provider"
    __table_args__ = (
        CheckConstraint("(tenant_id is null) <> (brand_id is null)", name="one_home"),
        Index("identity_provider_tenant_idx", "tenant_id"),
        Index("identity_provider_brand_idx", "brand_id"),
    )

    tenant_id: Mapped[UUID | None]
    brand_id: Mapped[UUID | None]
    name: Mapped[str]
    issuer: Mapped[str]
    client_id: Mapped[str]
    client_secret: Mapped[str | None]
    admission: Mapped[Admits] = mapped_column(enum_column(Admits))
    group_claim: Mapped[str]
    group_rules: Mapped[list[Any]]
    default_roles: Mapped[list[str]]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class ProviderDomain(Table):
    """A domain of e-mail addresses for which a provider speaks, once the operator confirmed it.

    Anybody could write a domain down; so it leads no one to a provider and links no account
    before, and only one provider's may be confirmed.
    """

    __tablename__ = "provider_domain"
    __table_args__ = (
        Index(
            "provider_domain_confirmed_key",
            "domain",
            unique=True,
            postgresql_where=text("confirmed_at is not null"),
        ),
    )
    kind: ClassVar[Kind] = Kind.GLOBAL

    provider_id: Mapped[UUID] = mapped_column(ForeignKey("identity_provider.id"), primary_key=True)
    domain: Mapped[str] = mapped_column(primary_key=True)
    confirmed_at: Mapped[datetime | None]


class FederatedIdentity(Table):
    """A person as a provider knows them (`subject`), and the account and membership they open.

    The rule of the provider keeps the membership's roles where it made the membership (`by_rule`).
    """

    __tablename__ = "federated_identity"
    kind: ClassVar[Kind] = Kind.GLOBAL

    provider_id: Mapped[UUID] = mapped_column(ForeignKey("identity_provider.id"), primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    membership_id: Mapped[UUID] = mapped_column(ForeignKey("membership.id"))
    by_rule: Mapped[bool]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]
