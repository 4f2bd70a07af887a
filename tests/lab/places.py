"""Where the lab keeps its things on the controller: nothing in the checkout, all in one cache."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from .need import LabError

CHECKOUT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent


def cache() -> Path:
    """The lab's folder: REGRAFT_CACHE, else below the user's cache folder."""
    named = os.environ.get("REGRAFT_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return (Path(named) if named else Path(base) / "regraft").resolve()


def box_folder() -> Path:
    """This checkout's own box, the one that `make lab` brings up: two checkouts do not share it."""
    checkout = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:8]
    return cache() / "boxes" / f"lab-{checkout}"


def need_space(folder: Path, gibibytes: float, purpose: str) -> None:
    """Stop before a disk fills, not after."""
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free / 2**30
    if free < gibibytes:
        raise LabError(
            f"{purpose} needs {gibibytes:g} GiB in {folder}, {free:.1f} GiB are free. "
            "Next: free some, or REGRAFT_CACHE=/another/disk make lab"
        )
