"""A run that is cut off, at spread moments of fetching, building, sending and installing.

Each moment is a condition that is waited for, not a time: it comes whatever the machine's speed.
"""

from __future__ import annotations

import shlex
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .box import Box
from .grafts import LIBRARY, graft, seen, whole
from .lab import Lab
from .mirror import Mirror, Slow
from .runs import kill, start

IDLE = "while pgrep -x 'apt-get|dpkg|dpkg-deb' >/dev/null; do sleep 0.1; done"


def grown(pattern: str, size: int) -> Callable[[Path], bool]:
    """Whether a file of the controller's cache has at least this size."""
    return lambda cache: any(path.stat().st_size >= size for path in cache.glob(pattern))


FETCHING = [grown("donors/*/*.part", size << 20) for size in (0, 1, 3, 5, 8)]
BUILDING = [
    lambda cache: any(cache.glob("donors/*/*-gfx906")),
    *(grown("grafts/*.data", size << 20) for size in (0, 2, 6)),
    lambda cache: any(cache.glob("grafts/*.deb")),
]
SENT = "sum(map(os.path.getsize, glob('/tmp/pyinfra*') + glob('/var/cache/regraft/*')))"
SENDING = [f"{SENT} > {size}" for size in (100_000, 2 << 20, 5 << 20, 8 << 20)]
INSTALLING = [
    "os.path.exists('/var/lib/dpkg/tmp.ci/control')",
    *(f"len(glob('{LIBRARY}/*.dpkg-new')) > {count}" for count in (0, 40, 100, 140)),
    f"os.path.exists('{LIBRARY}/TensileLibrary_lazy_gfx906.dat')",
]
# On the box, from before the run begins: what has to be seen is there for a tenth of a second.
WATCH = """
import os, time
from glob import glob
print('watching', flush=True)
while True:
    try:
        if {moment}:
            break
    except FileNotFoundError:
        pass
    time.sleep(0.002)
"""


def cut_off_here(
    box: Box, reports: Path, own: dict[str, str], come: Callable[[Path], bool]
) -> bool:
    """Kill a run when this has come; whether it came before the run was over."""
    process = begun(box, reports, own)
    while process.poll() is None:
        if come(Path(own["upstream_cache"])):
            kill(process)
            return True
        time.sleep(0.002)  # a whole processor for looking would slow down what is looked at
    process.communicate()
    return False


def cut_off_there(box: Box, reports: Path, own: dict[str, str], come: str) -> bool:
    """The same, for what comes on the box."""
    watch = [*box.ssh_command(), f"timeout 300 python3 -c {shlex.quote(WATCH.format(moment=come))}"]
    with subprocess.Popen(watch, stdout=subprocess.PIPE, text=True) as watching:
        assert watching.stdout
        watching.stdout.readline()
        process = begun(box, reports, own)
        while process.poll() is None and watching.poll() is None:
            time.sleep(0.01)
        came = watching.poll() == 0 and process.poll() is None
        kill(process)
        watching.kill()
    return came


def begun(box: Box, reports: Path, own: dict[str, str]) -> subprocess.Popen[str]:
    data = [word for item in own.items() for word in ("--data", "=".join(item))]
    return start("deploy/graft.py", box, reports=reports, arguments=tuple(data))


def healed(box: Box, reports: Path, own: dict[str, str]) -> None:
    outcome = graft(box, reports, **own)
    assert outcome.status == 0, outcome.said
    assert whole(box)
    assert seen(box) > 100
    assert graft(box, reports, **own).unchanged


@pytest.fixture
def own(tmp_path: Path) -> dict[str, str]:
    """A controller's cache and lock of this test's own."""
    return {"upstream_cache": str(tmp_path / "cache"), "upstream_lock": str(tmp_path / "lock.toml")}


def test_a_run_that_is_killed_on_the_controller_leaves_the_box_as_it_was_and_the_next_heals(
    quick: Box, mirror: Mirror, own: dict[str, str], tmp_path: Path
) -> None:
    mirror.misbehave("packages/*.zst", Slow(4 << 20))
    cut = [cut_off_here(quick, tmp_path, own, moment) for moment in FETCHING]
    mirror.behave()
    cut += [cut_off_here(quick, tmp_path, own, moment) for moment in BUILDING]
    assert sum(cut) >= 7, cut
    assert quick.ssh(f"ls {LIBRARY} | grep -c gfx906; true").stdout == "0\n"
    healed(quick, tmp_path, own)


def test_a_run_that_is_killed_while_the_box_works_leaves_all_or_nothing_and_the_next_heals(
    quick: Box, own: dict[str, str], tmp_path: Path
) -> None:
    cut = []
    for moment in (*SENDING, *INSTALLING):
        if seen(quick):
            quick.restore("rocm")
        cut.append(cut_off_there(quick, tmp_path, own, moment))
        quick.ssh(IDLE)
        assert not seen(quick) or whole(quick)
    assert sum(cut) >= 7, cut
    healed(quick, tmp_path, own)


def test_a_power_cut_leaves_all_or_nothing_and_the_next_run_heals(
    lab: Lab, rocm: Box, own: dict[str, str], tmp_path: Path
) -> None:
    cut = []
    for moment in INSTALLING[1::2]:  # a boot each takes its time
        cut.append(cut_off_there(rocm, tmp_path, own, moment))
        rocm.kill()
        rocm.start(lab.acceleration)
        assert not seen(rocm) or whole(rocm)
    assert any(cut)
    healed(rocm, tmp_path, own)
