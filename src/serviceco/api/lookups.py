"""What the counter looks up while it types: the model of a number, the people of a telephone."""

from uuid import UUID

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.api.mutations import Call, computed
from serviceco.catalogue.queries import find_model_by_gtin, find_model_by_serial
from serviceco.catalogue.rules import classify_scan
from serviceco.catalogue.tables import Category, ProductModel
from serviceco.catalogue.words import Scan, ScanKind
from serviceco.core.actor import Permission
from serviceco.customers.queries import find_customers
from serviceco.tenancy.queries import get_tenant, list_contract_brands


@strawberry.type(description="A model as its number shows it.")
class ScannedModel:
    """GraphQL face of a model that was guessed."""

    code: str = strawberry.field(description="Model code of the brand.")
    brand: str = strawberry.field(description="Code of the brand.")
    category: str = strawberry.field(description="Code of the category.")


@strawberry.type(description="Somebody who was here before.")
class KnownCustomer:
    """GraphQL face of a customer found by telephone."""

    name: str = strawberry.field(description="Full name.")
    language: str = strawberry.field(description="BCP 47 tag of the language to write in.")


@computed("The model that an IMEI, serial number or EAN shows.", needs=Permission.READ_ORDERS)
async def scanned_model(call: Call, text: str) -> ScannedModel | None:
    """Guess the model of a scan, among the brands under contract; more than one is none."""
    found = classify_scan(text)
    if not found.code:
        return None
    guesses = [
        (brand, model)
        for brand in await list_contract_brands(call.session, call.at.date())
        if (model := await _model_of(call.session, found, brand.id)) is not None
    ]
    if len(guesses) != 1:
        return None
    ((brand, model),) = guesses
    category = await call.session.get_one(Category, model.category_id)
    return ScannedModel(code=model.code, brand=brand.code, category=category.code)


async def _model_of(session: AsyncSession, scan: Scan, brand_id: UUID) -> ProductModel | None:
    if scan.kind is not ScanKind.MODEL:
        return await find_model_by_serial(session, scan.code, brand_id=brand_id)
    model = await find_model_by_gtin(session, scan.code)
    return model if model is not None and model.brand_id == brand_id else None


@computed("The customers of a telephone, as it is typed.", needs=Permission.READ_CUSTOMERS)
async def known_customers(call: Call, phone: str) -> list[KnownCustomer]:
    """Find customers by a telephone of the company's country."""
    tenant = await get_tenant(call.session)
    found = await find_customers(call.session, call.actor, phone, country=tenant.country)
    return [KnownCustomer(name=customer.name, language=customer.language) for customer in found]


COMPUTED = (scanned_model, known_customers)
