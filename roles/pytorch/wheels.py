"""The wheels of a stack on the controller, each fetched once for all boxes that want it.

A program of its own, `python -m roles.pytorch.wheels`, told in JSON what is wanted: it takes its
time without holding up the other boxes of a run.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from roles.pytorch.resolve import NotResolved, Target, Wheel, resolve
from roles.upstream.alone import alone
from roles.upstream.fetch import FetchRefused, fetch
from roles.upstream.lock import Lock, LockRefused
from roles.work import worker

MOST_WHEEL = 16 << 30
PROBLEMS = (FetchRefused, LockRefused, NotResolved)


@dataclass(frozen=True)
class Order:
    """
    What is wanted.

    + stack: its name, which is what the lock calls it by
    + packages: versions by name + index: its address
    + lock: the file of what was found at first use + cache: the folder for what is fetched
    """

    stack: str
    packages: Mapping[str, str]
    index: str
    lock: str
    cache: str


def wheels(order: Order, target: Target, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Work out which they are, and have them here, each as it is recorded."""
    name = f"pytorch/{order.stack}/{target.short}"
    lock, cache = Lock(Path(order.lock)), Path(order.cache) / "wheels"
    cache.mkdir(parents=True, exist_ok=True)
    with alone(cache, lambda: say("another box of this run is fetching wheels")):
        known = lock.known(name) or {}
        work = cache / f".{order.stack}-{target.short}"
        found = resolve(order.packages, order.index, target, known, work)
        lock.record(name, **{one.file: one.sha256 for one in found})
        return [{**asdict(one), **_fetched(one, cache, say)} for one in found]


def _fetched(one: Wheel, cache: Path, say: Callable[[str], None]) -> dict[str, Any]:
    into = cache / one.sha256[:16] / one.file
    there = fetch(one.address, into, sha256=one.sha256, most=MOST_WHEEL, say=say)
    return {"path": str(there.path), "size": there.size}


def _asked(told: dict[str, Any], say: Callable[[str], None]) -> Any:
    return wheels(Order(**told["order"]), Target(**told["target"]), say)


if __name__ == "__main__":
    sys.exit(worker(_asked, PROBLEMS))
