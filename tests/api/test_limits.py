import time
from contextlib import suppress
from typing import Any

import pytest
from graphql import get_introspection_query

from serviceco.api.errors import InvalidDocument, LimitExceeded, Rejection
from serviceco.api.limits import MAX_VALUES, check_variables
from serviceco.api.plan.operations import Operations
from tests.api.schema import SCHEMA

ORDER = '{ order(number: "1") { %s } }'


def seconds_of(document: str) -> float:
    """The CPU time of a first sight; the best of three, because the machine has other work too."""
    times = []
    for _ in range(3):
        began = time.process_time()
        with suppress(Rejection):
            Operations(SCHEMA.model).operation(document)
        times.append(time.process_time() - began)
    return min(times)


def nested(depth: int) -> str:
    return "{ a " * depth + "}" * depth


def doubling(levels: int) -> str:
    """Each fragment spreads the next one twice: exponential for those who unfold it."""
    chain = " ".join(f"fragment f{i} on Query {{ ...f{i + 1} ...f{i + 1} }}" for i in range(levels))
    return f"{{ ...f0 }} {chain} fragment f{levels} on Query {{ __typename }}"


def merging(width: int, depth: int) -> str:
    """The same names again and again: quadratic for the rule that compares them."""
    body = "number"
    for _ in range(depth):
        body = f"customer {{ orders(first: 1) {{ nodes {{ {body} }} }} }} " * width
    return ORDER % body


ATTACKS = {
    "a hundred levels": (nested(100), "nesting of brackets"),
    "thirteen levels": (nested(13), "depth of fields"),
    "a deep list": ("{ a(x: " + "[" * 9000 + "]" * 9000 + ") }", "nesting of brackets"),
    "doubling fragments": (doubling(36), "fields, with fragments unfolded"),
    "a circle": (
        "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }",
        "contains itself",
    ),
    "a chain of nested fragments": (
        "{ ...f0 } "
        + " ".join(
            f"fragment f{i} on Query {{ {'... on Query { ' * 9} ...f{i + 1} {'} ' * 9} }}"
            for i in range(6)
        )
        + " fragment f6 on Query { __typename }",
        "nesting of selections",
    ),
    "merging, wide": (
        "{ " + 'a: order(number: "1") { number } ' * 90 + "}",
        "selections in one set",
    ),
    "merging, eleven": ("{ " + "__typename " * 11 + "}", "uses of one name"),
    "merging, deep": (merging(5, 3), "tokens"),
    "merging, through fragments": (
        ORDER % " ".join(f"...f{i}" for i in range(30))
        + " ".join(f"fragment f{i} on RepairOrder {{ number id status }}" for i in range(30)),
        "uses of one name",
    ),
    "aliases": ("{ " + " ".join(f"a{i}: __typename" for i in range(31)) + "}", "aliases"),
    "a long name": ("{ " + "a" * 61 + ": __typename }", "letters in a name"),
    "many operations": (" ".join(f"query q{i} {{ __typename }}" for i in range(60)), "operations"),
    "many tokens": (
        "{ orders(first: 1, status: [" + "A " * 1000 + "]) { nodes { id } } }",
        "tokens",
    ),
    "many comments": ("{ __typename " + "#\n" * 200 + "}", "comments"),
    "white space": ("{ __typename " + "\n" * 99_000 + "}", "letters in a document"),
    "a long text": (ORDER.replace("1", "x" * 99_000) % "id", "letters in a document"),
    "many mutations": ("mutation { a: __typename b: __typename }", "mutations"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_answered_quickly_with_the_limit_that_it_passed(name):
    document, limit = ATTACKS[name]
    with pytest.raises(LimitExceeded, match=limit):
        Operations(SCHEMA.model).operation(document)
    assert seconds_of(document) < 0.05


@pytest.mark.parametrize(
    "document",
    [
        ORDER % ("number " * 9 + "lines { code } " * 9),
        ORDER
        % " ".join(
            f"... on RepairOrder {{ a{i}: lines {{ code kind position }} }}" for i in range(29)
        ),
        doubling(3),
        '{ order(number: "' + "\\u0041" * 3000 + '") { id } }',
        '{ order(number: """' + '\\"""' * 4000 + '""") { id } }',
        '{ order(number: "{[(" # [[[[(((({{{{\n) { id } }',
        "{ __typename " + "," * 19_000 + "}",
        get_introspection_query(),
    ],
)
def test_what_is_within_the_limits_is_read_quickly_too(document):
    Operations(SCHEMA.model).operation(document)
    assert seconds_of(document) < 0.05


@pytest.mark.parametrize(
    "document",
    [
        "",
        "{",
        "{ nothing }",
        '"' * 9000,
        "{ a(",
        "{ \ud800 }",
        "{ \x00 }",
        "fragment f on Query { __typename }",
    ],
)
def test_what_is_no_document_of_the_schema_says_so_without_hints(document):
    with pytest.raises(InvalidDocument) as caught:
        Operations(SCHEMA.model).operation(document)
    assert seconds_of(document) < 0.05
    assert "Did you mean" not in str(caught.value.entries())


def test_variables_hold_a_limited_number_of_values():
    check_variables({"a": list(range(MAX_VALUES - 2))})
    too_many: list[dict[str, Any]] = [
        {"a": [0] * 50_000},
        {"a": {"b": [[]] * 1200}},
        {str(number): 0 for number in range(1001)},
    ]
    for variables in too_many:
        with pytest.raises(Rejection, match="values in variables"):
            check_variables(variables)
