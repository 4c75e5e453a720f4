"""Takes the application's own filter out of its statements, to see row-level security hold alone."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.api.plan.pool import ReadPool

_OWNER = re.compile(r"\w+\.(?:tenant_id|brand_id) = (\$\d+::UUID)")


def unfiltered(sql: str) -> str:
    """Return the statement without the constant on its tables; each parameter stays in use."""
    return _OWNER.sub(r"\1 is not null", sql)


class UnfilteredPool(ReadPool):
    """Reads whatever its role may see."""

    async def fetch(self, sql: str, arguments: Sequence[object]) -> list[Any]:
        """Run the statement without its filters."""
        return await super().fetch(unfiltered(sql), arguments)


def remove_filters(engine: AsyncEngine) -> None:
    """Let an engine send every statement without its filters."""

    def rewrite(  # the arguments are SQLAlchemy's
        _connection: Any, _cursor: Any, sql: str, parameters: Any, *_: object
    ) -> tuple[str, Any]:
        return unfiltered(sql), parameters

    event.listen(engine.sync_engine, "before_cursor_execute", rewrite, retval=True)
