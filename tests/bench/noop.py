"""A run that changes nothing: regraft beside what people would use instead, on one box, in turns.

The box has ROCm and the graft, no PyTorch: what Ansible, Mitogen and a shell script bring as well.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.lab.installed import installed_once
from tests.lab.places import cache
from tests.lab.rocm import AS_IT_WAS

from .boxes import own_lab
from .peers import Target, Way, content_of, floor, lab_target, ways
from .rows import RUNS, Rows

# Each remote command is one of sudo's. What the box asks of upstreams goes over the wire, too.
COUNTERS = (
    "journalctl -q --no-pager _COMM=sudo | grep -c COMMAND=; "
    "cat /sys/class/net/e*/statistics/[rt]x_bytes"
)


def measure(rows: Rows) -> None:
    with own_lab(rows) as lab, tempfile.TemporaryDirectory() as folder:
        target = lab_target(installed_once(lab))
        none = _count(target, lambda: None)  # what counting costs
        for way, seconds in compare(target, Path(folder)):
            rows.add(f"lab box, no-op, {way.name}", seconds)
            commands, wire = _count(target, way.run)
            told = f"{commands - none[0]} remote commands, {wire - none[1]:,} bytes"
            rows.notes.append(f"lab box, no-op, {way.name}: {told}")


def compare(target: Target, work: Path) -> list[tuple[Way, list[float]]]:
    """Each as often as the others, one after the other; the box stays as it is."""
    content = content_of(target, cache() / "controller/grafts")
    all_of_them = [floor(target), *ways(target, content, work)]
    took: dict[str, list[float]] = {one.name: [] for one in all_of_them}
    for one in all_of_them:
        one.run()  # fills caches and regraft's memory; and Ansible brings python3-apt
    before = target.ssh(AS_IT_WAS)
    for _ in range(RUNS):
        for one in all_of_them:
            started = time.monotonic()
            one.run()
            took[one.name].append(time.monotonic() - started)
    differ = set(target.ssh(AS_IT_WAS).splitlines()) ^ set(before.splitlines())
    if differ:
        told = "\n".join(sorted(differ))
        raise SystemExit(f"a run that was to change nothing has changed the box:\n{told}")
    return [(one, took[one.name]) for one in all_of_them]


def _count(target: Target, action: Callable[[], None]) -> tuple[int, int]:
    """Remote commands, and bytes both ways, while this is done."""
    before = _counters(target)
    action()
    after = _counters(target)
    return after[0] - before[0], after[1] - before[1]


def _counters(target: Target) -> tuple[int, int]:
    commands, *wire = map(int, target.ssh(COUNTERS).split())
    return commands, sum(wire)
