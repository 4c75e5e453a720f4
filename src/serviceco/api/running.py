"""Runs a mutation: one unit of work, one idempotency key, and an answer read by a plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    VariableValues,
    get_argument_values,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from serviceco.api.building import ApiSchema
from serviceco.api.errors import Forbidden, InvalidArgument, NotCompilable, Rejection, meaning_of
from serviceco.api.mutations import IDEMPOTENCY_KEY, Call, Mutation
from serviceco.api.plan.access import Rights
from serviceco.api.plan.operations import Operation
from serviceco.api.plan.planner import Plan, Planner
from serviceco.api.plan.reader import Answer, read_result, result_arguments
from serviceco.api.plan.selection import Given, Selections
from serviceco.api.plan.types import graphql_name
from serviceco.api.request import ApiRequest, require_live_sign_in
from serviceco.core.actor import ActorKind
from serviceco.core.refusals import Refusal
from serviceco.storage.idempotency import claim_key, keep_answer, keep_read_answer
from serviceco.storage.unit_of_work import unit_of_work

LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Asked:
    """One mutation as a document asks it: under which name, with which arguments and selection."""

    name: str
    nodes: tuple[FieldNode, ...]
    declared: Mutation
    arguments: dict[str, Any]
    key: str


class MutationRunner:
    """Runs the mutations of a schema."""

    def __init__(self, schema: ApiSchema, planner: Planner) -> None:
        """Take the declarations and the planner that reads their results."""
        self._schema = schema
        self._planner = planner

    async def run(
        self,
        operation: Operation,
        request: ApiRequest,
        variables: Mapping[str, Any],
        given: Mapping[str, Any],
    ) -> Answer:
        """Run the document's mutation; `given` are the variables as the client sent them.

        The selection is compiled first, so that a document which may not be answered has no
        effect. A refusal rolls everything back, the claim of the key too.

        Raises:
            Rejection: the document cannot be answered; nothing was done.
        """
        selections = Selections(self._schema.graphql, operation.fragments, Given(variables))
        asked = self._asked(operation, selections, variables, request.key)
        rights = Rights.of(request.actor)
        if rights.kind is ActorKind.SUPPORT or not asked.declared.needs.admits(rights):
            raise Forbidden(f"You may not {asked.declared.name}.", path=(asked.name,))
        result = graphql_name(asked.declared.result)
        plan = self._planner.result(operation, asked.nodes, result, rights, variables)
        try:
            return await self._effect(operation, request, asked, plan, variables, given)
        except Refusal as refusal:
            return self._refused(asked, selections, refusal, request)
        except DBAPIError as fault:
            meant = meaning_of(fault)
            if isinstance(meant, Rejection):
                raise meant from fault
            if meant is None:
                raise
            return self._refused(asked, selections, meant, request)

    async def _effect(
        self,
        operation: Operation,
        request: ApiRequest,
        asked: Asked,
        plan: Plan,
        variables: Mapping[str, Any],
        given: Mapping[str, Any],
    ) -> Answer:
        actor, at, client = request.actor, request.clock(), str(request.actor.account_id)
        engine = request.engines[asked.declared.runs_as]
        async with unit_of_work(engine, actor.home) as session:
            await require_live_sign_in(session, actor, at=at)
            text, name = operation.key
            body = {
                "document": sha256(text.encode(errors="surrogatepass")).hexdigest(),
                "operation": name,
                "variables": msgspec.json.encode(given, order="deterministic").decode(),
            }
            kept = await claim_key(session, client=client, key=asked.key, request=body, at=at)
            if kept is not None:
                return Answer(msgspec.json.encode(kept["data"]), kept["errors"])
            key = await asked.declared.function(Call(session, actor, at), **asked.arguments)
            await session.flush()
            read = await self._kept(session, request, asked, plan, (variables, key))
        return Answer(b"{%b:%b}" % (msgspec.json.encode(asked.name), read.data), read.errors)

    async def _kept(
        self,
        session: AsyncSession,
        request: ApiRequest,
        asked: Asked,
        plan: Plan,
        made: tuple[Mapping[str, Any], UUID],
    ) -> Answer:
        """Read the answer to a change, and keep it under the change's key."""
        actor, client = request.actor, str(request.actor.account_id)
        if plan.fillings:
            read = await read_result(session, plan, actor, *made)
            data = {asked.name: msgspec.json.decode(read.data)}
            answer = {"data": data, "errors": read.errors}
            await keep_answer(session, client=client, key=asked.key, answer=answer)
            return read
        text = await keep_read_answer(
            session,
            client=client,
            key=asked.key,
            name=asked.name,
            sql=plan.sql,
            arguments=result_arguments(plan, actor, *made),
        )
        if text is None:
            raise LookupError(f"no row {made[1]} for the result of a mutation")
        return Answer(text.encode())

    def _asked(
        self,
        operation: Operation,
        selections: Selections,
        variables: Mapping[str, Any],
        key_of_header: str | None,
    ) -> Asked:
        type_ = self._schema.graphql.mutation_type
        assert type_ is not None  # noqa: S101 - validation found the document's mutation in it
        fields = selections.at_root(operation.node.selection_set, type_)
        if len(fields) != 1:
            raise NotCompilable("A document holds one mutation, because each is one transaction.")
        ((name, nodes),) = fields.items()
        declared = self._schema.mutations.get(nodes[0].name.value)
        if declared is None:
            raise NotCompilable("This is no mutation.", path=(name,))
        try:
            values = get_argument_values(
                type_.fields[nodes[0].name.value],
                nodes[0],
                VariableValues({}, dict(variables)),
                hide_suggestions=True,
            )
        except GraphQLError as error:
            raise InvalidArgument(error.message, path=(name,)) from None
        arguments = self._schema.python_arguments(declared, values)
        key = _key(arguments.pop(IDEMPOTENCY_KEY), key_of_header, name)
        return Asked(name, tuple(nodes), declared, arguments, key)

    def _refused(
        self, asked: Asked, selections: Selections, refusal: Refusal, request: ApiRequest
    ) -> Answer:
        type_ = self._schema.graphql.type_map["Refusal"]
        assert isinstance(type_, GraphQLObjectType)  # noqa: S101 - mutations.py declares it
        values = {
            "code": refusal.code,
            "message": request.say(refusal, request.actor.language),
            "field": refusal.field,
            "__typename": type_.name,
        }
        fields = selections.of(asked.nodes, type_)
        answer = {name: values[nodes[0].name.value] for name, nodes in fields.items()}
        return Answer(msgspec.json.encode({asked.name: answer}))


def _key(argument: str | None, header: str | None, name: str) -> str:
    """Return the idempotency key that a mutation came with, as an argument or by the header."""
    if argument is not None and header is not None and argument != header:
        raise InvalidArgument("Argument and header hold two idempotency keys.", path=(name,))
    key = header if argument is None else argument
    if key is None:
        raise InvalidArgument(
            "A mutation needs an idempotency key, as an argument or by the header.", path=(name,)
        )
    if not 1 <= len(key) <= LONGEST_KEY:
        raise InvalidArgument(f"An idempotency key has 1 to {LONGEST_KEY} letters.", path=(name,))
    return key
