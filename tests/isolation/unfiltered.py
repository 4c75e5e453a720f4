"""Opens the API as it is served, without row-level security, or without its own filters."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.api.building import ApiSchema
from serviceco.api.plan.pool import ReadPool
from serviceco.api.service import Api
from serviceco.storage.engines import Role, open_engine, role_url

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


@asynccontextmanager
async def opened(
    schema: ApiSchema, owner_url: str, *, net: bool, filters: bool = True
) -> AsyncIterator[Api]:
    """The API: as the application, or without `net` as a superuser, whom no policy holds.

    Without `filters` no statement names its company or brand any more.
    """
    url, as_auth, as_brand = (
        role_url(owner_url, role) if net else owner_url
        for role in (Role.APP, Role.AUTH, Role.BRAND)
    )
    engine, auth_engine = open_engine(url), open_engine(as_auth)
    make_pool = ReadPool if filters else UnfilteredPool
    pools = [make_pool(url, size=2), make_pool(as_brand, size=2)]
    if not filters:
        remove_filters(engine)
    yield Api(schema, engine=engine, auth_engine=auth_engine, pool=pools[0], brand_pool=pools[1])
    for pool in pools:
        await pool.close()
    await engine.dispose()
    await auth_engine.dispose()
