"""All that a build needs, on the controller: source, LLVM and tools, each fetched once and checked.

A program of its own, `python -m roles.triton.obtain`, told in JSON what is wanted: it takes its
time without holding up the other boxes of a run.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

from roles.triton.checkout import CheckoutRefused, checkout
from roles.triton.order import Order
from roles.triton.source import Source, llvm_file
from roles.upstream.fetch import FetchRefused, Say, fetch
from roles.upstream.lock import Lock, LockRefused
from roles.upstream.resolve import NotResolved, fetched
from roles.upstream.wheel import Index, Target
from roles.work import worker

LLVM, TOOLS = "triton-llvm", "python-packages"
# What Triton's own python/requirements.txt asks for, and `packaging` for those of its set-up
WANTED = ("setuptools>=40.8", "wheel", "cmake>=3.20,<4", "ninja>=1.11.1", "pybind11>=2.13.1")
MOST_LLVM = 8 << 30
PROBLEMS = (CheckoutRefused, FetchRefused, LockRefused, NotResolved)


def obtain(order: Order, target: Target, say: Say) -> dict[str, Any]:
    """Have it all here: where each is, and the sha256 that it has."""
    source, lock, cache = order.source, Lock(Path(order.lock)), Path(order.cache) / "triton"
    name = f"triton/{source.version}"
    known = str((lock.known(name) or {}).get("commit", ""))
    if not known.startswith(source.commit):
        known = ""  # another commit is wanted now, which `record` judges
    base = order.addresses[source.upstream]
    tree = checkout(source, base, known, cache / "sources", say)
    lock.record(name, commit=tree.commit, llvm=tree.llvm)
    llvm = _llvm(order, tree.llvm, target, say)
    tools = fetched(
        "triton/tools",
        WANTED,
        Index(TOOLS, order.addresses[TOOLS]),
        target,
        lock,
        Path(order.cache) / "wheels",
        say,
    )
    return {"source": _file(tree.archive), "llvm": llvm, "tools": tools}


def _llvm(order: Order, llvm: str, target: Target, say: Say) -> dict[str, Any]:
    lock, file = Lock(Path(order.lock)), llvm_file(llvm, target.glibc)
    name = f"llvm/{file}"
    wanted = order.llvm_sha256 or str((lock.known(name) or {}).get("sha256", ""))
    into = Path(order.cache) / "triton" / "llvm" / file
    address = f"{order.addresses[LLVM].rstrip('/')}/{file}"
    there = fetch(address, into, sha256=wanted, most=MOST_LLVM, say=say)
    lock.record(name, sha256=there.sha256)
    return {"path": str(there.path), "sha256": there.sha256, "size": there.size}


def _file(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"path": str(path), "sha256": digest, "size": path.stat().st_size}


def _asked(told: dict[str, Any], say: Say) -> Any:
    order = {**told["order"], "source": Source(**told["order"]["source"])}
    return obtain(Order(**order), Target(**told["target"]), say)


if __name__ == "__main__":
    sys.exit(worker(_asked, PROBLEMS))
