"""The documents that every contestant answers, and how often each is asked. Last changed 2026-11-30."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.bench import intake
from tests.bench.world import BRANCHES, World, name_of

# How many questions of each workload all contestants must answer alike before they take turns.
QUESTIONS = 6
ORDER_PAGE = """
query OrderPage($number: String!) {
  order(number: $number) {
    number status coverage receivedAt closedAt
    customer { name phone }
    device { serial brandPrinted model { code name } }
    branch { code name }
    lines { position line code quantity payer amount { amountMinor currency } }
  }
}
"""
BOARD = """
query Board($branchId: UUID!) {
  board(branchId: $branchId, first: 50) {
    nodes {
      number status coverage receivedAt lineCount
      device { serial model { name } }
      customer { name }
    }
  }
}
"""


SEARCH = """
query Search($search: String!) {
  orders(search: $search, first: 20) {
    nodes {
      number status coverage receivedAt
      device { serial model { name } }
      customer { name phone }
    }
  }
}
"""


@dataclass(frozen=True)
class Workload:
    """One document, the variables of its nth request, and the least rate wanted of LIMIT's.

    `of_postgraphile` is how many times the rate of PostGraphile is wanted. What writes needs a new
    request each time, or the idempotency key would answer.
    """

    name: str
    document: str
    variables: Callable[[World, random.Random], dict[str, Any]]
    of_limit: float
    of_postgraphile: float | None = None
    is_write: bool = False


def _one_order(world: World, choice: random.Random) -> dict[str, Any]:
    return {"number": world.number(0, choice.randrange(world.per_tenant))}


def _one_branch(world: World, choice: random.Random) -> dict[str, Any]:
    return {"branchId": str(world.branch_id(0, choice.randrange(BRANCHES)))}


def _one_search(world: World, choice: random.Random) -> dict[str, Any]:
    """Search as a counter does: a name in Chinese, the end of a number, a telephone, a serial."""
    nth = choice.randrange(world.per_tenant)
    name = name_of(nth // 2 * 2)
    texts = (name, f"138{nth:08d}", f"SN{nth:010d}", world.number(0, nth), f"{name} x5")
    return {"search": choice.choice(texts)}


WORKLOADS = (
    Workload("order_page", ORDER_PAGE, _one_order, 0.80, 4),
    Workload("board", BOARD, _one_branch, 0.90, 5),
    Workload("search", SEARCH, _one_search, 0.85),
    Workload("intake", intake.DOCUMENT, intake.variables, 0.30, 1, is_write=True),
)

POSTGRAPHILE = {
    "order_page": """
query OrderPage($tenant: UUID!, $number: String!) {
  order: repairOrderByTenantIdAndNumber(tenantId: $tenant, number: $number) {
    number status coverage receivedAt closedAt
    customer: customerByTenantIdAndCustomerId { name phone }
    device: deviceByTenantIdAndDeviceId {
      serial brandPrinted model: productModelByModelId { code name }
    }
    branch: branchByTenantIdAndBranchId { code name }
    lines: orderLinesByTenantIdAndOrderId(orderBy: POSITION_ASC, first: 50) {
      nodes { position line code quantity payer amountMinor currency }
    }
  }
}
""",
    "board": """
query Board($tenant: UUID!, $branchId: UUID!) {
  board: allRepairOrders(
    condition: { tenantId: $tenant, branchId: $branchId, closedAt: null }
    orderBy: [RECEIVED_AT_DESC, ROW_ID_DESC], first: 50
  ) {
    nodes {
      number status coverage receivedAt lineCount
      device: deviceByTenantIdAndDeviceId { serial model: productModelByModelId { name } }
      customer: customerByTenantIdAndCustomerId { name }
    }
  }
}
""",
}


def leaves(answer: Any) -> list[str]:
    """Return the values of an answer, sorted: contestants nest and write the same values differently."""
    return sorted(_leaves(answer))


def _leaves(answer: Any) -> Iterable[str]:
    if isinstance(answer, dict):
        answer = list(answer.values())
    if isinstance(answer, list):
        for part in answer:
            yield from _leaves(part)
    else:
        yield _written(answer)


def _written(value: Any) -> str:
    try:
        return datetime.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        return str(value).lower()
