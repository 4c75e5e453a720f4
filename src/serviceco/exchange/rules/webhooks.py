"""Pure rules of webhooks: addresses that may be called, secrets, pauses, signatures, messages."""

import base64
import binascii
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from standardwebhooks import Webhook

from serviceco.exchange.words.webhooks import (
    UnknownWebhookKind,
    WrongWebhookSecret,
    WrongWebhookUrl,
)

Address = IPv4Address | IPv6Address

VERSION = 1
LONGEST_URL = 500
SECRET_PREFIX = "whsec_"  # noqa: S105 - how every secret begins, which is none
# Standard Webhooks, "Signature scheme": between 24 and 64 bytes.
SECRET_BYTES = range(24, 65)
# After a rotation both secrets sign for so long.
OVERLAP = timedelta(hours=24)
# Standard Webhooks, "Operational considerations", its example schedule: ten attempts over 75 hours.
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
MOST_ATTEMPTS = len(PAUSES) + 1
# An endpoint that had no success for so long pauses itself.
FAILING_FOR = timedelta(days=3)
_LOOPBACK_NAMES = frozenset({"localhost"})
# RFC 6052: an IPv4 address in the last 32 bits, reached through a translator.
_NAT64 = IPv6Network("64:ff9b::/96")


def check_url(url: str) -> str:
    """Return the address, stripped.

    Https, or http to this machine alone, which only a development server calls. Where a name
    leads is asked at every call, not here.

    Raises:
        WrongWebhookUrl: it is no such address.
    """
    wanted = url.strip()
    try:
        parts = urlsplit(wanted)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _wrong_url() from None
    is_here = _is_loopback(host)
    is_plain = parts.username is None and not parts.fragment and port != 0
    is_known = parts.scheme == "https" or (parts.scheme == "http" and is_here)
    is_text = wanted.isascii() and wanted.isprintable() and " " not in wanted
    if not (host and is_plain and is_known and is_text and len(wanted) <= LONGEST_URL):
        raise _wrong_url()
    literal = _literal(host)
    if literal is not None and not is_here and not is_public(literal):
        raise _wrong_url()
    return wanted


def is_public(address: Address, *, also_loopback: bool = False) -> bool:
    """Tell whether a call may go to an address: not into private networks, however they are written."""
    inner = _unwrapped(address)
    if also_loopback and inner.is_loopback:
        return True
    return inner.is_global and not inner.is_multicast and not inner.is_reserved


def check_secret(secret: str) -> str:
    """Return the secret, stripped.

    Raises:
        WrongWebhookSecret: it is not `whsec_` with 24 to 64 bytes in Base64.
    """
    wanted = secret.strip()
    try:
        key = base64.b64decode(wanted.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not wanted.startswith(SECRET_PREFIX) or len(key) not in SECRET_BYTES:
        raise WrongWebhookSecret(
            "A secret is whsec_ with 24 to 64 bytes in Base64.", field="secret"
        )
    return wanted


def new_secret(key: bytes) -> str:
    """Return the text of a secret of these bytes."""
    return SECRET_PREFIX + base64.b64encode(key).decode()


def check_kinds(kinds: Collection[str], allowed: Sequence[str]) -> list[str]:
    """Return the kinds in the order of the allow-list.

    Raises:
        UnknownWebhookKind: there is none, or one that is not on the list.
    """
    if not kinds or not set(kinds) <= set(allowed):
        raise UnknownWebhookKind(f"Choose among {', '.join(allowed)}.", field="kinds")
    return [kind for kind in allowed if kind in kinds]


def pause_after(attempt: int, chance: float) -> timedelta | None:
    """Return how long to wait after the n-th failed attempt, counted from 1; None: it was the last.

    `chance` between 0 and 1 moves the pause by up to a fifth either way, so that what failed
    together does not come back together.
    """
    if attempt >= MOST_ATTEMPTS:
        return None
    return PAUSES[attempt - 1] * (0.8 + 0.4 * chance)


def signed_headers(
    message_id: UUID, body: bytes, secrets: Iterable[str], *, at: datetime
) -> dict[str, str]:
    """Return the headers of Standard Webhooks: a signature with each secret."""
    id_ = f"msg_{message_id.hex}"
    # The library signs whole seconds, and says them in the header so.
    instant = at.replace(microsecond=0)
    signatures = [Webhook(secret).sign(id_, instant, body.decode()) for secret in secrets]
    return {
        "webhook-id": id_,
        "webhook-timestamp": str(int(instant.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def message(kind: str, payload: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    """Return the body that tells of an act: ids and how to read the rest, nothing of a person."""
    facts = {
        name: payload.get(key)
        for name, key in (
            ("orderId", "order_id"),
            ("number", "number"),
            ("claimId", "claim_id"),
            ("branchId", "branch_id"),
            ("brandId", "brand_id"),
            ("caseId", "case_id"),
            ("brand", "brand"),
            ("company", "company"),
            ("branchCode", "branch_code"),
            ("contractNumber", "contract_number"),
        )
    }
    return {
        "version": VERSION,
        "type": kind,
        "timestamp": at.isoformat(),
        "data": {name: value for name, value in facts.items() if value is not None}
        | _further(facts),
    }


def _further(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return where the rest is read: a page, and the field of `POST /graphql` with its argument.

    Whoever acts for a brand names an order by its company and number, and has pages of their own.
    """
    if facts["brand"] is not None:
        return _further_of_brand(facts)
    if facts["claimId"] is not None:
        field, page = {"claim": {"id": facts["claimId"]}}, f"/hq/claims/{facts['claimId']}"
    elif facts["number"] is not None:
        field, page = {"order": {"number": facts["number"]}}, f"/orders/{facts['number']}"
    else:
        return {}
    return {"link": page, "graphql": field}


def _further_of_brand(facts: Mapping[str, Any]) -> dict[str, Any]:
    home, claim_id = f"/brand/{facts['brand']}", facts["claimId"]
    if claim_id is not None:
        return {"link": f"{home}/claims/{claim_id}", "graphql": {"brandClaim": {"id": claim_id}}}
    case = {"company": facts["company"], "number": facts["number"]}
    return {
        "link": f"{home}/repairs/{case['company']}/{case['number']}",
        "graphql": {"brandCase": case},
    }


def _wrong_url() -> WrongWebhookUrl:
    return WrongWebhookUrl("Name an https address of a public server.", field="url")


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    literal = _literal(host)
    return host in _LOOPBACK_NAMES if literal is None else literal.is_loopback


def _unwrapped(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for, where it does."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address
