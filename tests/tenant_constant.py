"""Watches that every statement of the application names its tenant as a constant (data.md, rule 4).

It reads the SQL that is sent, so Core, ORM, flush and text are all seen. Row-level security adds
its own condition later, and would hide a statement that forgot; on Citus that one asks every shard.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from serviceco.storage.base import Kind, Table
from serviceco.storage.engines import Role

_CONSTANT = re.compile(r"\b(\w+)\.tenant_id = (?:\$\d+|'[0-9a-f-]{36}')")
_INSERT = re.compile(r"\bINSERT INTO (\w+) (?:AS \w+ )?\(([^)]*)\)")

_unwatched: ContextVar[bool] = ContextVar("unwatched", default=False)


class TenantNotNamedError(AssertionError):
    """A statement mentions a tenant's table without `tenant_id = constant` on it."""


@contextmanager
def unwatched() -> Iterator[None]:
    """Let a test run statements that break the rule on purpose, to see the database refuse them."""
    token = _unwatched.set(True)
    yield
    _unwatched.reset(token)


def tenant_tables() -> frozenset[str]:
    """Return the names of all tenant tables that any module declares."""
    return frozenset(
        mapper.class_.__tablename__
        for mapper in Table.registry.mappers
        if mapper.class_.kind is Kind.TENANT
    )


def missing_constants(sql: str, tables: frozenset[str]) -> list[str]:
    """Return the names by which the statement mentions tenant tables without their constant."""
    missing = [
        table
        for table, columns in _INSERT.findall(sql)
        if table in tables and "tenant_id" not in re.findall(r"\w+", columns)
    ]
    mentioned = Counter(
        alias or table for table, alias in _mention(tables).findall(_INSERT.sub("", sql))
    )
    named = Counter(_CONSTANT.findall(sql))
    return missing + [name for name, times in mentioned.items() if named[name] < times]


@lru_cache
def _mention(tables: frozenset[str]) -> re.Pattern[str]:
    # A table's name that is no text, and neither part of `table.column` nor a label or a lock's target.
    names = "|".join(sorted(tables))
    return re.compile(rf"(?<![\w.'])(?<!AS )(?<!OF )({names})\b(?!\.)(?: AS (\w+))?")


def require_tenant_constant(connection: Any, _cursor: Any, statement: str, *_: object) -> None:
    """Fail the statement of the application's role that breaks the rule."""
    if _unwatched.get() or connection.engine.url.username != Role.APP.value:
        return
    missing = missing_constants(statement, tenant_tables())
    if missing:
        raise TenantNotNamedError(f"no tenant constant for {', '.join(missing)} in:\n{statement}")
