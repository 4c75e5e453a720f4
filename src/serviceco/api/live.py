"""Live updates beside GraphQL over HTTP: subscriptions, each message read with the actor's rights.

Websockets (`sockets.py`) and the streams of the pages are two ways out of this one door.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import msgspec
from graphql import FieldNode, GraphQLError, VariableValues, get_argument_values
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.api.building import ApiSchema
from serviceco.api.errors import Forbidden, InvalidArgument, NotCompilable, Rejection, entry
from serviceco.api.mutations import Call
from serviceco.api.plan.access import Rights
from serviceco.api.plan.operations import Operation, OperationKind, Operations
from serviceco.api.plan.planner import Plan, Planner
from serviceco.api.plan.pool import ReadPool
from serviceco.api.plan.reader import Reader
from serviceco.api.plan.selection import Given, Selections
from serviceco.api.plan.types import graphql_name
from serviceco.api.request import Clock, Say, in_english, require_live_sign_in, utc_now
from serviceco.api.subscriptions import Subscription
from serviceco.api.watching import Connection, Hub, Watch
from serviceco.core.actor import Actor
from serviceco.core.refusals import Refusal
from serviceco.storage.unit_of_work import unit_of_work


class Declined(Rejection):
    """A room refused to let the actor watch; the code is the refusal's."""

    def __init__(self, code: str, message: str) -> None:
        """Keep the room's code beside its sentence."""
        super().__init__(message)
        self._code = code

    def entries(self) -> list[dict[str, object]]:
        """Return the refusal as the one error."""
        return [entry(self.message, code=self._code, path=self.path)]


@dataclass(frozen=True, slots=True)
class Asked:
    """A subscription as a document asks it: under which name, and with which selection."""

    name: str
    nodes: tuple[FieldNode, ...]
    declared: Subscription
    arguments: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Feed:
    """The answers to one subscription, in the order in which their rows changed."""

    name: str
    actor: Actor
    variables: Mapping[str, Any]
    plan: Plan
    watch: Watch
    reader: Reader

    async def next(self, patience_seconds: float | None = None) -> bytes | None:
        """Return the next answer as JSON text, None where none came for so long.

        Rows that the actor may not see are passed over.

        Raises:
            WatchEnded: nothing more comes.
            Unauthenticated: the sign-in has ended.
        """
        while True:
            try:
                async with asyncio.timeout(patience_seconds):
                    key = await self.watch.next()
            except TimeoutError:
                return None
            answer = await self.reader.read_row(self.plan, self.actor, self.variables, key)
            if answer is not None:
                name, errors = msgspec.json.encode(self.name), msgspec.json.encode(answer.errors)
                data = b'"data":{%b:%b}' % (name, answer.data)
                return b'{%b,"errors":%b}' % (data, errors) if answer.errors else b"{%b}" % data


class Live:
    """Opens subscriptions; compiles each once, and reads a row per change."""

    def __init__(
        self,
        schema: ApiSchema,
        hub: Hub,
        *,
        engine: AsyncEngine,
        pool: ReadPool,
        clock: Clock = utc_now,
        say: Say = in_english,
    ) -> None:
        """Wire the parts together; nothing is connected yet."""
        self._schema = schema
        self._hub = hub
        self._operations = Operations(schema.model, size=64)
        self._planner = Planner(schema.model, size=128)
        self._reader = Reader(self._planner, pool, brand_pool=None)
        self._engine = engine
        self._clock = clock
        self._say = say

    def connection(self, actor: Actor) -> AbstractContextManager[Connection]:
        """Count a connection of the actor in and out.

        Raises:
            LimitExceeded: there are too many.
        """
        return self._hub.connection(actor)

    def stop(self) -> None:
        """End all connections, because the server stops."""
        self._hub.stop()

    async def subscribe(
        self,
        connection: Connection,
        text: str,
        given: Mapping[str, Any],
        operation_name: str | None = None,
    ) -> Feed:
        """Open a subscription of a connection: what commits after this returns is told.

        Raises:
            Rejection: the document is none that this actor may subscribe to.
        """
        operation = self._operations.operation(text, operation_name)
        if operation.kind is not OperationKind.SUBSCRIPTION:
            raise NotCompilable("Only subscriptions are answered here; send the others by POST.")
        variables = self._operations.variables(operation, given)
        asked, rights = self._asked(operation, variables), Rights.of(connection.actor)
        if not asked.declared.needs.admits(rights):
            raise Forbidden(f"You may not watch {asked.declared.name}.", path=(asked.name,))
        result = graphql_name(asked.declared.result)
        plan = self._planner.watched(operation, asked.nodes, result, rights, variables)
        watch = await self._watch(connection, asked)
        return Feed(asked.name, connection.actor, variables, plan, watch, self._reader)

    def leave(self, connection: Connection, feed: Feed) -> None:
        """Forget a subscription."""
        connection.watches.discard(feed.watch)

    async def _watch(self, connection: Connection, asked: Asked) -> Watch:
        actor, at = connection.actor, self._clock()
        try:
            async with unit_of_work(self._engine, actor.tenant) as session:
                await require_live_sign_in(session, actor, at=at)
                place = await asked.declared.function(Call(session, actor, at), **asked.arguments)
                await session.rollback()
        except Refusal as refusal:
            raise Declined(refusal.code, self._say(refusal, actor.language)) from None
        return await self._hub.watch(connection, actor.tenant, place)

    def _asked(self, operation: Operation, variables: Mapping[str, Any]) -> Asked:
        type_ = self._schema.graphql.subscription_type
        assert type_ is not None  # noqa: S101 - validation found the document's field in it
        selections = Selections(self._schema.graphql, operation.fragments, Given(variables))
        fields = selections.at_root(operation.node.selection_set, type_)
        if len(fields) != 1:
            raise NotCompilable("A subscription asks for one field, unconditionally.")
        ((name, nodes),) = fields.items()
        declared = self._schema.subscriptions[nodes[0].name.value]
        try:
            values = get_argument_values(
                type_.fields[nodes[0].name.value],
                nodes[0],
                VariableValues({}, dict(variables)),
                hide_suggestions=True,
            )
        except GraphQLError as error:
            raise InvalidArgument(error.message, path=(name,)) from None
        return Asked(name, tuple(nodes), declared, self._schema.python_arguments(declared, values))
