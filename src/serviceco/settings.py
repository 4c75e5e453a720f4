"""What the environment decides: where the database is, where to serve, and how strictly."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, HttpUrl, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Environment(StrEnum):
    """Production expects https in front of it; development is for a look at home."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class Settings(BaseSettings):
    """Read from variables of these names, e.g. `PORT`; an empty variable counts as unset.

    `database_url` is the owner's; the roles' passwords are derived from its password. Without it
    the embedded PostgreSQL in `data_dir` serves. Port 0 takes any free port. `public_url` is how
    the world reaches the server, where that is not the address on which it listens.
    """

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    database_url: SecretStr | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8000
    public_url: HttpUrl | None = None
    data_dir: Path | None = None
    # Who may read `/metrics` from elsewhere; without it, this machine alone.
    metrics_token: SecretStr | None = None
    environment: Environment = Environment.DEVELOPMENT
    # Webhooks may then call this machine itself: for development, refused in production.
    webhooks_to_loopback: bool = False
    # One process serves from one core; PostgreSQL needs the other half.
    web_processes: Annotated[int, Field(ge=1, le=64)] = max(1, (os.cpu_count() or 2) // 2)

    # Points of api/meter.py: a page of fifty orders takes about a thousand, a person clicks rarely.
    staff_points_per_s: Annotated[float, Field(gt=0)] = 20_000
    machine_points_per_s: Annotated[float, Field(gt=0)] = 50_000

    @field_validator("database_url")
    @classmethod
    def _has_password(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None and not urlsplit(url.get_secret_value()).password:
            raise ValueError("needs a password: those of the database's roles derive from it")
        return url

    @model_validator(mode="after")
    def _keeps_webhooks_outside(self) -> Self:
        if self.webhooks_to_loopback and not self.is_development:
            raise ValueError("WEBHOOKS_TO_LOOPBACK is for development alone")
        return self

    @property
    def address(self) -> str:
        """The server's own address, without a slash at its end."""
        if self.public_url is not None:
            return str(self.public_url).rstrip("/")
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def https(self) -> bool:
        """Whether browsers reach us encrypted: it decides the cookie's name and flags."""
        return self.environment is Environment.PRODUCTION

    @property
    def is_development(self) -> bool:
        """Whether templates are read anew and the gallery of components is shown."""
        return self.environment is Environment.DEVELOPMENT
