"""The wheels of a stack on the controller, each fetched once for all boxes that want it.

A program of its own, `python -m roles.pytorch.wheels`, told in JSON what is wanted: it takes its
time without holding up the other boxes of a run.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from roles.pytorch.order import UPSTREAM, Order
from roles.upstream.fetch import FetchRefused
from roles.upstream.lock import Lock, LockRefused
from roles.upstream.resolve import NotResolved, fetched
from roles.upstream.wheel import Index, Target
from roles.work import worker

PROBLEMS = (FetchRefused, LockRefused, NotResolved)


def wheels(order: Order, target: Target, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Work out which they are, and have them here, each as it is recorded."""
    wanted = [f"{name}=={version}" for name, version in order.packages.items()]
    lock, cache = Lock(Path(order.lock)), Path(order.cache) / "wheels"
    index = Index(UPSTREAM, order.index)
    return fetched(f"pytorch/{order.stack}", wanted, index, target, lock, cache, say)


def _asked(told: dict[str, Any], say: Callable[[str], None]) -> Any:
    return wheels(Order(**told["order"]), Target(**told["target"]), say)


if __name__ == "__main__":
    sys.exit(worker(_asked, PROBLEMS))
