"""The lab: boxes resumed from one booted snapshot, with the cards that a data file names."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

from . import card, machine
from .box import Box, end
from .cell import Cell
from .image import Image, image, only_one
from .modules import NAMES, modules
from .need import LabError
from .pack import packed
from .places import cache, need_space

READY = "ready"
GUEST = "usr/lib/regraft-lab"
CARDS = "lib/firmware/regraft-lab/cards"


class Lab:
    """The boxes of one owner, below one folder; closing it leaves none running.

    + mirror: a port on loopback that each of them can reach
    + settings: host data that each of them gets
    """

    def __init__(self, folder: Path, mirror: int | None = None, **settings: Any) -> None:
        sweep(cache() / "boxes")
        self.folder = folder
        self.mirror = mirror
        self.settings = settings
        self.image: Image = image()
        self.template, self.acceleration = ready(self.image)
        self.boxes: list[Box] = []

    def box(self, name: str = "lab", cards: str = "mi50", port: int | None = None) -> Box:
        """A fresh box, booted, with its cards in; it takes the place of one with the same name."""
        box = self.made_of(self.template, name)
        box.start(self.acceleration, resume=READY, port=port)
        plug(box, card.tree(cards))
        if self.mirror:
            join(box, self.mirror)
        return box

    def made_of(self, disk: Path, name: str) -> Box:
        """A box, off, with a copy of this disk; it takes the place of one with the same name."""
        need_space(self.folder, 2, "a lab box")
        folder = self.folder / name
        end(folder)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        copy = ["cp", "--reflink=auto", str(disk), str(folder / "disk.qcow2")]
        subprocess.run(copy, check=True)
        box = Box(folder, self.image)
        self.boxes.append(box)
        box.set(**self.settings)
        return box

    def cell(self, name: str, count: int = 1) -> Cell:
        """A fresh cell. LabError where this machine makes none. + count: of its ports"""
        cell = Cell(self.folder / name, self.image, count)
        self.boxes.append(cell)
        cell.set(**self.settings)
        return cell

    def twin(self, box: Box, name: str) -> Box:
        """Another one, with all that this one has kept; it takes that to be started."""
        if not isinstance(box, Cell):
            box.kill()
            return self.made_of(box.folder / "disk.qcow2", name)
        other = self.cell(name)
        other.keep_as(box)
        return other

    def back(self, box: Box, label: str) -> Box:
        """
        A box as it was at a snapshot, while the others are off: each takes memory, and even one
        that idles takes a tenth of a processor under emulation.
        """
        for other in self.boxes:
            if other is not box and other.running:
                other.kill()
        if box.running:
            box.restore(label)
        else:
            box.start(self.acceleration, resume=label)
        return box

    def close(self) -> None:
        """End its boxes."""
        for box in self.boxes:
            box.remove()
        shutil.rmtree(self.folder, ignore_errors=True)


def join(box: Box, port: int) -> None:
    """Have the box reach a port of this machine's loopback on its own, under the same address.

    What the controller and the box both ask for then has one address, as it has in reality.
    """
    name, folder = f"regraft-lab-mirror-{port}", "etc/systemd/system"
    wants = f"/{folder}/sockets.target.wants"
    files = {
        f"{folder}/{name}.socket": f"[Socket]\nListenStream=127.0.0.1:{port}\n",
        f"{folder}/{name}.service": "[Service]\n"
        f"ExecStart=/usr/lib/systemd/systemd-socket-proxyd 10.0.2.2:{port}\n",
    }
    steps = (  # systemd reads a unit of a new name by itself: to read all anew takes it seconds
        "systemctl stop -q 'regraft-lab-mirror-*.socket' 'regraft-lab-mirror-*.service'",
        f"rm -f /{folder}/regraft-lab-mirror-* {wants}/regraft-lab-mirror-*",
        "tar -C / --no-overwrite-dir -xf -",
        f"mkdir -p {wants} && ln -sf /{folder}/{name}.socket {wants}/",
        f"systemctl start -q {name}.socket",
    )
    box.ssh(" && ".join(steps), stdin=packed({path: text.encode() for path, text in files.items()}))


def passing() -> Path:
    """A folder for boxes that are to end with this process; `sweep` ends them if it is killed."""
    return cache() / "boxes" / f"test-{os.getpid()}"


def sweep(boxes: Path) -> None:
    """End what nobody will come back for: QEMU does not die with the process that started it.

    A folder is named for its owner: `test-` a process, `lab-` a checkout, whose path is in it.
    """
    with only_one(boxes):  # of two runs that begin at once, one does it
        _sweep(boxes)


def _sweep(boxes: Path) -> None:
    for folder in boxes.glob("test-*"):
        if not Path(f"/proc/{folder.name.partition('-')[2]}").exists():
            for box in folder.iterdir():
                end(box)
            shutil.rmtree(folder, ignore_errors=True)
    for owner in boxes.glob("lab-*/checkout"):
        if not Path(owner.read_text()).exists():
            end(owner.parent)
            shutil.rmtree(owner.parent, ignore_errors=True)


def plug(box: Box, tree: bytes, driver: bool = True) -> None:
    """Put cards into a running box, in the place of those that are in.

    + driver: whether the stand-in driver comes with them, or only the hardware
    """
    built = modules(box.image)
    modules_in = {f"{GUEST}/{name}": (built / name).read_bytes() for name in NAMES}
    if not driver:
        del modules_in[f"{GUEST}/amdgpu.ko"]
    steps = (  # a box from the common snapshot also has no name of its own yet
        f"hostname {box.name}",
        f"echo {box.name} >/etc/hostname",
        f"sed -i 's/^127.0.1.1 .*/127.0.1.1 {box.name}/' /etc/hosts",
        f"rm -f /{GUEST}/*.ko",
        "tar -C / --no-overwrite-dir -xf -",
        f"sh /{GUEST}/plug",
        "sync",
    )
    box.ssh(" && ".join(steps), stdin=packed({CARDS: tree, **modules_in}))


def ready(image: Image) -> tuple[Path, str]:
    """The disk with a booted machine's snapshot in it, and the acceleration that it runs under.

    Whether this host's KVM boots a guest is found out here, by booting one, and remembered.
    """
    with only_one(image.folder):
        for acceleration in machine.candidates():
            path = image.folder / f"ready-{machine.key(image, acceleration)}.qcow2"
            if path.exists():
                return path, acceleration
            try:
                _boot(image, path, acceleration)
            except LabError as problem:
                if acceleration == "tcg":
                    raise
                why = str(problem).splitlines()[0]
                print(f"==> no KVM here, going on under emulation ({why})", flush=True)
                machine.remember("tcg", why)
                continue
            machine.remember(acceleration, "a guest booted with it")
            return path, acceleration
    raise AssertionError("the last candidate either boots or raises")


def _boot(image: Image, path: Path, acceleration: str) -> None:
    print(f"==> booting the lab's image once ({acceleration})", flush=True)
    started = time.monotonic()
    box = Box(passing() / "first", image)
    box.folder.mkdir(parents=True)
    try:
        disk = box.folder / "disk.qcow2"
        create = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", str(image.disk)]
        subprocess.run([*create, str(disk)], check=True)
        box.start(acceleration)
        booted = time.monotonic() - started
        box.ssh(
            "systemctl is-system-running --wait >/dev/null; sync; echo 3 >/proc/sys/vm/drop_caches"
        )
        box.snapshot(READY)
        box.kill()
        disk.replace(path)
        print(f"==> booted in {booted:.0f} s; from now on boxes resume from here", flush=True)
    finally:
        box.remove()
