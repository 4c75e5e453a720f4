"""Fields that Python makes: filled into the parsed answer, with nulls as the specification has them."""

from collections.abc import Sequence
from typing import Any

import msgspec

from serviceco.api.errors import entry, masked
from serviceco.api.plan.places import Filling, Step
from serviceco.core.actor import Actor


class _NullHere(Exception):  # noqa: N818 - it moves null up, nothing failed
    """A value that may not be null could not be made: the nearest nullable one becomes null."""


def filled(
    data: bytes, fillings: Sequence[Filling], actor: Actor
) -> tuple[bytes, list[dict[str, object]]]:
    """Return the answer with the values of Python in their places, and the errors met."""
    answer: Any = msgspec.json.decode(data)
    errors: list[dict[str, object]] = []
    for filling in fillings:
        walk = _Walk(filling, actor, errors)
        try:
            walk.object(answer, 0, ())
        except _NullHere:
            answer = None
            break
    return msgspec.json.encode(answer), errors


class _Walk:
    """One way from the root to every value of one filled field."""

    def __init__(self, filling: Filling, actor: Actor, errors: list[dict[str, object]]) -> None:
        self._filling = filling
        self._actor = actor
        self._errors = errors

    def object(self, parent: dict[str, Any], index: int, path: tuple[str | int, ...]) -> None:
        step = self._filling.steps[index]
        if step.name not in parent:
            return
        here = (*path, step.name)
        try:
            parent[step.name] = self._value(parent[step.name], index, here, step)
        except _NullHere:
            if not step.is_nullable:
                raise
            parent[step.name] = None

    def _value(self, value: Any, index: int, path: tuple[str | int, ...], step: Step) -> Any:
        if index == len(self._filling.steps) - 1:
            is_mine = isinstance(value, list) and value[:1] == [self._filling.mark]
            return self._made(value[1:], path, step) if is_mine else value
        objects = enumerate(value) if isinstance(value, list) else [(None, value)]
        for position, below in objects:
            if below is not None:
                self.object(below, index + 1, path if position is None else (*path, position))
        return value

    def _made(self, values: list[Any], path: tuple[str | int, ...], step: Step) -> Any:
        try:
            made = self._filling.fill(self._actor, *values)
        except Exception as fault:
            self._errors.append(masked(fault, path=path))
            raise _NullHere from fault
        if made is None and not step.is_nullable:
            self._errors.append(entry("This value is missing.", code="MISSING", path=path))
            raise _NullHere
        return made
