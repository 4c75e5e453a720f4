import pytest

from serviceco.core.ids import new_id
from serviceco.core.refusals import NotPermitted
from serviceco.storage.unit_of_work import global_work, unit_of_work
from serviceco.tenancy.queries import get_tenant
from serviceco.tenancy.registration import grant_roles, register_brand, register_tenant
from serviceco.tenancy.rules import system_actor
from serviceco.tenancy.words import CodeTaken, Company, Role
from tests.factories import NOON
from tests.identity.people import person

COMPANY = Company(
    name="华修", currency="CNY", zone="Asia/Shanghai", language="zh-Hans", country="CN"
)


async def test_a_registered_company_is_the_tenant_of_its_units_of_work(engine, admin_engine):
    operator = system_actor(new_id())
    slug = f"huaxiu-{operator.tenant.hex}"
    async with global_work(admin_engine) as session:
        await register_tenant(session, operator, slug, COMPANY, at=NOON)
    async with unit_of_work(engine, operator.tenant) as session:
        tenant = await get_tenant(session)
    assert (tenant.slug, tenant.currency) == (slug, "CNY")


async def test_a_slug_names_one_company_and_a_code_one_brand(admin_engine):
    operator = system_actor(new_id())
    code = operator.tenant.hex
    async with global_work(admin_engine) as session:
        await register_tenant(session, operator, code, COMPANY, at=NOON)
        await register_brand(session, operator, code, name="Xinghe", names={"zh-Hans": "星河"})
        with pytest.raises(CodeTaken):
            await register_tenant(session, operator, code, COMPANY, at=NOON)
        with pytest.raises(CodeTaken):
            await register_brand(session, operator, code, name="Xinghe", names={})


async def test_only_the_operator_registers_companies_and_brands(admin_engine, make):
    owner = make.actor()
    async with global_work(admin_engine) as session:
        with pytest.raises(NotPermitted):
            await register_tenant(session, owner, "x", COMPANY, at=NOON)
        with pytest.raises(NotPermitted):
            await register_brand(session, owner, "x", name="X", names={})


async def test_an_administrator_makes_nobody_an_owner(auth_engine, make, tenant_id):
    somebody = await person(auth_engine, tenant_id)
    with pytest.raises(NotPermitted):
        async with global_work(auth_engine) as session:
            await grant_roles(
                session,
                make.actor(),
                somebody.account.id,
                staff_id=None,
                roles={Role.OWNER},
                branch_ids=None,
                at=NOON,
            )
