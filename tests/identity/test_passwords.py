"""What a stolen table of passwords would cost: the tests hash at less, but no served process does."""

import subprocess
import sys

from serviceco.identity import passwords
from tests.cli.running import environment_of


def test_a_served_process_hashes_as_rfc_9106_recommends():
    hashed = "import asyncio; from serviceco.identity.passwords import hashed, matches; "
    printed = (
        "one = asyncio.run(hashed('correct horse')); "
        "print(one, asyncio.run(matches(one, 'correct horse')), asyncio.run(matches(one, 'x')))"
    )
    said = subprocess.run(
        [sys.executable, "-c", hashed + printed],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=environment_of(),
    ).stdout
    assert said.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert said.endswith(" True False\n")


def test_who_is_unknown_takes_as_long_as_who_is_known():
    assert passwords._NOBODY.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
