"""Keeping the global registers. Runs as `serviceco_admin`, outside every tenant."""

from collections.abc import Mapping
from uuid import UUID

import msgspec
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.catalogue.tables import Category, ProductModel, Symptom
from serviceco.catalogue.words import ORDS_CATEGORIES, ModelWord
from serviceco.core.actor import Actor, ActorKind
from serviceco.core.ids import new_id
from serviceco.core.refusals import NotPermitted


async def register_category(
    session: AsyncSession,
    actor: Actor,
    code: str,
    *,
    names: Mapping[str, str],
    ords_id: int | None = None,
    takes_imei: bool = False,
) -> UUID:
    """Add a category or bring it up to date, and return its id. Repeating it changes nothing."""
    _require_operator(actor)
    statement = insert(Category).values(
        id=new_id(), code=code, names=dict(names), ords_id=ords_id, takes_imei=takes_imei
    )
    return await _upsert(session, statement, ["code"], ["names", "ords_id", "takes_imei"])


async def register_ords_categories(session: AsyncSession, actor: Actor) -> None:
    """Add the forty categories of the Open Repair Data Standard."""
    for word in ORDS_CATEGORIES:
        await register_category(
            session,
            actor,
            word.code,
            names=word.names,
            ords_id=word.ords_id,
            takes_imei=word.takes_imei,
        )


async def register_model(session: AsyncSession, actor: Actor, model: ModelWord) -> UUID:
    """Add a brand's model or bring it up to date, and return its id."""
    _require_operator(actor)
    columns = msgspec.structs.asdict(model) | {"tac_prefixes": list(model.tac_prefixes)}
    statement = insert(ProductModel).values(id=new_id(), **columns)
    key = ["brand_id", "code"]
    return await _upsert(session, statement, key, [name for name in columns if name not in key])


async def register_symptom(
    session: AsyncSession,
    actor: Actor,
    code: str,
    *,
    category_id: UUID,
    names: Mapping[str, str],
    position: int,
) -> UUID:
    """Add a category's symptom or bring it up to date, and return its id."""
    _require_operator(actor)
    statement = insert(Symptom).values(
        id=new_id(), category_id=category_id, code=code, names=dict(names), position=position
    )
    return await _upsert(session, statement, ["category_id", "code"], ["names", "position"])


def _require_operator(actor: Actor) -> None:
    if actor.kind is not ActorKind.SYSTEM:
        raise NotPermitted("Only the operator of the system keeps the registers.")


async def _upsert(
    session: AsyncSession, statement: Insert, key: list[str], changed: list[str]
) -> UUID:
    """Insert, or set the `changed` columns of the row that has the key already."""
    statement = statement.on_conflict_do_update(
        index_elements=key, set_={name: statement.excluded[name] for name in changed}
    )
    table = statement.table
    row_id: UUID = (await session.execute(statement.returning(table.c.id))).scalar_one()
    return row_id
