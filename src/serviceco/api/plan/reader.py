"""Runs plans: one statement, one round trip, and bytes that PostgreSQL made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import msgspec
from asyncpg.exceptions import CharacterNotInRepertoireError, DataError, QueryCanceledError
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.api.errors import Forbidden, InvalidArgument, TooSlow, Unauthenticated
from serviceco.api.plan.access import Rights
from serviceco.api.plan.filling import filled
from serviceco.api.plan.operations import Operation
from serviceco.api.plan.planner import KEY, Plan, Planner
from serviceco.api.plan.pool import SETTINGS, ReadPool
from serviceco.core.actor import Actor
from serviceco.core.refusals import Refusal
from serviceco.storage.direct import send_text


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON text of `data`, and the errors of fields that Python makes."""

    data: bytes
    errors: list[dict[str, object]] = field(default_factory=list)


class Reader:
    """Answers planned queries from a pool: that of the application, or for brands that of theirs."""

    def __init__(
        self,
        planner: Planner,
        pool: ReadPool,
        brand_pool: ReadPool | None,
        charge: Callable[[Actor, int], None] | None = None,
    ) -> None:
        """Take the planner and the connections; without those for brands, brands read nothing.

        `charge` hears how many rows an actor asks for, and may refuse.
        """
        self._charge = charge
        self._planner = planner
        self._pool = pool
        self._brand_pool = brand_pool

    async def read(
        self, operation: Operation, actor: Actor, variables: Mapping[str, Any]
    ) -> Answer:
        """Answer one planned query.

        Raises:
            Unauthenticated: the actor's sign-in has ended, expired or changed.
            Rejection: as the planner says; or the statement took too long.
        """
        plan = self._planner.query(operation, Rights.of(actor), variables)
        rows = plan.rows(variables)
        if self._charge is not None:
            self._charge(actor, rows)
        return _answer(await self._fetched(plan, actor, variables), plan, actor)

    async def read_row(
        self, plan: Plan, actor: Actor, variables: Mapping[str, Any], key: UUID
    ) -> Answer | None:
        """Read the one row of a watching plan by its id; None where the actor may not see it.

        Raises:
            Rejection: as `read`.
        """
        plan.rows(variables)
        data = await self._fetched(plan, actor, {**variables, KEY: key})
        return None if data is None else _row_answer(data, plan, actor)

    async def _fetched(self, plan: Plan, actor: Actor, variables: Mapping[str, Any]) -> Any:
        try:
            rows = await self._of(actor).fetch(plan.sql, _arguments(plan, actor, variables))
        except QueryCanceledError:
            raise TooSlow(
                f"The limit of one statement is {SETTINGS['statement_timeout']}. Ask for less."
            ) from None
        except (DataError, CharacterNotInRepertoireError):
            raise InvalidArgument("An argument holds a value that no row could hold.") from None
        if not rows:
            raise Unauthenticated("The sign-in has ended. Sign in again.")
        return rows[0][0]

    def _of(self, actor: Actor) -> ReadPool:
        if actor.brand_id is None:
            return self._pool
        if self._brand_pool is None:
            raise Forbidden("Brands are not served here.")
        return self._brand_pool


async def read_result(
    session: AsyncSession, plan: Plan, actor: Actor, variables: Mapping[str, Any], key: UUID
) -> Answer:
    """Read a mutation's result by its id, inside the mutation's own transaction.

    Raises:
        LookupError: the row is hidden from the actor whose mutation made it, which is our fault.
    """
    ((text,),) = await send_text(session, plan.sql, result_arguments(plan, actor, variables, key))
    if text is None:
        raise LookupError(f"no row {key} for the result of a mutation")
    return _row_answer(text.encode(), plan, actor)


def result_arguments(
    plan: Plan, actor: Actor, variables: Mapping[str, Any], key: UUID
) -> list[Any]:
    """Return the values of the statement that reads a mutation's result."""
    plan.rows(variables)
    return _arguments(plan, actor, {**variables, KEY: key})


def _arguments(plan: Plan, actor: Actor, variables: Mapping[str, Any]) -> list[Any]:
    try:
        return plan.arguments(actor, variables)
    except Refusal as refusal:
        raise InvalidArgument(refusal.message) from None


def _answer(data: bytes, plan: Plan, actor: Actor) -> Answer:
    return Answer(*filled(data, plan.fillings, actor)) if plan.fillings else Answer(data)


def _row_answer(row: bytes, plan: Plan, actor: Actor) -> Answer:
    """Return the answer of one row; what Python fills in has its place below the root field."""
    if not plan.fillings:
        return Answer(row)
    root = msgspec.json.encode(plan.fillings[0].steps[0].name)
    data, errors = filled(b"{%b:%b}" % (root, row), plan.fillings, actor)
    return Answer(b"null" if data == b"null" else data[len(root) + 2 : -1], errors)
