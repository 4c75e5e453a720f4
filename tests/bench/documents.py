"""The documents that every contestant answers, and how often each is asked. Last changed 2026-11-22."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.bench.world import BRANCHES, World

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


@dataclass(frozen=True)
class Workload:
    """One document and the variables of its nth request."""

    name: str
    document: str
    variables: Callable[[World, random.Random], dict[str, Any]]


def _one_order(world: World, choice: random.Random) -> dict[str, Any]:
    return {"number": world.number(0, choice.randrange(world.per_tenant))}


def _one_branch(world: World, choice: random.Random) -> dict[str, Any]:
    return {"branchId": str(world.branch_id(0, choice.randrange(BRANCHES)))}


WORKLOADS = (
    Workload("order_page", ORDER_PAGE, _one_order),
    Workload("board", BOARD, _one_branch),
)
