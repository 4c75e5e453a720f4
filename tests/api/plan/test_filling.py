from tests.api.world import found_company


async def test_python_fills_its_fields_wherever_they_stand(api, fixit):
    document = """{ orders(first: 12) { edges { node { number device { aloud a: aloud serial } } }
        nodes { device { surelyAloud @include(if: false) aloud } } } }"""
    data = (await api.execute(fixit.actor(), document))["data"]["orders"]
    for edge, node in zip(data["edges"], data["nodes"], strict=True):
        serial = edge["node"]["device"]["serial"]
        aloud = None if serial is None else f"王芳: fixit {serial}!"
        assert edge["node"]["device"] == {"aloud": aloud, "a": aloud, "serial": serial}
        assert node == {"device": {"aloud": aloud}}


async def test_a_missing_value_makes_the_nearest_nullable_null_and_says_where(api, fixit):
    document = '{ order(number: "0000") { number device { surelyAloud } } }'
    assert await api.execute(fixit.actor(), document) == {
        "data": {"order": None},
        "errors": [
            {
                "message": "This value is missing.",
                "path": ["order", "device", "surelyAloud"],
                "extensions": {"code": "MISSING"},
            }
        ],
    }


async def test_null_rises_through_lists_that_may_hold_none(api, fixit):
    document = "{ orders(first: 12) { nodes { device { surelyAloud } } } branches { name } }"
    answer = await api.execute(fixit.actor(), document)
    assert answer["data"] is None
    path = answer["errors"][0]["path"]
    assert [type(step) for step in path] == [str, str, int, str, str]


async def test_a_fault_of_python_is_masked_with_an_id(engine, admin_engine, api):
    broken = await found_company(engine, admin_engine, "broken", orders=1)
    answer = await api.execute(
        broken.actor(), '{ order(number: "0000") { number device { aloud } } }'
    )
    assert answer["data"] == {"order": {"number": "0000", "device": {"aloud": None}}}
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert error["extensions"]["id"]
    assert "secret" not in str(answer)
