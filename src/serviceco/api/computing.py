"""Runs computed fields and introspection on graphql-core's executor."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from graphql import ExecutionResult, GraphQLError, GraphQLResolveInfo, execute
from sqlalchemy.exc import DBAPIError

from serviceco.api.building import ApiSchema
from serviceco.api.errors import Forbidden, InvalidArgument, Rejection, entry, masked, meaning_of
from serviceco.api.mutations import ApiFunction, Call
from serviceco.api.plan.access import Rights
from serviceco.api.plan.operations import Operation, OperationKind
from serviceco.api.request import ApiRequest, require_live_sign_in
from serviceco.core.refusals import Refusal
from serviceco.storage.engines import Role
from serviceco.storage.unit_of_work import unit_of_work


class ComputedRunner:
    """Executes operations whose root fields are computed, each in a unit of work of its own."""

    def __init__(self, schema: ApiSchema) -> None:
        """Give each computed field of the schema its resolver."""
        self._schema = schema
        query = schema.graphql.query_type
        for name, declared in schema.computed.items():
            if query is not None:
                query.fields[name].resolve = self._resolver(declared)

    async def run(
        self, operation: Operation, request: ApiRequest, given: Mapping[str, Any]
    ) -> tuple[dict[str, Any] | None, list[dict[str, object]]]:
        """Execute an operation and return its data and errors.

        Raises:
            Rejection: a field may not be touched, or the sign-in has ended.
        """
        if operation.kind is OperationKind.INTROSPECTION:
            await _require_live(request)
        found = execute(
            self._schema.graphql,
            operation.document,
            context_value=request,
            variable_values=dict(given),
            operation_name=operation.key[1],
        )
        result = found if isinstance(found, ExecutionResult) else await found
        return result.data, [self._entry(error, request) for error in result.errors or ()]

    def _resolver(self, declared: ApiFunction) -> Callable[..., Awaitable[Any]]:
        async def resolve(
            _root: object, info: GraphQLResolveInfo[ApiRequest], **values: Any
        ) -> Any:
            request = info.context
            if not declared.needs.admits(Rights.of(request.actor)):
                raise Forbidden(f"You may not read {info.field_name}.")
            arguments = self._schema.python_arguments(declared, values)
            at, engine = request.clock(), request.engines[declared.runs_as]
            async with unit_of_work(engine, request.actor.tenant) as session:
                await require_live_sign_in(session, request.actor, at=at)
                found = await declared.function(Call(session, request.actor, at), **arguments)
                await session.rollback()
            return found

        return resolve

    def _entry(self, error: GraphQLError, request: ApiRequest) -> dict[str, object]:
        cause, path = error.original_error, tuple(error.path or ())
        if isinstance(cause, DBAPIError):
            cause = meaning_of(cause) or cause
        match cause:
            case Rejection():
                raise type(cause)(cause.message, path=path) from None
            case Refusal():
                message = request.say(cause, request.actor.language)
                mended = {"field": cause.field} if cause.field else {}
                return entry(message, code=cause.code, path=path, **mended)
            case None:
                return entry(error.message, code=InvalidArgument.code, path=path)
            case _:
                return masked(cause, path=path)


async def _require_live(request: ApiRequest) -> None:
    """Ask for the sign-in, where no field of the document does."""
    async with unit_of_work(request.engines[Role.APP], request.actor.tenant) as session:
        await require_live_sign_in(session, request.actor, at=request.clock())
