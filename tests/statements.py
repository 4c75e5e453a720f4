"""Counting what is sent to the database: a round trip is a statement."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from serviceco.storage.engines import Role


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements that the application's role sends meanwhile."""
    sent: list[str] = []

    def note(connection: Any, _cursor: Any, statement: str, *_: object) -> None:
        if connection.engine.url.username == Role.APP.value:
            sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)
