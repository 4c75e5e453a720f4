"""Engines: one per database role, because a role that can do less can lose less."""

import hashlib
import hmac
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


class Role(StrEnum):
    """What each part of the program signs in to PostgreSQL as; none owns a table."""

    APP = "serviceco_app"
    BRAND = "serviceco_brand"
    AUTH = "serviceco_auth"
    RELAY = "serviceco_relay"
    ADMIN = "serviceco_admin"


def normal_url(text: str) -> URL:
    """Read `postgres://`, `postgresql://` or `postgresql+asyncpg://` as a URL for asyncpg."""
    return make_url(text.replace("postgres://", "postgresql://", 1)).set(
        drivername="postgresql+asyncpg"
    )


def role_password(owner_url: str, role: Role) -> str:
    """Derive a role's password from the owner's, so that no second secret must be kept."""
    return derived_key(owner_url, role.value).hex()


def derived_key(owner_url: str, purpose: str) -> bytes:
    """Derive 32 secret bytes for a purpose; they outlive a restart and change with the password.

    Raises:
        ValueError: the URL holds no password; what is derived from nothing, everybody knows.
    """
    secret = normal_url(owner_url).password
    if not secret:
        raise ValueError("the owner's database URL needs a password")
    return hmac.new(str(secret).encode(), purpose.encode(), hashlib.sha256).digest()


def role_url(owner_url: str, role: Role) -> str:
    """Return the same database's URL for another role."""
    url = normal_url(owner_url).set(username=role.value, password=role_password(owner_url, role))
    return url.render_as_string(hide_password=False)


def open_engine(url: str, *, pool_size: int = 5, longest: str | None = None) -> AsyncEngine:
    """Open an engine whose JSON goes through msgspec and whose pool stays small.

    `longest` is how long a statement may take, as PostgreSQL writes it: "10s". Who waits for an
    answer has one; work that nobody waits for has none.
    """
    settings = {} if longest is None else {"statement_timeout": longest}
    return create_async_engine(
        normal_url(url),
        pool_size=pool_size,
        max_overflow=0,
        connect_args={"server_settings": settings},
        # The message of a failed statement ends in a log; its values are people's.
        hide_parameters=True,
        json_serializer=written_json,
        json_deserializer=read_json,
    )


def written_json(value: object) -> str:
    """Return a value as it is stored in a JSON column."""
    return msgspec.json.encode(value).decode()


def read_json(stored: str) -> Any:
    """Return what a JSON column holds."""
    return msgspec.json.decode(stored)
