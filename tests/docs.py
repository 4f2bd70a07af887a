"""Write what the documentation holds of the code and of the lab: python -m tests.docs

The table of settings from the code, and the pictures from the reports that `make lab` left.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from roles import settings

DOCS = Path(__file__).resolve().parents[1] / "docs"
ABOVE_THE_TABLE = """# Settings

Host data, in an inventory or its group data: [inventories/example.py](../inventories/example.py)
shows where. `make docs` writes this page from the code.

"""
PICTURES = {"preflight.svg": "reports/lab.json"}


def main() -> None:
    """Write all of it."""
    (DOCS / "settings.md").write_text(ABOVE_THE_TABLE + settings.table() + "\n")
    for picture, report in PICTURES.items():
        draw = [sys.executable, "-m", "roles.report", report, "--svg", str(DOCS / picture)]
        subprocess.run(draw, cwd=DOCS.parent, check=True)


if __name__ == "__main__":
    main()
