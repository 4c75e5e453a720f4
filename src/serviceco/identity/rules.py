"""Pure rules of identity: tokens, passwords' bounds, and how long a guesser waits."""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Network, ip_address

TOKEN_BYTES = 32
KEY_PREFIX = "svc_"
SIGN_IN_LASTS = timedelta(hours=12)
PENDING_LASTS = timedelta(minutes=10)
INVITATION_LASTS = timedelta(days=7)
RESET_LASTS = timedelta(days=1)
# What `new_token` makes has 43 letters; a caller's own generator may give more.
_SECRET = re.compile(r"[A-Za-z0-9_-]{43,128}")
# Whether an address receives mail only a mail tells; this keeps typing errors out.
_EMAIL = re.compile(r"[^@\s\x00]+@[^@\s\x00]+\.[^@\s\x00]+")

# NIST SP 800-63B-4, 3.1.1.2 asks at least 8 characters beside a second factor; the upper bound
# keeps a megabyte from being hashed.
SHORTEST_PASSWORD = 8
LONGEST_PASSWORD = 256
# RFC 5321, 4.5.3.1.3: a path has 256 octets, two of them its brackets.
LONGEST_EMAIL = 254

# An account may be mistyped a few times for free; an address carries a whole branch behind one
# router, so it has more.
FREE_PER_ACCOUNT = 5
FREE_PER_ADDRESS = 30
# A code of six digits is guessed once in 300,000 attempts of which three count at a time.
FREE_CODES = 5
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(hours=1)


def new_token() -> str:
    """Return 256 random bits as text that fits a cookie."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def new_key() -> str:
    """Return a machine key: a prefix by which leak scanners find it, and 256 random bits."""
    return KEY_PREFIX + new_token()


def token_hash(token: str) -> bytes:
    """Return what is stored of a token; 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(token.encode()).digest()


def derived_secret(token: str, purpose: str) -> str:
    """Return 256 bits that only the holder of the token could name: a state, nonce or challenge."""
    digest = hmac.new(token.encode(), purpose.encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def folded_email(email: str) -> str:
    """Return the e-mail as accounts are found by it, at most `LONGEST_EMAIL` letters of it.

    Whatever is typed can be looked up and counted: PostgreSQL keeps no NUL, and an index no text
    of any length.
    """
    return email.replace("\0", "").strip().casefold()[:LONGEST_EMAIL]


def is_email(email: str) -> bool:
    """Tell whether this has the form of an e-mail address."""
    typed = email.strip()
    return len(typed) <= LONGEST_EMAIL and _EMAIL.fullmatch(typed) is not None


def is_secret(token: str) -> bool:
    """Tell whether a token that somebody brings is long enough to hold 256 random bits."""
    return _SECRET.fullmatch(token) is not None


def network_of(address: str) -> str:
    """Return the address as attempts are counted: of IPv6 the /64, which one household holds."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or IPv6Network((found, 64), strict=False))


def fits_password(password: str) -> bool:
    """Tell whether a password's length is within bounds."""
    return SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD


def wait_before(failures: int, last_at: datetime | None, *, free: int, at: datetime) -> timedelta:
    """Return how long the next attempt must wait: zero while `free` attempts are not used up.

    Each further failure doubles the wait, from 30 seconds to 15 minutes.
    """
    if last_at is None or failures < free:
        return timedelta(0)
    doublings = min(failures - free, 10)
    wait = min(_FIRST_WAIT * (1 << doublings), _LONGEST_WAIT)
    return max(last_at + wait - at, timedelta(0))


def counted(failures: int, last_at: datetime | None, *, at: datetime) -> int:
    """Return the failures that still count: an hour without one forgets them all."""
    if last_at is None or at - last_at >= FORGOTTEN_AFTER:
        return 0
    return failures
