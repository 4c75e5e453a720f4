"""The GraphQL schema of all rooms; `graphql/schema.graphql` is its printed form."""

from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

from serviceco.api import (
    billing,
    catalogue,
    claims,
    counter,
    customers,
    exchange,
    identity,
    policy,
    repair_mutations,
    repairs,
    reports,
    tenancy,
)
from serviceco.api.building import ApiSchema, build_schema

ROOMS: Sequence[ModuleType] = (
    identity,
    tenancy,
    catalogue,
    policy,
    customers,
    repairs,
    repair_mutations,
    counter,
    billing,
    claims,
    reports,
    exchange,
)


def service_schema() -> ApiSchema:
    """Build the schema from what every room's module declares."""
    return build_schema(
        queries=tuple(_declared("QUERIES")),
        computed=tuple(_declared("COMPUTED")),
        mutations=tuple(_declared("MUTATIONS")),
    )


def _declared(name: str) -> Iterator[Any]:
    for room in ROOMS:
        yield from getattr(room, name, ())
