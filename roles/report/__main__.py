"""Show a report that a run kept: python -m roles.report reports/lab.json [--svg FILE] [--json]."""

from __future__ import annotations

import argparse
import io
import re
import sys
from pathlib import Path

from rich.console import Console

from roles.report.box import read
from roles.report.text import WIDTH, Page, screen


def main() -> int:
    """Print the report, or draw it."""
    parser = argparse.ArgumentParser(prog="python -m roles.report", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--svg", type=Path, help="draw it into this file")
    parser.add_argument("--json", action="store_true", help="print it as it was kept")
    wanted = parser.parse_args()
    if not wanted.file.is_file():
        print(f"no report at {wanted.file}. Next: make lab, or run a deploy", file=sys.stderr)
        return 2
    if wanted.json:
        print(wanted.file.read_text())
        return 0
    report = read(wanted.file)
    if wanted.svg:
        console = Console(record=True, width=WIDTH, file=io.StringIO())
        console.print(Page(report))
        drawn = console.export_svg(title=f"regraft: {report.box}")
        # no fonts from somewhere else: a picture has to be whole without a network
        wanted.svg.write_text(re.sub(r"@font-face {.*?}\s*", "", drawn, flags=re.DOTALL))
        return 0
    screen().print(Page(report))
    return 0


if __name__ == "__main__":
    sys.exit(main())
