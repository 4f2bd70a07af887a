"""What things cost: python -m tests.bench [graft] [boxes] [noop] [first] [fleet], or all of it."""

from __future__ import annotations

import argparse
import os

from tests.bench import boxes, first, fleet, graft, noop, page
from tests.bench.rows import Rows

PARTS = {
    "graft": graft.measure,
    "boxes": boxes.measure,
    "noop": noop.measure,
    "first": first.measure,
    "fleet": fleet.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("part", nargs="*", choices=PARTS)
    asked = parser.parse_args().part or list(PARTS)
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
