"""`python -m serviceco.jobs.render.vega FILE`: bundle Vega, Vega-Lite and Vega-Embed for the pages.

A process of its own, because the bundler carries a JavaScript engine of about 180 MB.
"""

import os
import sys
from pathlib import Path

from vl_convert import javascript_bundle

# All that our script calls; Vega and Vega-Lite come along inside.
SNIPPET = "window.vegaEmbed = vegaEmbed;"


def write_bundle(target: Path) -> None:
    """Write the bundle, complete or not at all: another process may be reading or writing it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    half_done = target.with_suffix(f".{os.getpid()}")
    half_done.write_text(javascript_bundle(SNIPPET), encoding="utf-8")
    half_done.replace(target)


if __name__ == "__main__":
    write_bundle(Path(sys.argv[1]))
