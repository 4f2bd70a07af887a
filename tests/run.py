"""Run the parts of the test suite one after the other, and say at the end what each took.

Usage: python -m tests.run lint types unit faults lab
"""

from __future__ import annotations

import subprocess
import sys
import time

OUR_ORDER = ("--no-loadscope-reorder", "--durations=15")  # tests/lab/conftest.py has it
PYTEST = [sys.executable, "-m", "pytest", "-q", "-n", "2"]  # workers: one a core
PARTS: dict[str, list[list[str]]] = {
    "lint": [
        [sys.executable, "-m", "ruff", "check", "."],
        [sys.executable, "-m", "ruff", "format", "--check", "."],
    ],
    "types": [[sys.executable, "-m", "mypy"]],
    "unit": [[*PYTEST, "tests/unit"]],
    "faults": [[*PYTEST, "tests/faults"]],
    "lab": [[*PYTEST, "-vv", "--dist", "loadgroup", *OUR_ORDER, "tests/lab"]],
}


def main() -> int:
    """Run what is named, stop at the first part that fails."""
    took: list[tuple[str, float, str]] = []
    failed = False
    for part in sys.argv[1:]:
        print(f"==> {part}", flush=True)
        started = time.monotonic()
        failed = any(subprocess.run(command, check=False).returncode for command in PARTS[part])
        took.append((part, time.monotonic() - started, "failed" if failed else "passed"))
        if failed:
            break
    print("\npart      seconds")
    for part, seconds, result in took:
        print(f"{part:<9} {seconds:7.1f}  {result}")
    print(f"{'in all':<9} {sum(seconds for _, seconds, _ in took):7.1f}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
