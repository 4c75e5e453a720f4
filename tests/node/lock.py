"""Takes addresses out of the lock of npm: hashes say what a package is, the machine where it lies."""

import json
from pathlib import Path

LOCK = Path(__file__).parent / "package-lock.json"


def main() -> None:
    """Write the lock anew, without addresses."""
    lock = json.loads(LOCK.read_text("utf-8"))
    for package in lock["packages"].values():
        for key in ("resolved", "funding"):
            package.pop(key, None)
    LOCK.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
