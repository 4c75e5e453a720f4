from uuid import UUID

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.sql import ClauseElement

from serviceco.tenancy.tables import Branch, Contract, ContractBranch
from tests.tenant_constant import TenantNotNamedError, missing_constants, tenant_tables

T = UUID(int=7)
Other = aliased(Contract)

FORGETFUL = {
    "a select": (select(Contract.number), ["contract"]),
    "one side of a join": (
        select(Contract.number)
        .join(ContractBranch, ContractBranch.contract_id == Contract.id)
        .where(Contract.tenant_id == T),
        ["contract_branch"],
    ),
    "a tenant that comes through the join": (
        select(Contract.number)
        .join(ContractBranch, ContractBranch.tenant_id == Contract.tenant_id)
        .where(Contract.tenant_id == T),
        ["contract_branch"],
    ),
    "an alias": (
        select(Contract.number, Other.number).where(Contract.tenant_id == T),
        ["contract_1"],
    ),
    "a table after a comma": (
        select(Contract.number, Branch.code).where(Branch.tenant_id == T),
        ["contract"],
    ),
    "a sub-select of the same table": (
        select(Contract.number).where(
            Contract.tenant_id == T,
            Contract.brand_id.in_(select(Contract.brand_id).correlate(None)),
        ),
        ["contract"],
    ),
    "an update": (update(Contract).values(number="x"), ["contract"]),
    "a delete": (delete(ContractBranch), ["contract_branch"]),
    "an insert": (text("INSERT INTO contract (id, number) VALUES ($1, $2)"), ["contract"]),
}


def sql_of(tree: ClauseElement) -> str:
    return str(tree.compile(dialect=postgresql.asyncpg.dialect()))


@pytest.mark.parametrize("statement", FORGETFUL)
def test_a_statement_that_forgets_the_tenant_is_found(statement):
    tree, expected = FORGETFUL[statement]
    assert missing_constants(sql_of(tree), tenant_tables()) == expected


def test_a_statement_that_names_the_tenant_everywhere_passes():
    tree = (
        select(Contract.number, Other.number)
        .join(Other, (Other.brand_id == Contract.brand_id) & (Other.tenant_id == T))
        .where(Contract.tenant_id == T)
        .with_for_update(of=Contract)
    )
    assert missing_constants(sql_of(tree), tenant_tables()) == []


async def test_every_session_of_the_tests_is_watched(session: AsyncSession):
    with pytest.raises(TenantNotNamedError, match="contract"):
        await session.execute(select(Contract.number))
