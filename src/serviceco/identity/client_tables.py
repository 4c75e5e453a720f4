"""Machines of a company or brand, their secrets and tokens, and the keys that sign the tokens.

Global tables: only the role `serviceco_auth` reads them. Rooms above are named without a foreign key.
"""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from serviceco.evidence.tables import Chained
from serviceco.storage.base import GlobalTable, Kind, Table


class MachineClient(GlobalTable, Chained):
    """A machine that gets tokens by OAuth 2.0; its id is the protocol's `client_id`.

    `version` moves with every change of its scopes and when it is revoked, which makes what is
    remembered of its tokens stale. A company's events tell of it; a brand keeps none.
    """

    __tablename__ = "machine_client"
    __table_args__ = (
        CheckConstraint("(tenant_id is null) <> (brand_id is null)", name="one_home"),
        Index("machine_client_tenant_idx", "tenant_id"),
        Index("machine_client_brand_idx", "brand_id"),
    )

    tenant_id: Mapped[UUID | None]
    brand_id: Mapped[UUID | None]
    name: Mapped[str]
    scopes: Mapped[list[str]]
    version: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class ClientSecret(GlobalTable):
    """One of the at most two secrets that a client may prove itself by, as its SHA-256.

    `expires_at` is set when a newer one takes over.
    """

    __tablename__ = "client_secret"

    client_id: Mapped[UUID] = mapped_column(ForeignKey("machine_client.id"), index=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class AccessToken(Table):
    """A token that was issued, as its SHA-256: what is not here, or is revoked here, opens nothing."""

    __tablename__ = "access_token"
    kind: ClassVar[Kind] = Kind.GLOBAL

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    client_id: Mapped[UUID] = mapped_column(ForeignKey("machine_client.id"), index=True)
    scopes: Mapped[list[str]]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SigningKey(GlobalTable):
    """A key that signs tokens from `signs_from` on, until the next one does.

    Its private part is sealed with a key derived from the owner's password (identity/signing.py).
    """

    __tablename__ = "signing_key"

    public: Mapped[dict[str, Any]]
    sealed: Mapped[str]
    created_at: Mapped[datetime]
    signs_from: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
