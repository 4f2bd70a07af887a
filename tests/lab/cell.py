"""A cell: a box without a machine of its own, the lab's root as systemd-nspawn boots it.

Real systemd, sshd, sudo, apt and dpkg, at this machine's own speed, many times that of an emulated
box. No kernel of its own, no card, no power to cut, no network to set up, and no other disk than
this machine's: whoever needs one of these takes a box.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

from .box import Box, free_port
from .image import Image
from .need import LabError, root
from .places import HERE

SCRIPT = HERE / "cell.sh"
UNSHARED = ["unshare", "--mount", "--mount-proc", "--pid", "--fork", "--kill-child=KILL"]
NEW = ""

# What a run is told of a cell, beside what every lab box has.
SETTINGS: dict[str, Any] = {
    "preflight_accept": dict.fromkeys(("cards", "driver"), "a cell of the lab"),
    "preflight_free_gib": 1,
}


class Cell(Box):
    """
    One, or many that share a root and differ by their ports. It ends with the process that made it.

    + count: of its ports
    """

    def __init__(self, folder: Path, image: Image, count: int = 1) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(folder, image)
        self.ports = _free(count)
        self._kept: dict[str, str] = {NEW: ""}  # by label: the layers below, in overlay's words
        self._state(port=self.ports[0], image=str(image.folder))
        self.set(**SETTINGS)
        self.known_hosts.write_text(
            "".join(f"[127.0.0.1]:{port} {image.host_key}\n" for port in self.ports)
        )
        told = [str(SCRIPT), str(image.disk), str(folder), *map(str, self.ports)]
        self._process = subprocess.Popen(
            [*root(), *UNSHARED, "sh", *told],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        (folder / "pid").write_text(str(self._process.pid))
        self.start()

    def start(
        self, acceleration: str = "", resume: str | None = None, port: int | None = None
    ) -> None:
        """As new, or as it was kept under a label. Returns when SSH answers."""
        self._now = self._kept[resume or NEW]
        self._tell(f"begin {self._now}")
        self._wait(self._answers, "answer by SSH")

    def snapshot(self, label: str) -> None:
        """Keep what it has changed, under a label; its processes end, as at a reboot."""
        self._hang_up()
        self._tell(f"keep {label}")
        self._kept[label] = f"layers/{label}:{self._now}"
        self.start(resume=label)

    def restore(self, label: str) -> None:
        """Go back to what was kept."""
        self._hang_up()
        self.start(resume=label)

    def keep_as(self, other: Cell) -> None:
        """Have all that another one beside it has kept."""
        for label, layers in other._kept.items():
            self._kept[label] = layers.replace("layers/", f"../{other.folder.name}/layers/")

    def kill(self) -> None:
        """End its processes; `start` begins anew."""
        self._hang_up()
        self._tell("end")

    def remove(self) -> None:
        """End it, and delete all that it was."""
        self._hang_up()
        self._process.communicate()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _tell(self, line: str) -> None:
        process = self._process
        assert process.stdin
        assert process.stdout
        with contextlib.suppress(BrokenPipeError):  # it says why
            process.stdin.write(f"{line}\n")
            process.stdin.flush()
        if not process.stdout.readline():
            _, said = process.communicate()
            raise LabError(f"this machine makes no cells for tests: {said.strip()}")

    def _answers(self) -> bool:
        return all(map(_answers, self.ports))


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as to:
        return to.recv(4) == b"SSH-"
    return False


def _free(count: int) -> list[int]:
    found: list[int] = []
    while len(found) < count:
        port = free_port()
        if port not in found:
            found.append(port)
    return found
