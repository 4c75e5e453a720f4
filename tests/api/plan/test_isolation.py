import json
import re
from typing import Any

import asyncpg
import pytest

from serviceco.api.plan.access import Rights
from serviceco.api.plan.model import read_model
from serviceco.api.plan.operations import Operations
from serviceco.api.plan.planner import Plan, Planner
from serviceco.storage.engines import Role, role_url
from tests.api.schema import SCHEMA
from tests.api.world import Company
from tests.tenant_constant import missing_constants, tenant_tables

DOCUMENTS = [
    "{ branches { id name orderCount } }",
    "{ statusCounts { status orders owed } }",
    """{ orders(first: 100) { totalCount edges { cursor node { number customer { name phone
        orders(first: 50) { totalCount nodes { number } } } device { serial category { code } }
        lines { code } lastLine { code } lineTotal dearLines results { outcome } } } } }""",
    """query { orders(first: 100, search: "x", phone: "x") { nodes { number } } }""",
    """{ order(number: "0003") { customer { name } branch { name } lines { code } } }""",
]


def planned(document: str, company: Company, **changes: Any) -> tuple[Plan, list[Any]]:
    actor = company.actor(**changes)
    operation = Operations(SCHEMA.model).operation(document)
    plan = Planner(SCHEMA.model).query(operation, Rights.of(actor), {})
    return plan, plan.arguments(actor, {})


@pytest.fixture
async def app(owner_url):
    connection = await asyncpg.connect(_dsn(role_url(owner_url, Role.APP)))
    yield connection
    await connection.close()


@pytest.fixture
async def owner(owner_url):
    """The superuser, for whom row-level security does not hold."""
    connection = await asyncpg.connect(_dsn(owner_url))
    yield connection
    await connection.close()


def _dsn(url: str) -> str:
    return url.replace("postgresql+asyncpg", "postgresql")


async def answer(connection: Any, sql: str, arguments: list[Any]) -> Any:
    return json.loads(await connection.fetchval(sql, *arguments))


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("is_scoped", [False, True])
def test_every_mention_of_a_tenants_table_names_the_tenant_as_a_constant(
    fixit, document, is_scoped
):
    scope = frozenset({fixit.branches[0].id}) if is_scoped else None
    plan, _ = planned(document, fixit, branch_ids=scope)
    assert missing_constants(plan.sql, tenant_tables()) == []


@pytest.mark.parametrize("document", DOCUMENTS)
async def test_the_filter_alone_keeps_companies_apart(fixit, other, app, owner, document):
    for company in (fixit, other):
        plan, arguments = planned(document, company)
        with_both = await answer(app, plan.sql, arguments)
        assert await answer(owner, plan.sql, arguments) == with_both


@pytest.mark.parametrize("document", DOCUMENTS)
async def test_row_level_security_alone_keeps_companies_apart(fixit, other, app, owner, document):
    for company in (fixit, other):
        plan, arguments = planned(document, company)
        bare, removed = re.subn(
            r"\w+\.tenant_id = \$(\d+)::UUID", r"$\1::UUID is not null", plan.sql
        )
        assert removed
        with_both = await answer(app, plan.sql, arguments)
        assert await answer(app, bare, arguments) == with_both


async def test_without_both_the_companies_would_be_mixed(fixit, other, owner):
    """The two tests above would pass on anything, were there nothing to see."""
    plan, arguments = planned(DOCUMENTS[0], fixit)
    bare = re.sub(r"\w+\.tenant_id = \$(\d+)::UUID", r"$\1::UUID is not null", plan.sql)
    names = {branch["name"] for branch in (await answer(owner, bare, arguments))["branches"]}
    assert names >= {"fixit 0店", "other 0店"}


async def test_without_the_setting_there_is_nothing(fixit, app):
    plan, arguments = planned(DOCUMENTS[0], fixit)
    unset = plan.sql.replace("set_config('app.tenant_id'", "set_config('app.other'")
    assert await answer(app, unset, arguments) == {"branches": []}


async def test_the_setting_ends_with_the_statement(fixit, app):
    plan, arguments = planned(DOCUMENTS[0], fixit)
    await answer(app, plan.sql, arguments)
    assert not await app.fetchval("select current_setting('app.tenant_id', true)")


async def test_the_names_of_another_companys_rows_are_as_unknown_names(api, fixit, other):
    document = "query ($serial: String!) { device(serial: $serial) { serial } }"
    for serial in ("other-1", "no such serial"):
        found = await api.execute(fixit.actor(), document, {"serial": serial})
        assert found == {"data": {"device": None}}
    found = await api.execute(other.actor(), document, {"serial": " other-1 "})
    assert found == {"data": {"device": {"serial": "other-1"}}}


def test_the_model_reads_the_same_from_the_schema_again():
    assert read_model(SCHEMA.graphql).types.keys() == SCHEMA.model.types.keys()
