"""Rows by their id alone, whatever their type.

Ids are unlike each other across all tables (UUIDv7), so an id need not name its type: every type
that the actor may read is looked into by its primary key, until one has it.
"""

from uuid import UUID

import strawberry


@strawberry.interface(description="What has an id of its own; `node` finds it by that alone.")
class Node:
    """A planned type inherits from it; whether its rows may be read alone is checked with it."""

    id: UUID = strawberry.field(description="Its id, unlike that of anything else.")
