"""Headers that every answer carries, unless its page set a stricter or a wider one on purpose."""

import re

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
_LENGTH = b"content-length"
# What the server decides by itself, and what would end a line early (RFC 9110, 5.1 and 5.5).
_OF_THE_SERVER = frozenset({b"transfer-encoding", b"connection"})
_NO_NAME = re.compile(rb"[^!#$%&'*+.^_`|~0-9A-Za-z-]")
_NO_VALUE = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
MOST_KEPT = 256
Pairs = tuple[tuple[bytes, bytes], ...]


class CommonHeaders:
    """The headers of all answers, added to those that an answer has of its own."""

    def __init__(self, *, https: bool) -> None:
        """Choose them once."""
        self._all = _COMMON + _ENCRYPTED if https else _COMMON
        # Few pages set headers of their own, and always the same ones: what each lacks is kept,
        # and so are the lines of a head that depends on nothing else.
        self._lacking: dict[tuple[bytes, ...], Headers] = {}
        self._lines: dict[Pairs, bytes] = {}

    def added_to(self, headers: Headers, request_id: str) -> Headers:
        """Return an answer's headers, the common ones that it lacks, and the request's id."""
        names = tuple([name for name, _ in headers])
        lacking = self._lacking.get(names)
        if lacking is None:
            there = {name.lower() for name in names}
            lacking = [pair for pair in self._all if pair[0] not in there]
            self._lacking[names] = lacking
        return [*headers, *lacking, (b"x-request-id", request_id.encode())]

    def lines(self, headers: Headers, request_id: str, length: int) -> bytes | None:
        """Return the same as lines of a head, but for the length, which the server writes.

        None where the server has to look at them: the length is not that of the body, or one of
        them is its own affair or would break the head.
        """
        said, own = None, []
        for pair in headers:
            if pair[0] == _LENGTH:
                said = pair[1]
            else:
                own.append(pair)
        if said is None or said != b"%d" % length:
            return None
        key = tuple(own)
        lines = self._lines.get(key)
        if lines is None:
            lines = self._written(own)
            if lines is None:
                return None
            if len(self._lines) < MOST_KEPT and len(own) == 1:
                self._lines[key] = lines
        return b"%bx-request-id: %b\r\n" % (lines, request_id.encode())

    def _written(self, own: Headers) -> bytes | None:
        there = {name.lower() for name, _ in own}
        if there & _OF_THE_SERVER or _LENGTH in there:
            return None
        pairs = [*own, *(pair for pair in self._all if pair[0] not in there)]
        if any(_NO_NAME.search(name) or _NO_VALUE.search(value) for name, value in pairs):
            return None
        return b"".join([b"%b: %b\r\n" % (name.lower(), value) for name, value in pairs])
