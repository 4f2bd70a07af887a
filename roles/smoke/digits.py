"""The digits that mnist learns, on the controller, fetched once for all boxes.

A program of its own, `python -m roles.smoke.digits`, told in JSON what is wanted: it takes its time
without holding up the other boxes of a run.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from roles.smoke.order import Digits
from roles.upstream.fetch import FetchRefused, Say, fetch
from roles.work import worker

MOST = 32 << 20  # bytes


def _told(told: dict[str, Any], say: Say) -> dict[str, str]:
    """Have them here. Gives the path of each by its name."""
    digits = Digits(**told)
    into, base = Path(digits.cache) / "digits", digits.address.rstrip("/")
    found = {}
    for name, sha256 in digits.sha256.items():
        path = into / sha256[:16] / name
        found[name] = str(fetch(f"{base}/{name}", path, sha256=sha256, most=MOST, say=say).path)
    return found


if __name__ == "__main__":
    sys.exit(worker(_told, (FetchRefused,)))
