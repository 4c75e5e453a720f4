import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from serviceco.catalogue.rules import is_imei
from serviceco.customers.rules import parse_phone
from serviceco.demo.stories import DAYS_BACK, Story, Trade, stories_of
from serviceco.demo.world import demo_folder
from serviceco.policy.packs import read_brand, read_catalogue, read_policy, read_tenant

AT = datetime(2026, 11, 22, 4, tzinfo=UTC)
FOLDER = demo_folder()
BRANDS = {brand.code: brand for brand in map(read_brand, FOLDER.brands())}
CATALOGUE = read_catalogue(FOLDER.catalogue)
MODELS = {model.code: model for brand in BRANDS.values() for model in brand.models}


def trade_of(slug: str) -> Trade:
    [path] = [path for path in FOLDER.tenants() if path.parent.name == slug]
    policies = {policy.brand: policy for policy in map(read_policy, FOLDER.policies(path))}
    return Trade(read_tenant(path), policies, BRANDS, CATALOGUE)


@pytest.fixture(scope="module", params=[path.parent.name for path in FOLDER.tenants()])
def trade(request: pytest.FixtureRequest) -> Trade:
    return trade_of(request.param)


@pytest.fixture(scope="module")
def stories(trade: Trade) -> list[Story]:
    return stories_of(trade, until=AT)


def test_the_dice_fall_the_same_for_everybody(trade, stories):
    assert stories_of(trade, until=AT) == stories


def test_a_hundred_visits_fill_the_last_ninety_days_in_order(stories):
    days = [story.received_at for story in stories]
    assert len(days) == 100
    assert days == sorted(days)
    assert AT - timedelta(days=DAYS_BACK + 2) < days[0]
    assert days[-1] < AT


def test_branches_take_devices_in_while_they_are_open(trade, stories):
    zone = ZoneInfo(trade.company.zone)
    assert {9 <= story.received_at.astimezone(zone).hour < 19 for story in stories} == {True}


def test_every_branch_has_work_and_every_brand_too(trade, stories):
    assert {story.branch for story in stories} == {b.code for b in trade.company.branches}
    assert {story.device.brand for story in stories} == set(trade.policies)


def test_serials_and_phones_are_such_as_the_counter_accepts(trade, stories):
    for story in stories:
        serial = story.device.serial or ""
        pattern = MODELS[story.device.model or ""].serial_pattern or ""
        assert is_imei(serial) or re.fullmatch(pattern, serial), story.device
        assert parse_phone(story.customer.phone, trade.company.country), story.customer


def test_some_devices_come_back(stories):
    visits = Counter(story.device.serial for story in stories)
    assert 4 <= sum(1 for times in visits.values() if times == 2) <= 15
    assert max(visits.values()) == 2
