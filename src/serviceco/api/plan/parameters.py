"""The parameters of one statement: what each `$n` is, and how a request fills it."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, BindParameter, LargeBinary, Uuid, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from serviceco.api.plan.arguments import Source
from serviceco.core.actor import Actor

Fill = Callable[[Actor, Mapping[str, Any]], Any]


@dataclass(slots=True)
class Parameters:
    """Hands out parameters, the same one for the same value of the same type."""

    fills: dict[str, Fill] = field(default_factory=dict)
    _known: dict[Hashable, BindParameter[Any]] = field(default_factory=dict)

    def tenant(self) -> BindParameter[Any]:
        """Return the tenant: the constant that every tenant table is compared with."""
        return self._bind("tenant", Uuid(), lambda actor, _: actor.tenant_id)

    def brand(self) -> BindParameter[Any]:
        """Return the brand for which the actor acts."""
        return self._bind("brand", Uuid(), lambda actor, _: actor.brand_id)

    def branches(self) -> BindParameter[Any]:
        """Return the branches in the actor's scope."""
        return self._bind("branches", ARRAY(Uuid()), lambda actor, _: list(actor.branch_ids or ()))

    def token_hash(self) -> BindParameter[Any]:
        """Return the hash of the sign-in that the actor came with."""
        return self._bind("token", LargeBinary(), lambda actor, _: actor.token_hash)

    def version(self) -> BindParameter[Any]:
        """Return the version of the actor's rights."""
        return self._bind("version", BigInteger(), lambda actor, _: actor.version)

    def argument(
        self, source: Source, type_: TypeEngine[Any], convert: Callable[[Any], Any] | None = None
    ) -> BindParameter[Any]:
        """Return an argument's value, in the form in which it is stored."""
        read = source.read

        def fill(_actor: Actor, variables: Mapping[str, Any]) -> Any:
            value = read(variables)
            return value if convert is None else convert(value)

        return self._bind((source.key, repr(type_), convert), type_, fill)

    def _bind(self, key: Hashable, type_: TypeEngine[Any], fill: Fill) -> BindParameter[Any]:
        known = self._known.get(key)
        if known is None:
            name = f"p{len(self.fills)}"
            known = self._known[key] = bindparam(name, None, type_)
            self.fills[name] = fill
        return known
