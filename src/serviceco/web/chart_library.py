"""The drawing library of the charts: bundled once per version, then a file like any other."""

import asyncio
import gzip
import os
import subprocess
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

from litestar import Response, get

from serviceco.web.assets import Asset
from serviceco.web.connections import PageRequest

# The bundle follows from the version of its bundler, so the version is its name.
_NAME = f"vega-{version('vl-convert-python')}.js"
ADDRESS = f"/static/drawing/{_NAME}"
FILE = Path(__file__).parent / "static" / "built" / _NAME
_SOURCES = Path(__file__).parents[2]


@cache
def chart_library() -> Asset:
    """Return the library; set-up has bundled it, otherwise that takes some seconds now.

    A process of its own bundles it: nothing here may load the bundler.
    """
    if not FILE.exists():
        bundler = [sys.executable, "-m", "serviceco.jobs.render.vega", str(FILE)]
        path = os.pathsep.join(filter(None, (str(_SOURCES), os.environ.get("PYTHONPATH"))))
        subprocess.run(bundler, check=True, env=os.environ | {"PYTHONPATH": path})  # noqa: S603 - our own module
    body = FILE.read_bytes()
    return Asset(ADDRESS, "text/javascript; charset=utf-8", body, gzip.compress(body, 9, mtime=0))


@get(ADDRESS, public=True, include_in_schema=False)
async def serve_chart_library(request: PageRequest) -> Response[bytes]:
    """Serve the library, compressed where the browser can take it."""
    return (await asyncio.to_thread(chart_library)).answer(request)


if __name__ == "__main__":
    chart_library()
