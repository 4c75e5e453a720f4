"""What a log line may hold."""

import json
import subprocess
import sys

FAULT = """
from serviceco.edge.logs import configure_logs, log

def sign_in(password):
    raise ValueError("broken")

configure_logs()
try:
    sign_in("correct horse")
except ValueError as fault:
    log.error("page.fault", exc_info=fault)
"""


def test_a_fault_is_logged_without_the_values_at_hand() -> None:
    """In a process of its own, because the configuration is the process's."""
    done = subprocess.run(
        [sys.executable, "-c", FAULT], capture_output=True, check=True, text=True, timeout=30
    )
    line = json.loads(done.stderr)
    assert line["exception"][0]["frames"][-1]["name"] == "sign_in"
    assert "horse" not in done.stderr
    assert "locals" not in done.stderr
