"""Style sheets, scripts and htmx: bundled at start, named by their hash, cached for ever."""

import gzip
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from serviceco.web.connections import PageRequest

_STATIC = Path(__file__).parent / "static"
# Cascade order: later files may lean on earlier ones.
_STYLES = (
    "tokens",
    "dark",
    "base",
    "shell",
    "controls",
    "forms",
    "tables",
    "lists",
    "reports",
    "tags",
    "counter",
    "screens",
    "paper",
)
_SCRIPTS = ("base", "shell", "scanner", "keys", "forms", "swaps", "changes", "printing")
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """One served file; `path` holds the hash of its bytes."""

    path: str
    media_type: str
    body: bytes
    gzipped: bytes

    def answer(self, request: PageRequest) -> Response[bytes]:
        """Return the file to keep for ever, compressed where the browser can take it."""
        headers = {"cache-control": _FOR_EVER, "vary": "accept-encoding"}
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(self.body, media_type=self.media_type, headers=headers)
        headers["content-encoding"] = "gzip"
        return Response(self.gzipped, media_type=self.media_type, headers=headers)


class Assets:
    """All static files of the site, read once."""

    def __init__(self) -> None:
        """Bundle the files and find htmx in the wheel that carries it."""
        styles = "\n".join(_style(name) for name in _STYLES)
        scripts = _script_bundle()
        self._by_name = {
            "app.css": _asset("app.css", "text/css", styles.encode()),
            "portal.css": _asset("portal.css", "text/css", _read("css", "portal").encode()),
            "print.css": _asset("print.css", "text/css", _read("css", "print").encode()),
            "app.js": _asset("app.js", "text/javascript", scripts.encode()),
            "charts.js": _asset("charts.js", "text/javascript", _read("js", "charts").encode()),
            "passkeys.js": _asset(
                "passkeys.js", "text/javascript", _read("js", "passkeys").encode()
            ),
            "explorer.css": _asset("explorer.css", "text/css", _read("css", "explorer").encode()),
            "explorer.js": _asset(
                "explorer.js", "text/javascript", _read("js", "explorer").encode()
            ),
            "htmx.js": _asset("htmx.js", "text/javascript", _htmx()),
            "icon.svg": _asset("icon.svg", "image/svg+xml", (_STATIC / "icon.svg").read_bytes()),
        }
        self._by_path = {asset.path: asset for asset in self._by_name.values()}

    def url(self, name: str) -> str:
        """Return the address of a file by its plain name."""
        return self._by_name[name].path

    def find(self, path: str) -> Asset | None:
        """Return the asset served at the path, or None."""
        return self._by_path.get(path)

    def sizes(self) -> dict[str, int]:
        """Return the bytes of each file before compression."""
        return {name: len(asset.body) for name, asset in self._by_name.items()}


def _asset(name: str, media_type: str, body: bytes) -> Asset:
    stem, _, extension = name.rpartition(".")
    path = f"/static/{stem}.{sha256(body).hexdigest()[:12]}.{extension}"
    return Asset(path, f"{media_type}; charset=utf-8", body, gzip.compress(body, 9, mtime=0))


def _style(name: str) -> str:
    """Return a style sheet; the dark tokens twice, for those who ask and for dark systems."""
    text = _read("css", name)
    if name != "dark":
        return text
    followed = text.replace('[data-theme="dark"]', '[data-theme="system"]')
    return f"{text}\n@media (prefers-color-scheme: dark) {{\n{followed}}}\n"


def _read(folder: str, name: str) -> str:
    suffix = "css" if folder == "css" else "js"
    return (_STATIC / folder / f"{name}.{suffix}").read_text(encoding="utf-8")


def _script_bundle() -> str:
    """Join the scripts; each but the first keeps its names to itself in a block of its own."""
    first, *others = (_read("js", name) for name in _SCRIPTS)
    blocks = "\n".join("{\n" + text + "}" for text in others)
    return f'"use strict";\n{first}\n{blocks}\n'


def _htmx() -> bytes:
    """Return htmx 2 out of the django-htmx wheel, without importing that package."""
    spec = find_spec("django_htmx")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("django-htmx is not installed, and htmx comes with it")
    return (Path(spec.origin).parent / "static" / "django_htmx" / "htmx-2.min.js").read_bytes()


ASSETS = Assets()


@get("/static/{name:str}", public=True)
async def serve_asset(request: PageRequest, name: FromPath[str]) -> Response[bytes]:
    """Serve one bundled file."""
    asset = ASSETS.find(f"/static/{name}")
    if asset is None:
        raise NotFoundException
    return asset.answer(request)
