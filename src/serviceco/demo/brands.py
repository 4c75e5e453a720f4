"""The brands' people in the demo world: one for each role."""

from datetime import datetime

from serviceco.demo.companies import PASSWORD
from serviceco.demo.engines import Engines
from serviceco.identity.operations import register_account
from serviceco.identity.queries import find_account
from serviceco.policy.words import BrandPack
from serviceco.storage.unit_of_work import global_work
from serviceco.tenancy.queries import find_brand
from serviceco.tenancy.registration import grant_roles
from serviceco.tenancy.rules import brand_operator
from serviceco.tenancy.words import Role

ROLES = (Role.CLAIMS_REVIEWER, Role.AUDITOR, Role.POLICY_EDITOR, Role.BRAND_ADMINISTRATOR)


def email_of(brand: BrandPack, role: Role) -> str:
    """Return the e-mail with which a brand's person signs in."""
    return f"{role.value.replace('_', '.')}@{brand.code}.example"


async def open_brand_accounts(engines: Engines, brand: BrandPack, *, at: datetime) -> None:
    """Open an account for each role of a brand; what stands already is kept."""
    async with global_work(engines.auth) as session:
        found = await find_brand(session, brand.code)
        if found is None:
            raise LookupError(f"the brand {brand.code} is not registered")
        operator = brand_operator(found.id)
        for role in ROLES:
            if await find_account(session, email_of(brand, role)):
                continue
            account = await register_account(
                session,
                operator,
                email_of(brand, role),
                name=f"{brand.name} {role.value.replace('_', ' ')}",
                password=PASSWORD,
                language="zh-Hans",
                at=at,
            )
            await grant_roles(
                session, operator, account.id, staff_id=None, roles=[role], branch_ids=None, at=at
            )
