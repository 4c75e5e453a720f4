"""The files of `tenants/`: where they lie and how each is read."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from serviceco.policy.packs.references import (
    Loose,
    loose_ends_of_law,
    loose_ends_of_policy,
    loose_ends_of_tenant,
)
from serviceco.policy.packs.shapes import Read, parse_shape, read_shape
from serviceco.policy.packs.yaml import BrokenPack
from serviceco.policy.words import BrandPack, CataloguePack, Law, Policy, TenantPack

Shape = TypeVar("Shape")


def read_policy(path: Path) -> Policy:
    """Read `tenants/<tenant>/brands/<brand>.yaml`.

    Raises:
        BrokenPack: with every problem at its line and column; so do the other readers here.
    """
    return open_policy(path).words


def read_law(path: Path) -> Law:
    """Read `tenants/_law/<code>.yaml`."""
    return open_law(path).words


def read_tenant(path: Path) -> TenantPack:
    """Read `tenants/<tenant>/tenant.yaml`."""
    return open_tenant(path).words


def read_brand(path: Path) -> BrandPack:
    """Read `tenants/_brands/<brand>.yaml`."""
    return open_brand(path).words


def read_catalogue(path: Path) -> CataloguePack:
    """Read `tenants/_catalogue.yaml`."""
    return open_catalogue(path).words


def open_policy(path: Path) -> Read[Policy]:
    """Read a policy and keep the places of its values, for those who check further."""
    return _holding_together(read_shape(path, Policy), loose_ends_of_policy)


def parse_policy(text: str, name: str) -> Read[Policy]:
    """Read a policy from a text that is no file, under the name that its problems shall have.

    Raises:
        BrokenPack: as `read_policy`.
    """
    return _holding_together(parse_shape(text, Path(name), Policy), loose_ends_of_policy)


def open_law(path: Path) -> Read[Law]:
    """Read a law and keep the places of its values."""
    return _holding_together(read_shape(path, Law), loose_ends_of_law)


def open_tenant(path: Path) -> Read[TenantPack]:
    """Read a company and keep the places of its values."""
    return _holding_together(read_shape(path, TenantPack), loose_ends_of_tenant)


def open_brand(path: Path) -> Read[BrandPack]:
    """Read a brand and keep the places of its values."""
    return read_shape(path, BrandPack)


def open_catalogue(path: Path) -> Read[CataloguePack]:
    """Read the shared codes and keep the places of their values."""
    return read_shape(path, CataloguePack)


@dataclass(frozen=True, slots=True)
class Folder:
    """The layout of `tenants/`; every list is sorted by name."""

    root: Path

    @property
    def catalogue(self) -> Path:
        """The file of shared codes."""
        return self.root / "_catalogue.yaml"

    def laws(self) -> list[Path]:
        """The files of statutory floors."""
        return sorted((self.root / "_law").glob("*.yaml"))

    def brands(self) -> list[Path]:
        """The files of brand organisations."""
        return sorted((self.root / "_brands").glob("*.yaml"))

    def tenants(self) -> list[Path]:
        """The files of companies."""
        return sorted(self.root.glob("[!_]*/tenant.yaml"))

    def policies(self, tenant: Path) -> list[Path]:
        """The policies beside a company's file."""
        return sorted((tenant.parent / "brands").glob("*.yaml"))


def _holding_together(read: Read[Shape], ends: Callable[[Shape], Loose]) -> Read[Shape]:
    problems = [read.source.problem(where, message) for where, message in ends(read.words)]
    if problems:
        raise BrokenPack(problems)
    return read
