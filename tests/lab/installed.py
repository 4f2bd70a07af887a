"""A box with ROCm, and with everything: installed once for what it is made of, and kept.

To install ROCm takes two minutes under emulation. Whoever wants such a box gets a copy of the disk,
in which two snapshots lie, and has it moved to its own mirror's address.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path

from . import card, machine
from .amd import amd
from .arch import arch
from .box import Box
from .cell import Cell
from .grafts import TREE
from .image import only_one
from .lab import Lab, join
from .need import LabError
from .places import CHECKOUT
from .runs import run

LISTED, ROCM, INSTALLED = "listed", "rocm", "installed"
RUNS = {ROCM: "deploy/rocm.py", INSTALLED: "deploy/mi50.py"}
LOCK = "regraft.lock.toml"

# The address of the mirror is in apt's sources and in the names of its lists. At the end apt makes
# its cache anew, for later looks to find.
MOVE = """
sed -i 's|127.0.0.1:{old}/|127.0.0.1:{new}/|' /etc/apt/sources.list.d/regraft-amd.sources
cd /var/lib/apt/lists
for list in 127.0.0.1:{old}_*; do mv "$list" "127.0.0.1:{new}_${{list#127.0.0.1:{old}_}}"; done
apt-get -qq check
sync
"""


def installed_once(lab: Lab) -> Box:
    """Such a box of this lab's own, at the last of the snapshots."""
    folder = lab.image.folder / f"installed-{_made_of(lab)}"
    with only_one(folder):
        if not (folder / "port").exists():
            _install(lab, folder)
        box = lab.made_of(folder / "disk.qcow2", INSTALLED)
        shutil.copy(folder / LOCK, box.folder / LOCK)
    old = int((folder / "port").read_text())
    for label in RUNS:
        lab.back(box, label)
        if lab.mirror and lab.mirror != old:
            join(box, lab.mirror)
            box.ssh(MOVE.format(old=old, new=lab.mirror))
            box.snapshot(label)
    return box


def bring_all(cell: Cell) -> None:
    """Give a cell the distribution's lists, ROCm, everything."""
    cell.ssh("apt-get update -q")
    cell.snapshot(LISTED)
    _run_all(cell, "cell")


@cache
def undone(lab: Lab, box: Box) -> str:
    """All that is left when what everything has brought is taken away: of a box with both."""
    lab.back(box, INSTALLED)
    with tempfile.TemporaryDirectory() as reports:
        outcome = run("deploy/undo.py", box, reports=Path(reports))
    if outcome.status:
        raise LabError(f"deploy/undo.py failed:\n{outcome.said}")
    return box.ssh(TREE).stdout


def _install(lab: Lab, into: Path) -> None:
    for earlier in into.parent.glob("installed-*"):
        if earlier != into:
            shutil.rmtree(earlier, ignore_errors=True)
    box = lab.box(INSTALLED)
    _run_all(box, "box")
    box.kill()
    lab.boxes.remove(box)
    shutil.copy(box.folder / LOCK, into / LOCK)
    (box.folder / "disk.qcow2").replace(into / "disk.qcow2")
    (into / "port").write_text(str(lab.mirror))  # last: a half is not taken for a whole


def _run_all(box: Box, called: str) -> None:
    with tempfile.TemporaryDirectory() as reports:
        for label, deploy in RUNS.items():
            outcome = run(deploy, box, reports=Path(reports))
            if outcome.status:
                raise LabError(f"{deploy} failed on a fresh {called}:\n{outcome.said}")
            box.snapshot(label)


def _made_of(lab: Lab) -> str:
    """Everything that such a box depends on, as a name."""
    told = [machine.key(lab.image, lab.acceleration), str(amd().root), str(arch().root)]
    told += [card.digest(), json.dumps(RUNS), Path(__file__).read_text()]
    found = hashlib.sha256("\n".join(told).encode())
    for path in sorted(path for name in ("roles", "deploy", "patches") for path in _files(name)):
        found.update(str(path.relative_to(CHECKOUT)).encode() + path.read_bytes())
    return found.hexdigest()[:12]


def _files(folder: str) -> list[Path]:
    return [
        path
        for path in (CHECKOUT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
