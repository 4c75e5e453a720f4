"""For whom an actor acts: one tenant or one brand."""

from uuid import UUID

import pytest

from serviceco.core.actor import Actor, ActorKind
from serviceco.core.refusals import NotPermitted

TENANT, BRAND = UUID(int=1), UUID(int=2)


def actor(**homes):
    return Actor(kind=ActorKind.STAFF, account_id=UUID(int=9), **homes)


@pytest.mark.parametrize("homes", [{}, {"tenant_id": TENANT, "brand_id": BRAND}])
def test_nobody_acts_for_both_sides_or_for_none(homes):
    with pytest.raises(ValueError, match="one tenant or for one brand"):
        actor(**homes)


def test_who_acts_for_a_company_has_no_brand():
    staff = actor(tenant_id=TENANT)
    assert (staff.tenant, staff.home) == (TENANT, TENANT)
    with pytest.raises(NotPermitted):
        _ = staff.brand


def test_who_acts_for_a_brand_has_no_company():
    reviewer = actor(brand_id=BRAND)
    assert (reviewer.brand, reviewer.home) == (BRAND, BRAND)
    with pytest.raises(NotPermitted):
        _ = reviewer.tenant
