"""The first run, from a box as new to one with its content: regraft, its peers, a plain script.

On light boxes, each as new, in turns. What regraft fetches for itself is on the controller by then,
as the graft's package is for the others: downloads are as slow as the network, whoever asks.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.lab.lab import Lab
from tests.lab.places import cache

from .boxes import own_lab
from .fleet import first_run, settings, target
from .light import light
from .peers import Content, content_of, ways
from .rows import RUNS, Rows

LISTS = "apt-get -qq update"  # the distribution's: as slow as its mirror


def measure(rows: Rows) -> None:
    with (
        own_lab(rows) as lab,
        tempfile.TemporaryDirectory(dir=cache(), prefix="bench-") as folder,
    ):
        content = _content(lab, Path(folder))
        took: dict[str, list[float]] = {}
        for _ in range(RUNS):
            for name in ("regraft", "Ansible", "Mitogen", "plain shell"):
                took.setdefault(name, []).append(_once(name, lab, content, Path(folder)))
        for name, seconds in took.items():
            rows.add(f"native box, first run, {name}", seconds)


def _content(lab: Lab, work: Path) -> Content:
    """What a box has after a run of regraft, of which everything is fetched from then on."""
    data = settings(lab, work)
    with light(lab.image, 1, work) as boxes:
        first_run(boxes, data, work)
        return content_of(target(boxes, data, work), cache() / "controller/grafts")


def _once(name: str, lab: Lab, content: Content, work: Path) -> float:
    data = settings(lab, work)
    with light(lab.image, 1, work) as boxes:
        boxes.ssh(LISTS)
        (way,) = (one for one in ways(target(boxes, data, work), content, work) if one.name == name)
        started = time.monotonic()
        if name == "plain shell":
            boxes.send(Path(str(content["deb"])))
        way.bring()
        seconds = time.monotonic() - started
        way.run()  # which has nothing left to do
    return seconds
