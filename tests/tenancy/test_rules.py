from dataclasses import replace
from uuid import UUID

import pytest

from serviceco.core.actor import ActorKind, Permission
from serviceco.tenancy.rules import (
    PERMISSIONS,
    brand_operator,
    fold_spelling,
    is_code,
    is_zone,
    may_grant,
    missing_work,
    permissions_of,
    propose_brands,
    system_actor,
)
from serviceco.tenancy.words import Role

OPERATOR = system_actor(UUID(int=1))
OWNER = replace(OPERATOR, kind=ActorKind.STAFF, roles=frozenset({"owner"}))
ADMINISTRATOR = replace(OWNER, roles=frozenset({"administrator"}))
BRAND = replace(brand_operator(UUID(int=2)), kind=ActorKind.BRAND, roles=frozenset({"auditor"}))


def test_every_role_has_its_permissions():
    assert set(PERMISSIONS) == set(Role)


def test_two_roles_may_what_either_may():
    both = permissions_of(["technician", "front_desk"])
    assert both == permissions_of(["technician"]) | permissions_of(["front_desk"])
    assert {Permission.REPAIR, Permission.HAND_OVER} <= both


def test_a_role_of_a_later_version_grants_nothing():
    assert permissions_of(["astronaut"]) == frozenset()
    assert permissions_of([]) == frozenset()


@pytest.mark.parametrize(
    ("role", "permission"),
    [
        (Role.FRONT_DESK, Permission.REPAIR),
        (Role.FRONT_DESK, Permission.MANAGE_STAFF),
        (Role.TECHNICIAN, Permission.TAKE_PAYMENT),
        (Role.TECHNICIAN, Permission.READ_CUSTOMERS),
        (Role.BRANCH_MANAGER, Permission.SUBMIT_CLAIM),
        (Role.FINANCE, Permission.READ_CUSTOMERS),
        (Role.ADMINISTRATOR, Permission.READ_MONEY),
        (Role.AUDITOR, Permission.READ_CUSTOMERS),
        (Role.CLAIMS_REVIEWER, Permission.READ_MONEY),
        (Role.OWNER, Permission.ADHOC_DOCUMENTS),
    ],
)
def test_a_role_does_not_reach_beyond_its_work(role, permission):
    assert permission not in PERMISSIONS[role]


@pytest.mark.parametrize(
    ("giver", "role", "allowed"),
    [
        (OWNER, Role.OWNER, True),
        (OPERATOR, Role.OWNER, True),
        (ADMINISTRATOR, Role.OWNER, False),
        (ADMINISTRATOR, Role.FINANCE, True),
        (ADMINISTRATOR, Role.AUDITOR, False),
        (BRAND, Role.AUDITOR, True),
        (BRAND, Role.FRONT_DESK, False),
    ],
)
def test_roles_are_given_on_ones_own_side_and_owners_only_by_owners(giver, role, allowed):
    assert may_grant(giver, {role}) is allowed


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("De'Longhi", "DELONGHI ®"),
        ("Café", "CAFE"),
        ("Black & Decker", "black+decker"),
        ("ＳＯＮＹ", "Sony"),
        (" Hewlett-Packard ", "hewlett packard"),
        ("Straße", "STRASSE"),
    ],
)
def test_spellings_of_one_name_fold_to_one(one, other):
    assert fold_spelling(one) == fold_spelling(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("サザ", "ザザ"), ("星河", "星何"), ("???", "!!!"), ("LG", "LG2"), ("कि", "क")],
)
def test_different_names_stay_apart(one, other):
    assert fold_spelling(one) != fold_spelling(other)


def test_the_likest_brand_is_proposed_first_and_the_unlike_not_at_all():
    names = {
        UUID(int=1): ["Philips", "飞利浦"],
        UUID(int=2): ["Phillips Electronics"],
        UUID(int=3): ["Dyson"],
    }
    proposals = propose_brands(fold_spelling("Phillips"), names)
    assert [proposal.brand_id.int for proposal in proposals] == [1]
    assert proposals[0].likeness == 93
    assert propose_brands(fold_spelling("飞利浦"), names)[0].likeness == 100


def test_the_work_of_a_branch_is_missing_until_somebody_there_may_do_it():
    here, there = UUID(int=1), UUID(int=2)
    people = [
        (frozenset({Role.FRONT_DESK, Role.QUALITY_INSPECTOR}), None),
        (frozenset({Role.TECHNICIAN}), frozenset({there})),
    ]
    assert missing_work(people, here) == [Permission.INSPECT_DEVICE, Permission.REPAIR]
    assert missing_work(people, there) == []
    owner = [(frozenset({Role.OWNER}), None)]
    assert Permission.RECEIVE_DEVICE in missing_work(owner, here)


@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        ("GZ01", True),
        ("sh-01", True),
        ("", False),
        ("a b", False),
        ("../x", False),
        ("x" * 21, False),
    ],
)
def test_a_code_may_stand_in_an_address(code, allowed):
    assert is_code(code) is allowed


def test_a_zone_is_one_that_clocks_know():
    assert is_zone("Asia/Shanghai")
    assert not any(map(is_zone, ("Mars", "", "/etc/passwd", "../x")))
