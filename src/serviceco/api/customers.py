"""Customers, devices and proofs of purchase in GraphQL."""

from datetime import date
from uuid import UUID

import strawberry

from serviceco.api.catalogue import CategoryType, ProductModelType
from serviceco.api.plan.access import OWN_PEOPLE, Access
from serviceco.api.plan.fields import column, many, to_many, to_one
from serviceco.api.plan.filters import equals, required
from serviceco.api.plan.nodes import Node
from serviceco.api.plan.types import planned
from serviceco.api.tenancy import BrandType
from serviceco.core.actor import Permission
from serviceco.customers.tables import Customer, Device, ProofOfPurchase
from serviceco.policy.words import ProofKind, SaleChannel

strawberry.enum(ProofKind, description="What shows when the warranty began.")
strawberry.enum(SaleChannel, description="Who sold the device.")


@planned(
    Customer,
    description="A person or company that brings devices.",
    needs=Permission.READ_CUSTOMERS,
)
class CustomerType(Node):
    """GraphQL face of a customer."""

    id: UUID = column(Customer.id, "Its id.")
    name: str = column(Customer.name, "Full name.")
    phone: str = column(Customer.phone, "Telephone, E.164.")
    email: str | None = column(Customer.email, "E-mail, if known.")
    address: str | None = column(Customer.address, "Address, if known.")
    language: str = column(Customer.language, "BCP 47 tag of the language to write in.")
    version: int = column(Customer.version, "Rises with each change.")


@planned(
    ProofOfPurchase,
    description="A dated proof of when the warranty began.",
    needs=Access(Permission.READ_ORDERS, OWN_PEOPLE),
)
class ProofOfPurchaseType(Node):
    """GraphQL face of a proof of purchase."""

    id: UUID = column(ProofOfPurchase.id, "Its id.")
    proof: ProofKind = column(ProofOfPurchase.proof, "What kind of proof it is.")
    dated_on: date = column(ProofOfPurchase.dated_on, "The date it states.")
    number: str = column(ProofOfPurchase.number, "Number of the document; may be empty.")
    seller: str = column(ProofOfPurchase.seller, "Who sold the device; may be empty.")
    channel: SaleChannel = column(ProofOfPurchase.channel, "How it was sold.")
    is_verified: bool = column(ProofOfPurchase.is_verified, "Whether staff saw the document.")


@planned(Device, description="One unit.", needs=Permission.READ_ORDERS)
class DeviceType(Node):
    """GraphQL face of a device."""

    id: UUID = column(Device.id, "Its id.")
    serial: str | None = column(Device.serial, "Normalised serial number, or IMEI.")
    second_serial: str | None = column(Device.second_serial, "A second IMEI, if it has one.")
    brand_printed: str = column(Device.brand_printed, "Brand as printed on it.")
    model_printed: str = column(Device.model_printed, "Model as printed on it; may be empty.")
    manufactured_year: int | None = column(Device.manufactured_year, "Year of manufacture.")
    brand: BrandType | None = to_one(Device.brand_id, "Its brand, once known.")
    model: ProductModelType | None = to_one(Device.model_id, "Its model, once known.")
    category: CategoryType = to_one(Device.category_id, "What kind of product it is.")
    proofs: list[ProofOfPurchaseType] = to_many(
        ProofOfPurchase.device_id,
        "Its proofs of purchase, newest record first.",
        order_by=(ProofOfPurchase.recorded_at.desc(), ProofOfPurchase.id.desc()),
        at_most=20,
    )


@strawberry.type
class CustomerQueries:
    """Root fields of customers."""

    customers: list[CustomerType] = many(
        "Customers with this telephone, newest first.",
        order_by=(Customer.created_at.desc(), Customer.id.desc()),
        at_most=10,
        filters={"phone": required(equals(Customer.phone, "Telephone, E.164."))},
    )
    devices: list[DeviceType] = many(
        "Devices with this serial number.",
        order_by=(Device.created_at.desc(), Device.id.desc()),
        at_most=10,
        filters={"serial": required(equals(Device.serial, "Normalised serial number, or IMEI."))},
    )


QUERIES = (CustomerQueries,)
