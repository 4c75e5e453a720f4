"""Headers that every answer carries, unless its page set a stricter or a wider one on purpose."""

from collections.abc import Sequence

from serviceco.edge.asgi import Headers

_YEAR_SECONDS = 365 * 24 * 3600
_COMMON = (
    (
        b"content-security-policy",
        b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    # `no-referrer` would make browsers send `Origin: null` with our own forms.
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)
_ENCRYPTED = (
    (
        b"strict-transport-security",
        f"max-age={_YEAR_SECONDS}; includeSubDomains".encode(),
    ),
)


def headers_of_all(*, https: bool) -> Sequence[tuple[bytes, bytes]]:
    """Return the headers of all answers."""
    return _COMMON + _ENCRYPTED if https else _COMMON


def completed(headers: Headers, wanted: Sequence[tuple[bytes, bytes]], request_id: str) -> Headers:
    """Return the answer's headers, the wanted ones that it lacks, and the request's id."""
    there = {name.lower() for name, _ in headers}
    return [
        *headers,
        *[pair for pair in wanted if pair[0] not in there],
        (b"x-request-id", request_id.encode()),
    ]
