"""A run that changes nothing: regraft beside what people would use instead, on one box, in turns.

The box has ROCm and the graft, no PyTorch: what Ansible, Mitogen and a shell script bring as well.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.lab.box import Box
from tests.lab.installed import installed_once
from tests.lab.lab import Lab
from tests.lab.places import cache
from tests.lab.rocm import AS_IT_WAS

from .boxes import own_lab
from .peers import Way, floor, ways
from .rows import RUNS, Rows

# Each remote command is one of sudo's. What the box asks of upstreams goes over the wire, too.
COUNTERS = (
    "journalctl -q --no-pager _COMM=sudo | grep -c COMMAND=; "
    "cat /sys/class/net/e*/statistics/[rt]x_bytes"
)


@dataclass(frozen=True)
class Cost:
    """+ seconds: of each run + commands, bytes: of one more, both ways"""

    name: str
    seconds: list[float]
    commands: int
    bytes: int


def measure(rows: Rows) -> None:
    with own_lab(rows) as lab, tempfile.TemporaryDirectory() as folder:
        for cost in compare(lab, Path(folder)):
            rows.add(f"no-op: {cost.name}", cost.seconds)
            rows.notes.append(
                f"no-op, {cost.name}: {cost.commands} remote commands, {cost.bytes:,} bytes"
            )


def compare(lab: Lab, work: Path) -> list[Cost]:
    """Each as often as the others, one after the other; the box stays as it is."""
    box = installed_once(lab)
    all_of_them = [floor(box), *ways(box, work, cache() / "controller/grafts")]
    before = box.ssh(AS_IT_WAS).stdout
    took: dict[str, list[float]] = {one.name: [] for one in all_of_them}
    for one in all_of_them:
        one.run()  # which fills caches, and regraft's memory of what to ask
    for _ in range(RUNS):
        for one in all_of_them:
            started = time.monotonic()
            one.run()
            took[one.name].append(time.monotonic() - started)
    costs = [_counted(box, one, took[one.name]) for one in all_of_them]
    if box.ssh(AS_IT_WAS).stdout != before:
        raise SystemExit("a run that was to change nothing has changed the box")
    return costs


def _counted(box: Box, way: Way, seconds: list[float]) -> Cost:
    """One run more, counted on the box."""
    none = _count(box, lambda: None)
    commands, wire = _count(box, way.run)
    return Cost(way.name, seconds, commands - none[0], wire - none[1])


def _count(box: Box, action: Callable[[], None]) -> tuple[int, int]:
    before = _counters(box)
    action()
    after = _counters(box)
    return after[0] - before[0], after[1] - before[1]


def _counters(box: Box) -> tuple[int, int]:
    commands, *wire = map(int, box.ssh(COUNTERS, check=False).stdout.split())
    return commands, sum(wire)
