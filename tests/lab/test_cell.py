"""Cells: gone back to, and gone without a trace, however the process that made them ends."""

from __future__ import annotations

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
    made = Cell(lab.folder / "own", lab.image)
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


def test_nothing_stays_of_one_whose_maker_was_killed(lab: Lab, cell: Cell | None) -> None:
    if cell is None:
        pytest.skip("this machine makes no cells")
    folder = lab.folder / "orphan"
    words = [sys.executable, "-c", MADE, str(folder), str(lab.image.folder)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as maker:
        assert maker.stdout
        assert maker.stdout.readline() == "made\n"
        inside = int((folder / "pid").read_text())
        maker.send_signal(signal.SIGKILL)
    until = time.monotonic() + 60
    while not ended(inside):
        assert time.monotonic() < until
        time.sleep(0.02)
    assert not list(folder.glob("changed/**/begun"))
    assert str(folder) not in Path("/proc/mounts").read_text()
    assert not _holds(folder)


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
