"""A fixed piece of work, to state a time as a multiple of what this machine does now.

Last changed 2026-11-22: parse and dump one fixed JSON record with the standard library.
"""

import json
import time

RECORD = json.dumps(
    {
        "number": "261122000347",
        "lines": [{"position": n, "code": f"PN-{n}", "amount": 1_000 * n} for n in range(12)],
        "texts": {"en": "Main board", "zh_hans": "主板", "zh_hant": "主機板"},
        "reasons": [{"code": "r_in_period", "clause": "2.1", "met": True}] * 4,
    }
)


def reference_seconds(times: int = 2_000) -> float:
    """Return the seconds of one round trip of the record, mean over `times`."""
    began = time.perf_counter()
    for _ in range(times):
        json.dumps(json.loads(RECORD))
    return (time.perf_counter() - began) / times
