"""One at a time: of two processes, or two boxes of one run, that want the same file."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

POLL_SECONDS = 0.2


@contextmanager
def alone(path: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """
    Hold a file, or a folder that there is; others wait.

    + waiting: called once if it has to be waited for

    It asks again and again: pyinfra runs a fleet's boxes as greenlets of one process, and one that
    waits inside the kernel would keep that which holds the file from ever going on.
    """
    flags = os.O_RDONLY if path.is_dir() else os.O_RDWR | os.O_CREAT
    held = os.open(path, flags | os.O_CLOEXEC, 0o644)
    try:
        told = False
        while not _taken(held):
            if not told:
                waiting()
                told = True
            time.sleep(POLL_SECONDS)
        yield
    finally:
        os.close(held)


def _taken(held: int) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
