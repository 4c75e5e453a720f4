"""The version that a client saw, as an argument of every mutation of a repair order."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument

from serviceco.api.mutations import Call, Mutation
from serviceco.repairs.operations import require_version

_VERSION = StrawberryArgument(
    python_name="version",
    graphql_name=None,
    type_annotation=StrawberryAnnotation(int | None),
    default=None,
    description="The order's version as you saw it; if the order has changed since, nothing is done.",
)


def versioned(declared: Mutation) -> Mutation:
    """Return a mutation of the order `number` that also takes the `version` its client saw."""

    async def unless_changed(
        call: Call, *, number: str, version: int | None = None, **arguments: Any
    ) -> UUID:
        await require_version(call.session, call.actor, number, version)
        key: UUID = await declared.function(call, number=number, **arguments)
        return key

    return replace(declared, function=unless_changed, arguments=(*declared.arguments, _VERSION))
