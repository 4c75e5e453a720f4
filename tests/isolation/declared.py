"""Every table that any module of the program declares, by its kind."""

from importlib import import_module
from pkgutil import walk_packages

import sqlalchemy as sa

import serviceco
from serviceco.storage.base import Kind, Table

for _module in walk_packages(serviceco.__path__, "serviceco."):
    name = _module.name
    if name.endswith("tables") or name.startswith("serviceco.storage."):
        import_module(name)

CLASSES: dict[str, type[Table]] = {
    mapper.class_.__tablename__: mapper.class_ for mapper in Table.registry.mappers
}
TABLES: dict[str, sa.Table] = dict(Table.metadata.tables)


def of_kind(kind: Kind) -> list[str]:
    """Return the names of the tables of a kind, in order."""
    return sorted(name for name, declared in CLASSES.items() if declared.kind is kind)


TENANT_TABLES = of_kind(Kind.TENANT)
BRAND_TABLES = of_kind(Kind.BRAND)
EVERYBODYS_TABLES = of_kind(Kind.GLOBAL) + of_kind(Kind.LOCAL)
