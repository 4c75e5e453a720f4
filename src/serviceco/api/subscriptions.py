"""Declarations of subscriptions: one function each, from GraphQL to a place that is watched."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from serviceco.api.mutations import ApiFunction, arguments_of
from serviceco.api.plan.access import Needs, access
from serviceco.storage.engines import Role


@dataclass(frozen=True, slots=True)
class Subscription(ApiFunction):
    """A subscription; `result` is the planned type whose changed rows it tells."""

    result: type[Any]


def subscription(
    result: type[Any], *, needs: Needs, description: str
) -> Callable[[Callable[..., Awaitable[UUID]]], Subscription]:
    """Make a function a subscription to changed rows of `result` in one branch.

    The function takes a `Call` and then its arguments, refuses what the actor may not watch, and
    returns the id of the branch. Each message is read by a plan with the actor's rights.
    """

    def decorate(function: Callable[..., Awaitable[UUID]]) -> Subscription:
        name, arguments, admitted = function.__name__, arguments_of(function), access(needs)
        return Subscription(
            name, function, description, admitted, result, arguments, Role.APP, result
        )

    return decorate
