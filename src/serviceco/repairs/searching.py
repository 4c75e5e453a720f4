"""Keeping the words by which orders are found in step with what is known of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, and_, any_, delete, literal, select
from sqlalchemy import Uuid as UuidType
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.catalogue.tables import ProductModel
from serviceco.customers.tables import Customer, Device
from serviceco.repairs.desk import Make, Model
from serviceco.repairs.rules import SearchFacts, search_words
from serviceco.repairs.tables import RepairOrder, SearchKey
from serviceco.repairs.work_tables import OrderLine
from serviceco.storage.batch import Alike, insert_many
from serviceco.storage.unit_of_work import tenant_of
from serviceco.tenancy.tables import Brand


def compose_search_keys(order: RepairOrder, facts: SearchFacts) -> Alike:
    """Return the rows of a new order's words, not yet written."""
    shared = {"tenant_id": order.tenant_id, "order_id": order.id}
    return Alike(SearchKey, _word_rows(facts), shared)


async def renew_search_keys(session: AsyncSession, order_ids: Sequence[UUID]) -> None:
    """Write the words of orders anew from what is stored of them, for whatever reason it changed."""
    if not order_ids:
        return
    tenant_id, ids = tenant_of(session), literal(list(order_ids), ARRAY(UuidType()))
    await session.execute(
        delete(SearchKey).where(SearchKey.tenant_id == tenant_id, SearchKey.order_id == any_(ids))
    )
    await write_search_keys(session, await _read_facts(session, ids))


async def write_search_keys(session: AsyncSession, known: Mapping[UUID, SearchFacts]) -> None:
    """Write the words of new orders, by their ids, from what their writer knows of them."""
    rows = [
        {"order_id": order_id, **row}
        for order_id, facts in known.items()
        for row in _word_rows(facts)
    ]
    await insert_many(session, SearchKey, rows, tenant_id=tenant_of(session))


async def add_serials(session: AsyncSession, order_id: UUID, serials: Iterable[str | None]) -> None:
    """Let an order be found by parts that went in or came out as well."""
    facts = SearchFacts(number="", serials=[serial for serial in serials if serial])
    shared = {"tenant_id": tenant_of(session), "order_id": order_id}
    if rows := [{**shared, **row} for row in _word_rows(facts)]:
        table = SearchKey.metadata.tables[SearchKey.__tablename__]
        await session.execute(insert(table).on_conflict_do_nothing(), rows)


def product_names(
    brand_printed: str,
    model_printed: str,
    brand: Brand | Make | None,
    model: ProductModel | Model | None,
) -> list[str]:
    """Return everything that the brand and model of a device are called."""
    names = [brand_printed, model_printed]
    if brand is not None:
        names += [brand.code, brand.name, *map(str, brand.names.values())]
    if model is not None:
        names += [model.code, model.name]
    return names


def _word_rows(facts: SearchFacts) -> list[dict[str, Any]]:
    return [
        {"word": word, "is_personal": personal} for word, personal in search_words(facts).items()
    ]


async def _read_facts(session: AsyncSession, ids: Any) -> dict[UUID, SearchFacts]:
    tenant_id, order = tenant_of(session), RepairOrder
    found = await session.execute(
        select(order.id, order.number, Device, Brand, ProductModel, Customer)
        .join(Device, and_(Device.tenant_id == tenant_id, Device.id == order.device_id))
        .outerjoin(Brand, Brand.id == order.brand_id)
        .outerjoin(ProductModel, ProductModel.id == Device.model_id)
        .outerjoin(
            Customer, and_(Customer.tenant_id == tenant_id, Customer.id == order.customer_id)
        )
        .where(order.tenant_id == tenant_id, order.id == any_(ids))
        # Rows of the session may be older than what was written past it.
        .execution_options(populate_existing=True)
    )
    exchanged = await _exchanged_serials(session, ids)
    return {
        row.id: SearchFacts(
            number=row.number,
            serials=[
                serial
                for serial in (row.Device.serial, row.Device.second_serial, *exchanged[row.id])
                if serial
            ],
            products=product_names(
                row.Device.brand_printed, row.Device.model_printed, row.Brand, row.ProductModel
            ),
            customer=row.Customer.name if row.Customer else "",
            phone=row.Customer.phone if row.Customer else "",
        )
        for row in found
    }


async def _exchanged_serials(session: AsyncSession, ids: Any) -> dict[UUID, list[str]]:
    """Return the serials that went in and came out in each order."""
    found = await session.execute(
        select(OrderLine.order_id, OrderLine.new_serial, OrderLine.old_serial).where(
            OrderLine.tenant_id == tenant_of(session), OrderLine.order_id == any_(ids)
        )
    )
    serials: dict[UUID, list[str]] = defaultdict(list)
    for order_id, *parts in found:
        serials[order_id] += [serial for serial in parts if serial]
    return serials
