"""Documents as Hypothesis draws them: the planner answers as a plain execution of the declarations does."""

import os
import re
from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from serviceco.api.errors import LimitExceeded
from serviceco.api.plan.operations import Operations
from serviceco.storage.unit_of_work import unit_of_work
from tests.api.plan.authors import Author
from tests.api.plan.reference import Reference
from tests.api.schema import SCHEMA, schema

# `make soak` asks for more.
EXAMPLES = int(os.environ.get("SOAK_DOCUMENTS", "60"))
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00")
CURSOR = re.compile(r"WyJ[\w+/=]+")
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def alike(value: Any) -> Any:
    """The answer with instants read and cursors, which are opaque, reduced to being there."""
    if isinstance(value, dict):
        return {key: alike(below) for key, below in value.items()}
    if isinstance(value, list):
        return [alike(below) for below in value]
    if isinstance(value, str) and CURSOR.fullmatch(value):
        return "some"
    if isinstance(value, str) and INSTANT.fullmatch(value):
        return datetime.fromisoformat(value).astimezone(UTC)
    return value


def places(answer: dict[str, Any]) -> list[list[str]]:
    """Where errors happened."""
    return sorted([str(part) for part in error["path"]] for error in answer.get("errors", []))


def is_small(document: str) -> bool:
    try:
        Operations(SCHEMA.model).operation(document)
    except LimitExceeded:
        return False
    return True


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=SLOW)
@given(data=st.data())
async def test_the_planner_answers_as_a_plain_execution_does(data, api, engine, fixit):
    author = Author(data.draw, fixit)
    scopes = st.sampled_from([None, None, frozenset({fixit.branches[0].id}), frozenset[Any]()])
    actor = fixit.actor(branch_ids=data.draw(scopes))
    document = author.document()
    assume(is_small(document))
    answer = await api.execute(actor, document, author.variables)
    codes = {error["extensions"]["code"] for error in answer.get("errors", [])}
    assume("LIMIT_EXCEEDED" not in codes)
    async with unit_of_work(engine, fixit.tenant_id) as session:
        reference = Reference(schema().graphql, actor, session)
        expected = await reference.answer(document, author.variables)
    assert alike(answer["data"]) == alike(expected["data"]), document
    assert places(answer) == places(expected), document
