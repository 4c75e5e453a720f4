"""What Prometheus reads at `/metrics`: requests by route, and what the process holds at the moment.

Counting a request is a look-up and two additions; the text is made when somebody asks for it.
Each process counts its own, so every series says of which process it is.
"""

import hmac
import os
from bisect import bisect_left
from collections.abc import Awaitable, Callable, Iterable, Sequence
from ipaddress import ip_address
from typing import NamedTuple

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily, Metric

from serviceco.edge.asgi import Scope, Send, answer, header

PATH = "/metrics"
MEDIA_TYPE = b"text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_METHODS = frozenset({"GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"})
# Addresses that no router serves; any other is one series, or a stranger could make thousands.
_OWN = frozenset({"/graphql", "/healthz", "/readyz", PATH})
_OTHER = "other"
_FORWARDED = (b"x-forwarded-for", b"forwarded", b"x-real-ip")


class Reading(NamedTuple):
    """One value of now; `labels` are pairs of name and value."""

    name: str
    help: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()


Read = Callable[[], Awaitable[Sequence[Reading]]]


class Tally:
    """Requests of one route, method and status: how many in each span of seconds, and their sum."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        """Begin with none."""
        self.counts = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0


class Metrics:
    """Counts requests and answers `/metrics`, to loopback or to whoever holds the token.

    A request that a proxy passed on does not come from loopback, whatever its address says. With
    a token, the token alone counts.
    """

    def __init__(self, read: Read, *, token: str | None = None) -> None:
        """Keep what reads the values of now."""
        self._read = read
        self._token = token
        self._tallies: dict[tuple[str, str, int], Tally] = {}

    def note(self, scope: Scope, status: int, seconds: float) -> None:
        """Count a request that was answered; status 0 is one that broke off before."""
        key = (scope.get("path_template") or scope["path"], scope["method"], status)
        tally = self._tallies.get(key)
        if tally is None:
            tally = self._begun(scope, status)
        tally.counts[bisect_left(BOUNDS, seconds)] += 1
        tally.seconds += seconds

    async def serve(self, scope: Scope, send: Send) -> None:
        """Answer with everything; who may not ask finds nothing here."""
        if not self._admits(scope):
            await answer(send, 404, b"not found")
            return
        found = [self._requests(), *_gauges(await self._read())]
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Found(found))
        await answer(send, 200, generate_latest(registry), media_type=MEDIA_TYPE)

    def _begun(self, scope: Scope, status: int) -> Tally:
        """Return the tally of a request whose route is not an address that somebody made up."""
        template: str | None = scope.get("path_template")
        path: str = scope["path"]
        route = template or (path if path in _OWN else _OTHER)
        method = scope["method"] if scope["method"] in _METHODS else _OTHER
        return self._tallies.setdefault((route, method, status), Tally())

    def _admits(self, scope: Scope) -> bool:
        if self._token is not None:
            given = header(scope, b"authorization") or b""
            return hmac.compare_digest(given, f"Bearer {self._token}".encode())
        client = scope.get("client")
        if not client or any(header(scope, name) is not None for name in _FORWARDED):
            return False
        try:
            return ip_address(client[0]).is_loopback
        except ValueError:
            return False

    def _requests(self) -> Metric:
        family = HistogramMetricFamily(
            "serviceco_request_seconds",
            "Requests by route, method and status, and how long they took.",
            labels=("route", "method", "status", "process"),
        )
        process = str(os.getpid())
        for (route, method, status), tally in self._tallies.items():
            buckets, total = [], 0
            for bound, count in zip((*map(str, BOUNDS), "+Inf"), tally.counts, strict=True):
                total += count
                buckets.append((bound, total))
            family.add_metric((route, method, str(status), process), buckets, tally.seconds)
        return family


class _Found:
    """Hands families that were made already to the library."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _gauges(readings: Iterable[Reading]) -> list[Metric]:
    families: dict[str, GaugeMetricFamily] = {}
    process = str(os.getpid())
    for reading in readings:
        names = tuple(name for name, _ in reading.labels)
        family = families.get(reading.name)
        if family is None:
            family = GaugeMetricFamily(reading.name, reading.help, labels=(*names, "process"))
            families[reading.name] = family
        family.add_metric((*(value for _, value in reading.labels), process), reading.value)
    return list(families.values())
