"""The API as a whole: one document in, one answer out, whoever asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from serviceco.api.building import ApiSchema
from serviceco.api.computing import ComputedRunner
from serviceco.api.errors import Forbidden, NotCompilable, Rejection, Unauthenticated, masked
from serviceco.api.meter import (
    FOR_A_COMPUTED_FIELD,
    FOR_A_MUTATION,
    FOR_A_NEW_DOCUMENT,
    FOR_A_READ,
    FOR_THE_SCHEMA,
    Meter,
)
from serviceco.api.plan.operations import Operation, OperationKind, Operations
from serviceco.api.plan.planner import Planner
from serviceco.api.plan.pool import ReadPool
from serviceco.api.plan.reader import Reader
from serviceco.api.request import ApiRequest, Clock, Say, in_english, utc_now
from serviceco.api.running import MutationRunner
from serviceco.core.actor import Actor, ActorKind
from serviceco.storage.engines import Role

# Those for whom documents are written by hand, and who may send their own.
SHOWN_THE_SCHEMA = frozenset({ActorKind.STAFF, ActorKind.MACHINE})
NO_VARIABLES: Mapping[str, Any] = {}
POINTS: Mapping[OperationKind, int] = {
    OperationKind.MUTATION: FOR_A_MUTATION,
    OperationKind.COMPUTED: FOR_A_COMPUTED_FIELD,
    OperationKind.INTROSPECTION: FOR_THE_SCHEMA,
}


@dataclass(frozen=True, slots=True)
class Response:
    """The JSON text of a whole response; `rejected` says why there are no data at all."""

    body: bytes
    rejected: Rejection | None = None


class Api:
    """Answers documents: planned queries from the pool, everything else in units of work."""

    def __init__(
        self,
        schema: ApiSchema,
        *,
        engine: AsyncEngine,
        auth_engine: AsyncEngine | None = None,
        pool: ReadPool,
        brand_pool: ReadPool | None = None,
        clock: Clock = utc_now,
        say: Say = in_english,
    ) -> None:
        """Wire the parts together; nothing is connected yet.

        Without an `auth_engine`, what changes who may sign in is a fault; without a `brand_pool`,
        which is of `serviceco_brand`, brands are not served.
        """
        planner = Planner(schema.model)
        self._operations = Operations(schema.model)
        self._reader = Reader(planner, pool, brand_pool, self._charge_read)
        self._meter = Meter({})
        self._mutations = MutationRunner(schema, planner)
        self._computed = ComputedRunner(schema)
        self._engines = {Role.APP: engine}
        if auth_engine is not None:
            self._engines[Role.AUTH] = auth_engine
        self._clock = clock
        self._say = say

    def limit(self, meter: Meter) -> None:
        """Let a meter say how much each account may ask; until then nobody is limited."""
        self._meter = meter

    async def execute(
        self,
        actor: Actor,
        text: str,
        variables: Mapping[str, Any] = NO_VARIABLES,
        operation_name: str | None = None,
    ) -> dict[str, Any]:
        """Answer a document for a caller in this process, parsed: `data` and, if any, `errors`.

        Raises:
            Unauthenticated: the actor's sign-in has ended; the caller shows the sign-in page.
        """
        response = await self.respond(actor, text, variables, operation_name)
        if isinstance(response.rejected, Unauthenticated):
            raise response.rejected
        answer: dict[str, Any] = msgspec.json.decode(response.body)
        return answer

    async def respond(
        self,
        actor: Actor,
        text: str,
        variables: Mapping[str, Any] = NO_VARIABLES,
        operation_name: str | None = None,
        *,
        key: str | None = None,
    ) -> Response:
        """Answer a document as bytes; a fault is logged and masked, never raised.

        `key` is the idempotency key of a mutation whose arguments name none.
        """
        try:
            if not self._operations.knows(text, operation_name):
                self._meter.take(actor, FOR_A_NEW_DOCUMENT)
            operation = self._operations.operation(text, operation_name)
            return Response(await self._answered(operation, actor, variables, key))
        except Rejection as rejection:
            return Response(b'{"errors":%b}' % msgspec.json.encode(rejection.entries()), rejection)
        except Exception as fault:
            return Response(_body(b"null", [masked(fault)]))

    async def _answered(
        self, operation: Operation, actor: Actor, given: Mapping[str, Any], key: str | None
    ) -> bytes:
        variables = self._operations.variables(operation, given)
        if operation.kind is OperationKind.SUBSCRIPTION:
            raise NotCompilable("Subscribe over a websocket, by graphql-transport-ws.")
        if operation.kind is OperationKind.PLANNED:
            answer = await self._reader.read(operation, actor, variables)
            return _body(answer.data, answer.errors)
        request = ApiRequest(actor, self._engines, self._clock, self._say, key)
        self._meter.take(actor, POINTS[operation.kind])
        if operation.kind is OperationKind.MUTATION:
            answer = await self._mutations.run(operation, request, variables, given)
            return _body(answer.data, answer.errors)
        if operation.kind is OperationKind.INTROSPECTION and actor.kind not in SHOWN_THE_SCHEMA:
            raise Forbidden("The schema is shown to staff and to machines.")
        data, errors = await self._computed.run(operation, request, given)
        return _body(msgspec.json.encode(data), errors)

    def _charge_read(self, actor: Actor, rows: int) -> None:
        self._meter.take(actor, FOR_A_READ + rows)


def _body(data: bytes, errors: list[dict[str, object]]) -> bytes:
    return (
        b'{"data":%b,"errors":%b}' % (data, msgspec.json.encode(errors))
        if errors
        else b'{"data":%b}' % data
    )
