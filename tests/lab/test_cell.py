"""Cells: gone back to, and gone without a trace, however the process that made them ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import cell as cells
from .box import ended
from .cell import Cell
from .lab import Lab
from .need import LabError

GROUPS = Path("/sys/fs/cgroup")
CAP_NET_ADMIN = 12
MADE = """
import sys
from pathlib import Path
from tests.lab.cell import Cell
from tests.lab.image import Image
cell = Cell(Path(sys.argv[1]), Image(Path(sys.argv[2])))
cell.ssh("sleep 600 >/dev/null 2>&1 </dev/null & touch /etc/begun")
print("made", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def own(lab: Lab, cell: Cell | None) -> Iterator[Cell]:
    """One of this test's own."""
    if cell is None:
        pytest.skip("this machine makes no cells")
    made = lab.cell("own")
    yield made
    made.remove()


def test_going_back_undoes_what_came_after_and_keeps_what_came_before(own: Cell) -> None:
    own.ssh("echo one >/etc/kept; rm /etc/hosts")
    own.snapshot("one")
    own.ssh("echo two >/etc/kept; touch /etc/more; mkdir /etc/hosts")
    own.snapshot("two")
    own.restore("one")
    assert own.ssh("cat /etc/kept; ls -d /etc/more /etc/hosts", check=False).stdout == "one\n"
    own.restore("two")
    assert own.ssh("cat /etc/kept; ls -d /etc/more /etc/hosts").stdout.split() == [
        "two",
        "/etc/hosts",
        "/etc/more",
    ]


def test_its_processes_end_when_it_is_kept(own: Cell) -> None:
    own.ssh("nohup sleep 600 >/dev/null 2>&1 </dev/null &")
    assert own.ssh("pgrep -x sleep").stdout
    own.snapshot("here")
    assert own.ssh("pgrep -x sleep", check=False).stdout == ""


def test_another_begins_as_this_one_was_kept_and_goes_its_own_way(own: Cell, lab: Lab) -> None:
    own.ssh("echo both >/etc/kept")
    own.snapshot("here")
    other = lab.twin(own, "own-twin")
    other.start(lab.acceleration, resume="here")
    other.ssh("echo other >>/etc/kept")
    assert other.ssh("cat /etc/kept").stdout == "both\nother\n"
    assert own.ssh("cat /etc/kept").stdout == "both\n"
    other.remove()


def test_what_outgrows_its_memory_there_is_ended_by_systemd(own: Cell) -> None:
    more = "systemd-run --wait -q -p MemoryMax=50M python3 -c 'bytearray(200 << 20)'"
    assert own.ssh(more, check=False).returncode
    assert own.ssh(more.replace("50M", "500M"), check=False).returncode == 0


def test_it_has_no_right_to_set_up_this_machines_network(own: Cell) -> None:
    rights = own.ssh("sed -n 's/^CapBnd:\t//p' /proc/1/status").stdout
    assert not int(rights, 16) & 1 << CAP_NET_ADMIN


def test_nothing_stays_of_one_whose_maker_was_killed(lab: Lab, cell: Cell | None) -> None:
    if cell is None:
        pytest.skip("this machine makes no cells")
    folder = lab.folder / "orphan"
    words = [sys.executable, "-c", MADE, str(folder), str(lab.image.folder)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as maker:
        assert maker.stdout
        assert maker.stdout.readline() == "made\n"
        inside = int((folder / "pid").read_text())
        port = str(json.loads((folder / "box.json").read_text())["port"])
        maker.send_signal(signal.SIGKILL)
    until = time.monotonic() + 60
    while not ended(inside):
        assert time.monotonic() < until
        time.sleep(0.02)
    assert not list(folder.glob("changed/**/begun"))
    assert str(folder) not in Path("/proc/mounts").read_text()
    assert not _holds(folder)
    assert not [path for path in GROUPS.glob("**/regraft-cell-*") if path.name.endswith(port)]


def _holds(folder: Path) -> list[str]:
    """Processes that have their root in there."""
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(one / "root").startswith(str(folder)):
                found.append(one.name)
        except OSError:
            continue
    return found


def test_a_machine_that_makes_none_says_so(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "UNSHARED", ["sh", "-c", "echo no namespaces >&2; exit 1"])
    with pytest.raises(LabError, match="makes no cells for tests: no namespaces"):
        Cell(lab.folder / "none", lab.image)
