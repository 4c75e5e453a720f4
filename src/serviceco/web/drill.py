"""Links from a figure to exactly the orders that it counted."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from serviceco.core.periods import Period
from serviceco.web.order_lists import UNKNOWN_BRAND


@dataclass(frozen=True, slots=True)
class Drill:
    """What narrows a report; each method adds what one figure counts.

    `branch` is a code, `brand` an id, or `unknown` for orders whose brand nobody knows.
    """

    period: Period
    branch: str = ""
    brand: str = ""
    coverage: str = ""

    def received(self) -> str:
        """Return the address of the devices taken in."""
        return self._address("received", flag="uncancelled")

    def closed(self, *, coverage: str = "", outcome: str = "") -> str:
        """Return the address of the orders closed, of one coverage or outcome."""
        narrowed = {"cov": (coverage or self.coverage).lower(), "outcome": outcome.lower()}
        return self._address("closed", status="closed", **narrowed)

    def _address(self, moment: str, **filters: str) -> str:
        given = {
            "branch": self.branch,
            "brand": self.brand,
            f"{moment}_from": self.period.since.isoformat(),
            f"{moment}_to": (self.period.until - timedelta(days=1)).isoformat(),
            **filters,
        }
        return f"/orders?{urlencode({name: text for name, text in given.items() if text})}"


def brand_of(brand_id: str | None) -> str:
    """Return a report's brand as the list of orders names it."""
    return brand_id or UNKNOWN_BRAND
