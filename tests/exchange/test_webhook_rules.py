import base64
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from standardwebhooks import Webhook

from serviceco.core.ids import new_id
from serviceco.exchange.rules.webhooks import (
    MOST_ATTEMPTS,
    PAUSES,
    check_kinds,
    check_secret,
    check_url,
    is_public,
    message,
    new_secret,
    pause_after,
    signed_headers,
)
from serviceco.exchange.words.webhooks import (
    KINDS,
    UnknownWebhookKind,
    WrongWebhookSecret,
    WrongWebhookUrl,
)

AT = datetime(2026, 11, 22, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/in?token=x",
        "https://hooks.example.com:8443/",
        "https://8.8.8.8/",
        "http://localhost:9000/hooks",
        "http://127.0.0.1:9000/hooks",
        "http://[::1]:9000/hooks",
    ],
)
def test_an_address_that_may_be_called(url):
    assert check_url(f" {url} ") == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.com",
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "https://",
        "https://user:word@hooks.example.com/",
        "https://hooks.example.com/#part",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/\r\nx: y",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:99999/",
        "https://10.0.0.1/",
        "https://192.168.1.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:10.0.0.1]/",
        "https://[fe80::1]/",
        "https://0.0.0.0/",
        "https://例子.example/",
        "https://hooks.example.com/" + "x" * 500,
    ],
)
def test_an_address_that_may_not_be_called(url):
    with pytest.raises(WrongWebhookUrl):
        check_url(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1",
        "0.0.0.1", "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "64:ff9b::10.0.0.1", "64:ff9b::7f00:1", "2002:0a00:0001::1", "2001:db8::1",
    ],
)  # fmt: skip
def test_networks_that_are_nobodys_outside_are_refused(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"]
)
def test_public_addresses_pass(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    ("address", "passes"), [("127.0.0.1", True), ("::1", True), ("10.0.0.1", False)]
)
def test_development_may_call_this_machine_and_no_other_inside(address, passes):
    assert is_public(ip_address(address), also_loopback=True) is passes


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", "whsec_!!!", new_secret(b"x" * 23), new_secret(b"x" * 65), "x" * 40],
)
def test_a_weak_secret_is_refused(secret):
    with pytest.raises(WrongWebhookSecret):
        check_secret(secret)


def test_a_secret_of_either_end_of_the_range_passes():
    for size in (24, 64):
        assert check_secret(new_secret(b"x" * size)) == new_secret(b"x" * size)


def test_kinds_come_from_the_list_alone():
    assert check_kinds(list(reversed(KINDS)), KINDS) == list(KINDS)
    for kinds in ([], ["repair.imported"], ["repair.received", "webhook.test"]):
        with pytest.raises(UnknownWebhookKind):
            check_kinds(kinds, KINDS)


def test_pauses_stretch_over_days_and_differ():
    assert sum(PAUSES, timedelta()) > timedelta(days=3)
    for attempt, pause in enumerate(PAUSES, 1):
        assert pause_after(attempt, 0.0) == 0.8 * pause
        assert pause_after(attempt, 0.5) == pause
    assert pause_after(MOST_ATTEMPTS, 0.5) is None


def test_every_secret_signs_and_the_header_says_the_second():
    secrets = [new_secret(b"a" * 24), new_secret(b"b" * 24)]
    now = datetime.now(UTC)
    headers = signed_headers(new_id(), b'{"a":1}', secrets, at=now)
    for secret in secrets:
        assert Webhook(secret).verify(b'{"a":1}', headers) == {"a": 1}
    assert len(base64.b64decode(headers["webhook-signature"].split()[0].removeprefix("v1,"))) == 32


def test_a_message_tells_ids_and_nothing_else():
    told = message("claim.submitted", {"claim_id": "c", "amount_minor": 5, "name": "王芳"}, at=AT)
    assert told["data"] == {
        "claimId": "c",
        "link": "/hq/claims/c",
        "graphql": {"claim": {"id": "c"}},
    }
