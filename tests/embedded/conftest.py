"""People who run the launcher, and a data root that is theirs."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.embedded.supervised import Person, launched, normal_user, ourselves


@pytest.fixture(scope="session")
def people() -> Iterator[dict[str, Person]]:
    with tempfile.TemporaryDirectory(prefix="serviceco-stage-") as stage:
        Path(stage).chmod(0o711)
        me = ourselves()
        yield {"root": me, "user": normal_user(Path(stage))} if me.uid == 0 else {"user": me}


# Only root can be root: a normal user tests his own case alone.
@pytest.fixture(scope="session", params=["root", "user"] if os.geteuid() == 0 else ["user"])
def person(request: pytest.FixtureRequest, people: dict[str, Person]) -> Person:
    return people[request.param]


@contextmanager
def own_folder(person: Person) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="serviceco-home-") as folder:
        Path(folder).chmod(0o755)
        os.chown(folder, person.uid, person.gid)
        yield Path(folder)


@pytest.fixture
def home(person: Person) -> Iterator[Path]:
    """A folder of the person, with nothing in it."""
    with own_folder(person) as folder:
        yield folder


@pytest.fixture(scope="session")
def used_root(person: Person) -> Iterator[Path]:
    """A data root after its first start, which takes longer than all else here."""
    with own_folder(person) as folder:
        with launched(person, folder / "data"):
            pass
        yield folder / "data"


@pytest.fixture
def data_root(used_root: Path, home: Path) -> Path:
    """A data root of this test alone."""
    subprocess.run(["/bin/cp", "--archive", used_root, home / "data"], check=True)
    return home / "data"
