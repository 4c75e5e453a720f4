"""Headers that every answer carries, unless its page set a stricter or a wider one on purpose."""

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


class CommonHeaders:
    """The headers of all answers, added to those that an answer has of its own."""

    def __init__(self, *, https: bool) -> None:
        """Choose them once."""
        self._all = _COMMON + _ENCRYPTED if https else _COMMON
        # Few pages set headers of their own, and always the same ones: what each lacks is kept.
        self._lacking: dict[tuple[bytes, ...], Headers] = {}

    def added_to(self, headers: Headers, request_id: str) -> Headers:
        """Return an answer's headers, the common ones that it lacks, and the request's id."""
        names = tuple([name for name, _ in headers])
        lacking = self._lacking.get(names)
        if lacking is None:
            there = {name.lower() for name in names}
            lacking = [pair for pair in self._all if pair[0] not in there]
            self._lacking[names] = lacking
        return [*headers, *lacking, (b"x-request-id", request_id.encode())]
