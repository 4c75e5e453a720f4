import pytest

from serviceco.api.plan.access import Access
from serviceco.core.actor import ActorKind, Permission

ALL = "{ orders(first: 100) { nodes { number branch { name } } totalCount } branches { name orderCount } statusCounts { orders } }"


def code(answer):
    return answer["errors"][0]["extensions"]["code"]


async def test_a_scoped_actor_sees_its_branches_only_wherever_a_row_is_mentioned(api, fixit):
    mine = fixit.branches[0]
    actor = fixit.actor(branch_ids=frozenset({mine.id}))
    data = (await api.execute(actor, ALL))["data"]
    assert {node["branch"]["name"] for node in data["orders"]["nodes"]} == {mine.name}
    assert data["orders"]["totalCount"] == 6
    assert data["branches"] == [{"name": mine.name, "orderCount": 6}]
    assert sum(group["orders"] for group in data["statusCounts"]) == 6
    document = "query ($number: String!) { order(number: $number) { number } }"
    for order in fixit.orders:
        answer = await api.execute(actor, document, {"number": order.number})
        is_mine = order.branch_id == mine.id
        assert answer["data"]["order"] == ({"number": order.number} if is_mine else None)
    everything = (await api.execute(fixit.actor(), ALL))["data"]
    assert everything["orders"]["totalCount"] == 12


async def test_edges_do_not_lead_round_the_scope(api, fixit):
    actor = fixit.actor(branch_ids=frozenset({fixit.branches[0].id}))
    document = "{ orders(first: 100) { nodes { customer { orders(first: 10) { totalCount nodes { branch { id } } } } } } }"
    data = (await api.execute(actor, document))["data"]
    for node in data["orders"]["nodes"]:
        found = node["customer"]["orders"]
        assert {row["branch"]["id"] for row in found["nodes"]} == {str(fixit.branches[0].id)}
        assert found["totalCount"] == len(found["nodes"])


async def test_an_actor_of_no_branch_sees_none(api, fixit):
    data = (await api.execute(fixit.actor(branch_ids=frozenset()), ALL))["data"]
    assert data == {
        "orders": {"nodes": [], "totalCount": 0},
        "branches": [],
        "statusCounts": [],
    }


@pytest.mark.parametrize(
    ("missing", "selection", "path"),
    [
        (Permission.READ_ORDERS, "order(number: $n) { number }", ["order"]),
        (
            Permission.READ_MONEY,
            "a: order(number: $n) { b: customerOwes { currency } }",
            ["a", "b"],
        ),
        (
            Permission.READ_CUSTOMERS,
            "order(number: $n) { customer { name } }",
            ["order", "customer", "name"],
        ),
        (Permission.READ_ORDERS, "branches { name orderCount }", ["branches", "orderCount"]),
        (
            Permission.READ_CUSTOMERS,
            "orders(first: 1) { edges { node { customer { id } } } }",
            ["orders", "edges", "node", "customer", "id"],
        ),
        (Permission.INSPECT_DEVICE, "order(number: $n) { ...F }", ["order", "results", "outcome"]),
    ],
)
async def test_a_document_is_refused_as_a_whole_with_the_path_of_the_field(
    api, fixit, missing, selection, path
):
    fragment = "fragment F on RepairOrder { results { outcome } }" if "...F" in selection else ""
    variables = "($n: String!)" if "$n" in selection else ""
    document = f"query {variables} {{ {selection} branches2: branches {{ name }} }} {fragment}"
    answer = await api.execute(fixit.without(missing), document, {"n": "0003"})
    assert code(answer) == "FORBIDDEN"
    assert answer["errors"][0]["path"] == path
    assert "data" not in answer
    assert "errors" not in await api.execute(fixit.actor(), document, {"n": "0003"})


async def test_a_plan_is_only_used_again_for_the_same_rights(api, fixit):
    document = '{ order(number: "0003") { customerOwes { currency } } }'
    assert "errors" not in await api.execute(fixit.actor(), document)
    assert code(await api.execute(fixit.without(Permission.READ_MONEY), document)) == "FORBIDDEN"
    assert "errors" not in await api.execute(fixit.actor(), document)


async def test_a_field_that_is_skipped_is_not_touched(api, fixit):
    document = 'query ($all: Boolean!) { order(number: "0003") { number customerOwes @include(if: $all) { currency } } }'
    actor = fixit.without(Permission.READ_MONEY)
    assert "errors" not in await api.execute(actor, document, {"all": False})
    assert code(await api.execute(actor, document, {"all": True})) == "FORBIDDEN"


async def test_brands_and_customers_touch_nothing_of_the_company_by_default(api, fixit):
    for kind in (ActorKind.BRAND, ActorKind.CUSTOMER):
        actor = fixit.actor(kind=kind)
        assert code(await api.execute(actor, "{ branches { name } }")) == "FORBIDDEN"
    assert Access(kinds=frozenset({ActorKind.BRAND})).kinds == {ActorKind.BRAND}
