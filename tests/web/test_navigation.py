"""Where each role's day begins, and which links it sees."""

import pytest

from serviceco.core.actor import Permission
from serviceco.tenancy.rules import permissions_of
from serviceco.web.navigation import home_path, permitted_links
from tests.web.house import clerk


@pytest.mark.parametrize(
    ("role", "home"),
    [
        ("front_desk", "/b/sh01/intake"),
        ("technician", "/b/sh01/board?view=mine"),
        ("quality_inspector", "/b/sh01/board?view=qc"),
        ("storekeeper", "/b/sh01/board?view=parts"),
        ("branch_manager", "/b/sh01/board"),
        ("finance", "/hq/claims"),
        ("hq_operations", "/hq/performance"),
        ("administrator", "/admin"),
        ("owner", "/hq/performance"),
        ("caller", "/b/sh01/board"),
    ],
)
def test_a_role_begins_its_day_where_its_work_is(role, home):
    actor = clerk(roles=frozenset({role}), permissions=permissions_of([role]))
    assert home_path(actor, "sh01") == home


def test_only_permitted_links_are_shown():
    actor = clerk(permissions=frozenset({Permission.READ_CLAIMS}))
    assert [link.path for link in permitted_links(actor)] == ["/hq/claims"]
