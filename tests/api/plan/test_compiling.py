from typing import Any

import pytest

from serviceco.api.plan.access import Rights
from serviceco.api.plan.operations import Operations
from serviceco.api.plan.planner import Planner
from serviceco.api.service import Api
from tests.api.schema import SCHEMA
from tests.api.world import Company

NUMBER = {"number": "0003"}


async def read(api: Api, company: Company, document: str, **variables: Any) -> Any:
    answer = await api.execute(company.actor(), document, variables)
    assert "errors" not in answer, answer
    return answer["data"]


async def test_a_row_with_its_neighbours(api, fixit):
    document = """query ($number: String!) { order(number: $number) {
        number status receivedAt accessories customerMinor
        customerOwes { amountMinor currency __typename }
        customer { name email } branch { name orderCount } device { category { names } }
        lines { position kind amount { amountMinor } isDear newSerial } lastLine { position }
        lineTotal dearLines
    } }"""
    order = (await read(api, fixit, document, **NUMBER))["order"]
    assert order == {
        "number": "0003",
        "status": "RECEIVED",
        "receivedAt": "2026-11-22T02:59:59.88+00:00",
        "accessories": ["充电器", 'a "box"'],
        "customerMinor": str((1 << 53) + 3),
        "customerOwes": {
            "amountMinor": str((1 << 53) + 3),
            "currency": "CNY",
            "__typename": "Money",
        },
        "customer": {"name": 'fixit "3" 王芳\\', "email": None},
        "branch": {"name": "fixit 1店", "orderCount": 6},
        "device": {"category": {"names": {"en": "Phone"}}},
        "lines": [
            {
                "position": position,
                "kind": "PART" if position % 2 else "LABOUR",
                "amount": {"amountMinor": str(400 * position)},
                "isDear": position == 3,
                "newSerial": None,
            }
            for position in (1, 2, 3)
        ],
        "lastLine": {"position": 3},
        "lineTotal": "2400",
        "dearLines": 1,
    }


async def test_a_row_that_is_not_there_is_null(api, fixit):
    assert await read(api, fixit, '{ order(number: "none") { number } }') == {"order": None}


async def test_an_edge_without_a_row_is_null_and_a_list_without_rows_is_empty(api, fixit):
    document = '{ a: order(number: "0007") { customer { name } } b: order(number: "0000") { lines { code } lastLine { code } lineTotal } }'
    assert await read(api, fixit, document) == {
        "a": {"customer": None},
        "b": {"lines": [], "lastLine": None, "lineTotal": "0"},
    }


async def test_fragments_aliases_and_typenames_are_merged_in_document_order(api, fixit):
    document = """query ($number: String!) { __typename first: order(number: $number) {
        ...Head customer { name } ... on RepairOrder { customer { email } } ... { n: number }
        __typename
    } } fragment Head on RepairOrder { t: __typename no: number customer { __typename } }"""
    data = await read(api, fixit, document, **NUMBER)
    assert data == {
        "__typename": "Query",
        "first": {
            "t": "RepairOrder",
            "no": "0003",
            "customer": {"__typename": "Customer", "name": 'fixit "3" 王芳\\', "email": None},
            "n": "0003",
            "__typename": "RepairOrder",
        },
    }
    assert list(data["first"]) == ["t", "no", "customer", "n", "__typename"]


@pytest.mark.parametrize(
    ("with_lines", "without_number"), [(True, False), (False, True), (False, False)]
)
async def test_include_and_skip_follow_the_variables(api, fixit, with_lines, without_number):
    document = """query ($number: String!, $lines: Boolean = false, $less: Boolean!) {
        order(number: $number) {
            number @skip(if: $less) lines @include(if: $lines) { position } id @skip(if: true)
        }
    }"""
    order = (await read(api, fixit, document, **NUMBER, lines=with_lines, less=without_number))[
        "order"
    ]
    assert list(order) == ["number"] * (not without_number) + ["lines"] * with_lines


async def test_names_of_the_document_never_hide_names_of_the_statement(api, fixit):
    names = ["select", "order", "json", "answer", "repair_order_1", "cursor", "position"]
    edges = " ".join(f"{name}: edges {{ {name}: node {{ {name}: number }} }}" for name in names)
    numbers = " ".join(f"{name}: number" for name in names)
    document = f'{{ orders(first: 1) {{ {edges} }} order(number: "0003") {{ {numbers} }} }}'
    data = await read(api, fixit, document)
    assert data["order"] == dict.fromkeys(names, "0003")
    assert list(data["orders"]) == names


async def test_a_selection_of_which_nothing_is_left_is_an_empty_object(api, fixit):
    document = '{ order(number: "0003") { number @skip(if: true) } }'
    assert await read(api, fixit, document) == {"order": {}}


async def test_groups_are_counted_and_summed(api, fixit):
    document = "query ($branch: UUID) { statusCounts(branchId: $branch) { status orders owed } }"
    counts = (await read(api, fixit, document))["statusCounts"]
    assert [(c["status"], c["orders"]) for c in counts] == [
        ("CLOSED", 4),
        ("RECEIVED", 4),
        ("REPAIRING", 4),
    ]
    assert counts[1]["owed"] == str(4 * (1 << 53) + 0 + 3 + 6 + 9)
    branch = str(fixit.branches[0].id)
    counts = (await read(api, fixit, document, branch=branch))["statusCounts"]
    assert sum(c["orders"] for c in counts) == 6


async def test_what_no_plan_reads_is_refused_with_its_path(api, fixit):
    answer = await api.execute(fixit.actor(), "{ list: uncounted(first: 1) { totalCount } }")
    assert answer["errors"][0]["extensions"]["code"] == "NOT_COMPILABLE"
    assert answer["errors"][0]["path"] == ["list", "totalCount"]


async def test_kinds_of_root_field_are_not_mixed(api, fixit):
    document = '{ order(number: "0003") { number } preview(text: "x") { text } }'
    answer = await api.execute(fixit.actor(), document)
    assert [e["extensions"]["code"] for e in answer["errors"]] == ["NOT_COMPILABLE"]


WITH_DEFAULT = 'query ($n: String = "0003") { order(number: $n) { number } }'


@pytest.mark.parametrize(
    ("variables", "number"), [({}, "0003"), ({"n": "0004"}, "0004"), ({"other": 1}, "0003")]
)
async def test_variables_have_their_defaults(api, fixit, variables, number):
    assert await read(api, fixit, WITH_DEFAULT, **variables) == {"order": {"number": number}}


async def test_null_for_a_required_argument_is_refused(api, fixit):
    answer = await api.execute(fixit.actor(), WITH_DEFAULT, {"n": None})
    assert answer["errors"][0]["extensions"]["code"] == "INVALID_ARGUMENT"
    assert answer["errors"][0]["path"] == ["order"]


async def test_variables_stand_within_lists(api, fixit):
    document = """query ($a: RepairStatus!, $b: [RepairStatus!]) {
        a: orders(first: 9, status: [$a, CLOSED]) { totalCount }
        b: orders(first: 9, status: $b) { totalCount }
        c: orders(first: 9, status: RECEIVED) { totalCount }
    }"""
    counts = await read(api, fixit, document, a="RECEIVED", b=["CLOSED"])
    assert counts == {"a": {"totalCount": 8}, "b": {"totalCount": 4}, "c": {"totalCount": 4}}
    counts = await read(api, fixit, document, a="CLOSED", b=None)
    assert counts == {"a": {"totalCount": 4}, "b": {"totalCount": 12}, "c": {"totalCount": 4}}


async def test_a_plan_is_compiled_once_for_variables_of_one_form(fixit):
    operations, planner = Operations(SCHEMA.model), Planner(SCHEMA.model)
    operation = operations.operation(
        "query ($s: [RepairStatus!], $open: Boolean) { orders(first: 1, status: $s, open: $open) { totalCount } }"
    )
    rights = Rights.of(fixit.actor())

    def sql(**variables: Any) -> str:
        return planner.query(operation, rights, operations.variables(operation, variables)).sql

    assert sql(s=["CLOSED"], open=True) is sql(s=["RECEIVED"], open=True)
    forms = {sql(s=s, open=is_open) for s in (None, ["CLOSED"]) for is_open in (None, True, False)}
    assert len(forms) == 6
    assert not any("IS NULL OR " in form for form in forms)
