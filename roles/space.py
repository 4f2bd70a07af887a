"""Whether what is to come fits onto a box's disks, of which several may be one. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable


def lacking(space: Iterable[tuple[str, int]], needs: Iterable[int]) -> str:
    """
    Where it does not fit, with the figures; empty: it does.

    + space: a file system and its free bytes for each of the needs
    """
    places = list(space)
    free, wanted = dict(places), Counter[str]()
    for (where, _), need in zip(places, needs, strict=True):
        wanted[where] += need
    for where, need in wanted.items():
        if free[where] < need:
            return f"{need / 1e9:.1f} GB of {where}, and {free[where] / 1e9:.1f} GB are free"
    return ""
