"""The first run, from a box as new to one with its content: regraft, its peers, a plain script.

On cells, each as new, in turns. What regraft fetches for itself is on the controller by then, as
the graft's package is for the others: downloads are as slow as the network, whoever asks.
"""

from __future__ import annotations

import shlex
import tempfile
import time
from pathlib import Path

from tests.lab.cell import Cell
from tests.lab.lab import Lab
from tests.lab.places import cache

from .boxes import own_lab
from .fleet import cell, first_run, target
from .peers import Content, content_of, ways
from .rows import RUNS, Rows

# The distribution's lists, as slow as its mirror; and what Ansible needs, which Ubuntu has.
BEFORE = "apt-get -qq update && apt-get -qq install -y --no-install-recommends python3-apt"
COMPARED = ("regraft", "Ansible", "Mitogen", "plain shell")


def measure(rows: Rows) -> None:
    with own_lab(rows) as lab, tempfile.TemporaryDirectory() as folder:
        content = _content(lab, Path(folder))
        took: dict[str, list[float]] = {name: [] for name in COMPARED}
        for _ in range(RUNS):
            for name in COMPARED:
                took[name].append(_once(name, lab, content, Path(folder)))
        for name, seconds in took.items():
            rows.add(f"native box, first run, {name}", seconds)


def _content(lab: Lab, work: Path) -> Content:
    """What a box has after a run of regraft, for which everything is fetched from then on."""
    with cell(lab) as box:
        first_run(box, work)
        return content_of(target(box, work), cache() / "controller/grafts")


def _once(name: str, lab: Lab, content: Content, work: Path) -> float:
    with cell(lab) as box:
        box.ssh(BEFORE)
        (way,) = (one for one in ways(target(box, work), content, work) if one.name == name)
        started = time.monotonic()
        if name == "plain shell":
            _send(Path(str(content["deb"])), box)
        way.bring()
        seconds = time.monotonic() - started
        way.run()  # which has nothing left to do
    return seconds


def _send(file: Path, box: Cell) -> None:
    """Have a file on the box where it is here."""
    path = shlex.quote(str(file))
    box.ssh(f"mkdir -p $(dirname {path}) && cat >{path}", stdin=file.read_bytes())
