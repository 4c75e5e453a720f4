"""Security headers of every page (ui.md 0.1)."""

from collections.abc import Awaitable, Callable

from litestar.datastructures import MutableScopeHeaders
from litestar.types import Message, Scope

# Only papers may be framed: a page prints them through a hidden frame.
_PAPERS = ("/print/", "/_gallery/label", "/_gallery/slip")
_YEAR_SECONDS = 365 * 24 * 3600


def content_policy(ancestors: str) -> str:
    """Return the content security policy, without any `unsafe-` word.

    `frame-src 'self'` lets a page print a slip through a hidden frame; only print pages may be
    framed, and only by our own pages.
    """
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
        "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
        f"frame-ancestors {ancestors}"
    )


def security_headers(*, https: bool) -> Callable[[Message, Scope], Awaitable[None]]:
    """Return a `before_send` hook that puts the headers on every answer but the API's own."""

    async def add(message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start" or scope["path"].startswith("/graphql"):
            return
        ancestors = "'self'" if scope["path"].startswith(_PAPERS) else "'none'"
        headers = MutableScopeHeaders.from_message(message)
        headers["content-security-policy"] = content_policy(ancestors)
        headers["x-content-type-options"] = "nosniff"
        headers["referrer-policy"] = "same-origin"
        headers["permissions-policy"] = "camera=(self), microphone=(), geolocation=()"
        headers["cross-origin-opener-policy"] = "same-origin"
        headers.setdefault("cache-control", "no-store")
        if https:
            headers["strict-transport-security"] = f"max-age={_YEAR_SECONDS}; includeSubDomains"

    return add
