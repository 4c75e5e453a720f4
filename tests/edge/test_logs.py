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

FORGED = """
import logging
from serviceco.edge.logs import configure_logs

configure_logs()
try:
    raise ValueError("wrong\\nINFO root all is well")
except ValueError as fault:
    logging.getLogger("room").error("fault %s", "one\\ntwo", exc_info=fault)
"""


def run(program: str) -> str:
    """Run a program in a process of its own, because the configuration is the process's."""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True, timeout=30
    )
    return done.stderr


def test_no_line_of_a_log_is_forged_by_what_somebody_typed() -> None:
    [line] = run(FORGED).splitlines()
    written = json.loads(line)
    assert written["event"] == "fault one\ntwo"
    assert "wrong\nINFO root all is well" in written["exception"]


def test_a_fault_is_logged_without_the_values_at_hand() -> None:
    said = run(FAULT)
    line = json.loads(said)
    assert line["exception"][0]["frames"][-1]["name"] == "sign_in"
    assert "horse" not in said
    assert "locals" not in said
