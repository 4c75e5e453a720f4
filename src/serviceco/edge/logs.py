"""Logs: one line of JSON per fact, on standard error. JSON escapes line breaks, so none is forged."""

import logging
import sys
import time
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import msgspec
import structlog

from serviceco.core.actor import Actor
from serviceco.edge.asgi import Scope
from serviceco.edge.log_lines import LogLines

_LONGEST_PATH = 200
# Paths whose next segment is a secret that opens somebody's page.
_SECRET_PATHS = ("/c/", "/cap/", "/join/", "/password/", "/support/begin/")

log = structlog.get_logger("edge")
_lines = LogLines()


class RequestLine(msgspec.Struct, gc=False):
    """What is noted of a request; apart from structlog, whose way to a line costs five times as much."""

    id: str
    method: str
    path: str
    status: int
    ms: float
    tenant: UUID | None
    account: UUID | None
    timestamp: datetime
    event: Literal["request"] = "request"
    level: Literal["info"] = "info"


class _OneLine(logging.Formatter):
    """Writes what libraries and rooms log as JSON too: an exception's text may hold line breaks."""

    def format(self, record: logging.LogRecord) -> str:
        event = {
            "event": record.getMessage(),
            "logger": record.name,
            "level": record.levelname.lower(),
            "timestamp": datetime.fromtimestamp(record.created, UTC),
        }
        if record.exc_info:
            event["exception"] = self.formatException(record.exc_info)
        return _json(event).decode()


def configure_logs(*, verbose: bool = False) -> None:
    """Send the logs of this process to standard error; libraries speak up from warnings on."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Without the values of variables: they may hold passwords and what customers wrote.
            structlog.processors.ExceptionRenderer(
                structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
            ),
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.DEBUG if verbose else logging.INFO
        ),
        logger_factory=structlog.BytesLoggerFactory(file=_lines),  # type: ignore[arg-type]  # it writes and flushes, which is all that is asked of a file
        cache_logger_on_first_use=True,
    )
    libraries = logging.StreamHandler(sys.stderr)
    libraries.setFormatter(_OneLine())
    logging.basicConfig(level=logging.WARNING, handlers=[libraries])


def end_batches() -> None:
    """Write what waits; the process is about to end, so from now on each line goes out at once."""
    _lines.end_batches()


class _Request(NamedTuple):
    """A finished request, until its line is written."""

    id: str
    method: str
    path: str
    status: int
    seconds: float
    actor: Actor | None
    ended_at: float

    def line(self) -> bytes:
        line = RequestLine(
            id=self.id,
            method=self.method,
            path=shown_path(self.path),
            status=self.status,
            ms=round(self.seconds * 1000, 2),
            tenant=self.actor.tenant_id if self.actor else None,
            account=self.actor.account_id if self.actor else None,
            timestamp=datetime.fromtimestamp(self.ended_at, UTC),
        )
        return msgspec.json.encode(line) + b"\n"


def log_request(scope: Scope, status: int, seconds: float) -> None:
    """Note a finished request: no query string, no secret, no word of the body."""
    _lines.write_soon(
        _Request(
            scope["request_id"],
            scope["method"],
            scope["path"],
            status,
            seconds,
            scope["actor"],
            time.time(),
        )
    )


def shown_path(path: str) -> str:
    """Return a path as it may stand in a log."""
    for prefix in _SECRET_PATHS:
        if path.startswith(prefix):
            return prefix + "…"
    return path[:_LONGEST_PATH]


def _json(event: dict[str, Any], **_: object) -> bytes:
    return msgspec.json.encode(event, enc_hook=str)
