"""A repair company and a brand as their files describe them, for the seed and the checks."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from annotated_types import Ge, Le, Len

from serviceco.policy.words.codes import Texts, Written
from serviceco.tenancy.words import Role

Currency = Annotated[str, Len(3, 3)]
TacPrefix = Annotated[str, Len(8, 8)]


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchPack(Written):
    """A service point. `zone` is the company's where it is left out."""

    code: str
    name: str
    address: str
    phone: str
    zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorised(Written):
    """A branch under a contract, up to a repair level."""

    branch: str
    repair_level: Annotated[int, Ge(1), Le(3)]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractPack(Written):
    """A brand's authorisation of the company, from `since` (in) to `until` (out)."""

    number: str
    brand: str
    since: date
    branches: tuple[Authorised, ...]
    until: date | None = None

    def __post_init__(self) -> None:
        """Refuse a contract that ends before it begins."""
        if self.until is not None and self.until <= self.since:
            raise ValueError("the contract ends before it begins")


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffPack(Written):
    """A person who works there. No branches means all of them. `email` is their sign-in."""

    code: str
    name: str
    email: str
    roles: Annotated[tuple[Role, ...], Len(1)]
    language: str
    branches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantPack(Written):
    """A repair company: `tenants/<slug>/tenant.yaml`."""

    slug: str
    name: str
    names: Texts
    currency: Currency
    zone: str
    language: str
    country: Annotated[str, Len(2, 2)]
    branches: Annotated[tuple[BranchPack, ...], Len(1)]
    contracts: tuple[ContractPack, ...]
    staff: tuple[StaffPack, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom(Written):
    """A symptom as the customer perceives it; the order of the list is that of the chips."""

    code: str
    title: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryPack(Written):
    """A kind of product. `ords_id` is its number in the Open Repair Data Standard, if it has one."""

    code: str
    title: Texts
    symptoms: tuple[Symptom, ...]
    ords_id: int | None = None
    takes_imei: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CataloguePack(Written):
    """Codes that all brands share: `tenants/_catalogue.yaml`. Components are classes of parts."""

    categories: Annotated[tuple[CategoryPack, ...], Len(1)]
    components: Mapping[str, Texts]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPack(Written):
    """A product model; `tac_prefixes` are the first eight digits of its IMEIs (3GPP TS 23.003)."""

    code: str
    name: str
    category: str
    serial_pattern: str | None = None
    tac_prefixes: tuple[TacPrefix, ...] = ()
    gtin: str | None = None

    def __post_init__(self) -> None:
        """Refuse a pattern that is no regular expression."""
        try:
            re.compile(self.serial_pattern or "")
        except re.error as error:
            raise ValueError(f"the serial pattern is no regular expression: {error}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class BrandPack(Written):
    """A brand as an organisation: `tenants/_brands/<brand>.yaml`."""

    code: str
    name: str
    names: Texts
    models: Annotated[tuple[ModelPack, ...], Len(1)]
