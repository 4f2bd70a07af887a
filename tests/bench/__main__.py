"""What things cost: python -m tests.bench [boxes] [noop] [first] [fleet] [graft], or all of it."""

from __future__ import annotations

import argparse
import os

from tests.bench import boxes, first, fleet, graft, noop, page
from tests.bench.rows import Rows

PARTS = {
    "boxes": boxes.measure,
    "noop": noop.measure,
    "first": first.measure,
    "fleet": fleet.measure,
    "graft": graft.measure,  # last: it takes a gigabyte, and what it begins later seems to as well
}


def parts(words: list[str] | None = None) -> list[str]:
    """Those that the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("part", nargs="*", help=f"of {', '.join(PARTS)}; none: all")
    asked: list[str] = parser.parse_args(words).part  # argparse's own choices refuse to have none
    unknown = [part for part in asked if part not in PARTS]
    if unknown:
        parser.error(f"there is no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    return asked or list(PARTS)


def main() -> None:
    asked = parts()
    # a user's Python keeps what it has compiled, a machine for tests may forbid it
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    rows = Rows()
    for part in asked:
        PARTS[part](rows)
    rows.show()
    if asked == list(PARTS):
        page.write(rows)


if __name__ == "__main__":
    main()
