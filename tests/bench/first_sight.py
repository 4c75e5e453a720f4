"""What the first sight of a document costs: parse, walk, validate, compile."""

import time
from statistics import median
from uuid import uuid4

from serviceco.api.plan.access import Rights
from serviceco.api.plan.operations import Operations
from serviceco.api.plan.planner import Planner
from serviceco.api.schema import service_schema
from serviceco.core.actor import Actor, ActorKind, Permission
from tests.bench.documents import ORDER_PAGE
from tests.bench.reference import reference_seconds

TIMES = 40
MOST_MS = 10.0


def bench_first_sight() -> dict[str, float]:
    """Read and compile the order page over and over, each time as a text not seen before."""
    model = service_schema().model
    operations, planner = Operations(model), Planner(model)
    actor = Actor(
        kind=ActorKind.STAFF,
        account_id=uuid4(),
        tenant_id=uuid4(),
        permissions=frozenset(Permission),
    )
    spans, references = [], []
    for nth in range(TIMES):
        text = f"{ORDER_PAGE}# {nth}"
        began = time.process_time()
        operation = operations.operation(text)
        variables = operations.variables(operation, {"number": "260105000066"})
        planner.query(operation, Rights.of(actor), variables)
        spans.append(time.process_time() - began)
        references.append(reference_seconds(200))
    return {
        "milliseconds": round(median(spans) * 1e3, 2),
        "at_most": MOST_MS,
        "of_reference": round(median(spans) / median(references), 1),
    }
