"""What is refused before anybody looks at it: forged posts of other sites, and bodies too large."""

from serviceco.edge.asgi import Message, Receive, Scope, header

MOST_BODY_BYTES = 1_048_576
# Pictures come in forms below these addresses; a picture of 15 MB may come with its form.
MOST_UPLOAD_BYTES = 16_777_216
_UPLOADS = "/orders/"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class BodyTooLarge(Exception):  # noqa: N818 - an answer to the client, not a fault
    """The request's body is larger than any that we read."""


def is_forged(scope: Scope) -> bool:
    """Tell whether another site makes a browser send this change.

    Browsers say where a request comes from; programs with a key do not, and a browser never adds
    a key by itself.
    """
    if scope["method"] in _SAFE_METHODS or header(scope, b"authorization") is not None:
        return False
    site = header(scope, b"sec-fetch-site")
    if site is not None:
        return site not in {b"same-origin", b"none"}
    origin = header(scope, b"origin")
    if origin is None:
        return False
    _scheme, _, host = origin.partition(b"://")
    return host != header(scope, b"host")


def is_declared(scope: Scope) -> bool:
    """Tell whether the length of the request's body is declared, which the server enforces.

    It is at most `MOST_BODY_BYTES`; the uploads of who is signed in hold more.

    Raises:
        BodyTooLarge: it is declared to be larger.
    """
    declared = header(scope, b"content-length")
    if declared is None:
        return False
    if not declared.isdigit():
        raise BodyTooLarge
    length = int(declared)
    if length > MOST_BODY_BYTES and length > _most(scope):
        raise BodyTooLarge
    return True


async def bounded(scope: Scope, receive: Receive) -> Receive:
    """Return a channel of a body whose length is not declared, which is therefore read ahead.

    Raises:
        BodyTooLarge: it is found to be larger than `is_declared` allows.
    """
    if scope["method"] in _SAFE_METHODS:
        return receive
    return _replay(await _read_ahead(receive, _most(scope)), receive)


def _most(scope: Scope) -> int:
    kind = header(scope, b"content-type") or b""
    is_upload = kind.startswith(b"multipart/form-data") and scope["path"].startswith(_UPLOADS)
    return MOST_UPLOAD_BYTES if is_upload and scope["actor"] else MOST_BODY_BYTES


async def _read_ahead(receive: Receive, most: int) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return bytes(body)
        body += message.get("body", b"")
        if len(body) > most:
            raise BodyTooLarge
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    first: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return first.pop() if first else await receive()

    return replayed
