import re

import pytest

from serviceco.api.plan.access import Rights
from serviceco.api.plan.operations import Operations
from serviceco.api.plan.planner import Planner
from serviceco.api.schema import service_schema
from serviceco.core.ids import new_id
from serviceco.tenancy.rules import brand_operator

SCHEMA = service_schema()
DOCUMENTS = (
    "{ brandProfile { code } }",
    '{ brandCase(company: "x", number: "1") { claim { lines { code } case { serial } } } }',
    "{ brandCases(first: 5, isRepeat: true) { totalCount nodes { claim { status } } } }",
    "{ brandClaims(first: 5) { nodes { lines { code } case { number } } } }",
    "{ brandCaseCounts { cases } brandContractors { repeats } brandClaimTotals { claims } }",
)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_mention_of_a_brands_table_names_the_brand_as_a_constant(document):
    operation = Operations(SCHEMA.model).operation(document)
    plan = Planner(SCHEMA.model).query(operation, Rights.of(brand_operator(new_id())), {})
    aliases = re.findall(r"\bbrand(?:_case|_claim|_claim_line)? AS (\w+)", plan.sql)
    assert aliases
    for alias in aliases:
        key = "id" if re.fullmatch(r"brand_\d+", alias) else "brand_id"
        assert f"{alias}.{key} = $" in plan.sql, plan.sql
    assert "set_config('app.brand_id'" in plan.sql
    assert "app.tenant_id" not in plan.sql
