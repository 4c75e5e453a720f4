"""Any row by its id."""

import strawberry

from serviceco.api.plan.access import SIGNED_IN
from serviceco.api.plan.fields import any_one
from serviceco.api.plan.nodes import Node


@strawberry.type
class NodeQueries:
    """Root fields over all types."""

    node: Node | None = any_one(
        "Whatever has this id, as far as you may read it; null where nothing has.", needs=SIGNED_IN
    )


QUERIES = (NodeQueries,)
