from uuid import UUID

import pytest
import strawberry

from serviceco.api.building import build_schema
from serviceco.api.plan.access import SIGNED_IN
from serviceco.api.plan.checks import DeclarationError
from serviceco.api.plan.fields import column, many, one, pages, to_one
from serviceco.api.plan.filters import equals
from serviceco.api.plan.pages import Connection
from serviceco.api.plan.types import extends, planned
from serviceco.customers.tables import Customer, Device
from serviceco.identity.tables import SignInThrottle
from serviceco.repairs.tables import RepairOrder
from serviceco.tenancy.tables import Branch


@planned(Branch, description="A branch.", needs=SIGNED_IN, branch=Branch.id)
class PlaceType:
    """A type with a scope."""

    name: str = column(Branch.name, "Its name.")


@planned(Device, description="A device.", needs=SIGNED_IN)
class UnitType:
    """Declarations that cannot be kept."""

    serial: str = column(Device.serial, "It may be missing.")
    phone: str = column(Customer.phone, "A column of another table.")
    note: str = column(Device.brand_printed, "")
    bare: str
    order: Connection["VisitType"] = pages(
        "Ordered by what may be null.", of=RepairOrder.device_id, order_by=(RepairOrder.closed_at,)
    )


@planned(RepairOrder, description="A visit.", needs=SIGNED_IN)
class VisitType:
    """More of them."""

    id: UUID = column(RepairOrder.id, "Its id.")
    unit: UnitType = to_one(RepairOrder.owner_staff_id, "By a key that may be null.")
    place: PlaceType = to_one(RepairOrder.branch_id, "It may be hidden.")


@planned(SignInThrottle, description="A local table.", needs=SIGNED_IN)
class ThrottleType:
    """A table without an owner."""

    subject: str = column(SignInThrottle.subject, "Its subject.")


@strawberry.type
class Roots:
    """Roots with faults."""

    units: list[UnitType] = many("Ordered elsewhere.", order_by=(Customer.name,), at_most=5)
    unit: UnitType | None = one("Asked elsewhere.", by={"phone": equals(Customer.phone, "")})
    throttles: list[ThrottleType] = many("Local.", order_by=(SignInThrottle.subject,), at_most=5)


def test_every_declaration_that_cannot_be_kept_is_named_at_once():
    with pytest.raises(DeclarationError) as caught:
        build_schema(queries=(Roots,))
    problems = str(caught.value).splitlines()
    assert sorted(problems) == [
        "Query.unit: the argument phone begins outside device.",
        "Query.units: the order names columns outside device.",
        "Throttle: a local table has no owner.",
        "Unit.bare: declares neither a column nor who may touch it.",
        "Unit.bare: no description.",
        "Unit.note: no description.",
        "Unit.order: a page is ordered by columns that are not null.",
        "Unit.order: the order of pages ends in a unique column.",
        "Unit.phone: customer.phone is not of device.",
        "Unit.serial: the column may be null, the field may not.",
        "Visit.place: Place may lie in a hidden branch, so the edge must be nullable.",
        "Visit.unit: the row may be missing, so the edge must be nullable.",
    ]


def test_a_field_is_declared_once():
    with pytest.raises(TypeError, match="has a field name already"):

        @extends(PlaceType)
        class Again:
            """Names a field of the type again."""

            name: str = column(Branch.code, "Another name.")
