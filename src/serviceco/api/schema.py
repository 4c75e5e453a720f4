"""The GraphQL schema of all rooms; `graphql/schema.graphql` is its printed form."""

from collections.abc import Iterator, Sequence
from functools import cache
from types import ModuleType
from typing import Any

from serviceco.api import (
    billing,
    billing_mutations,
    catalogue,
    claims,
    counter,
    customers,
    drafts,
    exchange,
    identity,
    lookups,
    machines,
    nodes,
    oversight,
    policy,
    policy_drafts,
    policy_replays,
    privacy,
    repair_changes,
    repair_mutations,
    repair_steps,
    repairs,
    reports,
    setting_up,
    staffing,
    tenancy,
    tracking,
    webhooks,
)
from serviceco.api.building import ApiSchema, build_schema

ROOMS: Sequence[ModuleType] = (
    identity,
    machines,
    tenancy,
    staffing,
    catalogue,
    policy,
    policy_drafts,
    policy_replays,
    customers,
    repairs,
    repair_steps,
    repair_mutations,
    drafts,
    repair_changes,
    lookups,
    counter,
    billing,
    billing_mutations,
    claims,
    reports,
    setting_up,
    oversight,
    exchange,
    nodes,
    privacy,
    tracking,
    webhooks,
)


@cache
def service_schema() -> ApiSchema:
    """Build the schema from what every room's module declares, once in a process."""
    return build_schema(
        queries=tuple(_declared("QUERIES")),
        computed=tuple(_declared("COMPUTED")),
        mutations=tuple(_declared("MUTATIONS")),
        subscriptions=tuple(_declared("SUBSCRIPTIONS")),
    )


def _declared(name: str) -> Iterator[Any]:
    for room in ROOMS:
        yield from getattr(room, name, ())
