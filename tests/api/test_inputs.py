"""Arguments as Python values: what is left out, null, listed and nested."""

from dataclasses import dataclass
from typing import Any

import pytest
import strawberry

from serviceco.api.inputs import ArgumentReader
from serviceco.api.mutations import arguments_of
from serviceco.api.plan.scalars import CONFIG


@strawberry.input
class Part:
    part_code: str
    note_text: str | None = None
    kinds: list[str] = strawberry.field(default_factory=lambda: ["NEW"])


@strawberry.input
class Order:
    parts: list[Part]
    first_part: Part | None
    tags: list[str] | None


async def save(_call: Any, order: Order, all_marks: list[str], reason: str | None = None) -> None:
    """Only its arguments matter."""


@dataclass
class Reading:
    reader: ArgumentReader

    def __call__(self, **values: Any) -> dict[str, Any]:
        return self.reader.read(values)


@pytest.fixture
def read() -> Reading:
    return Reading(ArgumentReader(arguments_of(save), CONFIG))


def test_inputs_become_their_classes_at_any_depth(read):
    part = {"partCode": "A1", "noteText": "scratched", "kinds": ["USED"]}
    order = read(order={"parts": [part, {"partCode": "B2"}], "firstPart": part, "tags": None})
    whole = Part(part_code="A1", note_text="scratched", kinds=["USED"])
    assert order["order"] == Order(parts=[whole, Part(part_code="B2")], first_part=whole, tags=None)


def test_what_was_left_out_has_its_default_or_is_null(read):
    assert read(order={"parts": []}) == {"order": Order(parts=[], first_part=None, tags=None)}
    assert read(reason=None) == {"reason": None}
    assert read() == {}


def test_lists_are_the_readers_own(read):
    marks = ["a"]
    given = read(allMarks=marks)["all_marks"]
    given.append("b")
    assert marks == ["a"]
