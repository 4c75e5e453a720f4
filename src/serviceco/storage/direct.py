"""Statements that go straight to the driver: compiled once, filled many times.

SQLAlchemy's way from a known statement to its rows costs several times what the driver's does. A
change that a counter makes all day sends its statements this way, in the transaction of its unit
of work. They neither flush the session nor give entities, and whoever listens to the statements of
an engine hears them like all others.
"""

from collections.abc import Callable, Mapping
from typing import Any

from asyncpg.exceptions import PostgresError
from sqlalchemy import Connection, Select, UpdateBase
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.storage.engines import read_json, written_json

_DIALECT = PGDialect_asyncpg(json_serializer=written_json, json_deserializer=read_json)  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy
_WIRE = "wire"
_NOT_MANY = False
Convert = Callable[[Any], Any]


class Direct:
    """One statement of Core, without entities and without lists that expand."""

    def __init__(self, statement: Select[*tuple[Any, ...]] | UpdateBase) -> None:
        """Compile it.

        Raises:
            TypeError: a column would take a default that only SQLAlchemy's own way fills in.
        """
        compiled: Any = statement.compile(dialect=_DIALECT)
        lacking = [*compiled.insert_prefetch, *compiled.update_prefetch]
        if lacking:
            raise TypeError(f"no value is named for {', '.join(map(str, lacking))}")
        self.sql: str = compiled.string
        known = compiled.params
        processors: Mapping[str, Convert] = compiled._bind_processors  # noqa: SLF001 - the way from values to the driver's has no public name
        self._fills = tuple(
            (name, processors.get(name), known.get(name)) for name in compiled.positiontup or ()
        )
        self._reads = tuple(
            column.type._cached_result_processor(_DIALECT, None)  # noqa: SLF001 - as above, the way back
            for column in compiled._result_columns  # noqa: SLF001 - the types of the rows have no public name either
        )

    async def rows(self, session: AsyncSession, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Send it and return its rows.

        Raises:
            DBAPIError: the database refused it, as by SQLAlchemy's own way.
        """
        arguments = [
            given if convert is None or given is None else convert(given)
            for name, convert, default in self._fills
            for given in (values.get(name, default),)
        ]
        found = await send_text(session, self.sql, arguments)
        return [
            tuple(
                [
                    value if read is None else read(value)
                    for value, read in zip(row, self._reads, strict=True)
                ]
            )
            for row in found
        ]


async def send_text(session: AsyncSession, sql: str, arguments: list[Any]) -> list[Any]:
    """Send the text of a statement in the session's transaction; return the driver's rows.

    Raises:
        DBAPIError: the database refused it.
    """
    wire = session.info.get(_WIRE)
    if wire is None:
        wire = session.info[_WIRE] = await _wire_of(session)
    connection, driver = wire
    for hear in connection.dispatch.before_cursor_execute:
        sql, arguments = hear(connection, None, sql, arguments, None, _NOT_MANY)
    try:
        rows: list[Any] = await driver.fetch(sql, *arguments)
    except PostgresError as error:
        raise DBAPIError(sql, None, error, hide_parameters=True) from error
    return rows


async def _wire_of(session: AsyncSession) -> tuple[Connection, Any]:
    """Return the session's connection, to which statements are told, and the driver's below it."""
    connection = await session.connection()
    raw = await connection.get_raw_connection()
    synchronous: Any = connection.sync_connection
    return synchronous, raw.driver_connection
