"""A lab box: a virtual machine that tests start, look into, snapshot, reboot and cut off."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import machine, monitor
from .image import Image
from .need import LabError

DYING = "end"
SOCKET = "ssh-user.0123456789abcdef"  # ssh names its own so while it connects
START = 120  # seconds for a boot under emulation on a busy machine; 15 is usual


class Box:
    """One virtual machine; all of its state is below one folder, so any process can take it up.

    + image: what it is made of; may be left out for a box that was started before
    """

    def __init__(self, folder: Path, image: Image | None = None) -> None:
        self.folder = folder
        self.image = image or Image(Path(self._state()["image"]))
        if len(str(folder / SOCKET)) > 107:  # the kernel's limit for a socket's name
            raise LabError(f"{folder} is too long for a socket. Next: REGRAFT_CACHE=/tmp/regraft")

    @property
    def name(self) -> str:
        """What the box calls itself: its folder's name without the checkout's mark."""
        return self.folder.name.partition("-")[0]

    @property
    def port(self) -> int:
        """Where its SSH answers on 127.0.0.1."""
        return int(self._state()["port"])

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    @property
    def settings(self) -> dict[str, Any]:
        """Host data that this box has beyond what every lab box has."""
        return dict(self._state().get("settings", {}))

    def set(self, **settings: Any) -> None:
        """Give it host data, for the deploys that run against it from now on."""
        self._state(settings=self.settings | settings)

    @property
    def running(self) -> bool:
        """Whether its QEMU lives."""
        return qemu(self.folder) is not None

    def start(self, acceleration: str, resume: str | None = None, port: int | None = None) -> None:
        """Power on: a cold boot, or the running machine of a snapshot. Returns when SSH answers."""
        for _ in range(3):  # a port found free may be taken before QEMU has it
            self._state(port=port or free_port(), image=str(self.image.folder))
            line = machine.command(self.image, self.folder, self.port, acceleration)
            line += ["-loadvm", resume] if resume else []
            told = subprocess.run(
                line, cwd=self.folder, capture_output=True, text=True, check=False
            )
            if "host forwarding" not in told.stderr or port:
                break
        if "host forwarding" in told.stderr:
            raise LabError(f"port {port} is in use on 127.0.0.1. Next: REGRAFT_LAB_PORT=0 make lab")
        if told.returncode:
            raise LabError(f"QEMU did not start: {told.stderr.strip()}")
        self.known_hosts.write_text(f"[127.0.0.1]:{self.port} {self.image.host_key}\n")
        self._wait(self._answers, "answer by SSH")
        if resume:
            self._wake()

    def ssh(
        self, command: str, user: str = "root", stdin: bytes | None = None, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the box; many share one connection."""
        done = subprocess.run(
            [*self.ssh_command(user), command], input=stdin, capture_output=True, check=False
        )
        told = subprocess.CompletedProcess(
            command, done.returncode, done.stdout.decode(), done.stderr.decode(errors="replace")
        )
        if check and told.returncode:
            raise LabError(f"`{command}` in the box: status {told.returncode}\n{told.stderr}")
        return told

    def ssh_command(self, user: str = "root") -> list[str]:
        """The ssh command line, to which a command may be added."""
        options = {
            "IdentityFile": self.image.key,
            "UserKnownHostsFile": self.known_hosts,
            "ControlPath": self.folder / f"ssh-{user}",
            "ControlMaster": "auto",
            "ControlPersist": "600",
            "LogLevel": "ERROR",
            "ConnectTimeout": "30",
            "ServerAliveInterval": "30",  # a guest that stands still must not hang a test for ever
            "BatchMode": "yes",
        }
        flags = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        return ["ssh", "-F", "none", *flags, "-p", str(self.port), f"{user}@127.0.0.1"]

    def snapshot(self, label: str) -> None:
        """Keep the running machine, memory and disk, under a label."""
        self._hang_up()
        self._tell(f"savevm {label}")

    def restore(self, label: str) -> None:
        """Go back to a snapshot, running."""
        self._hang_up()
        self._tell(f"loadvm {label}")
        self._wait(self._answers, "answer by SSH")
        self._wake()

    def reboot(self) -> None:
        """Restart in an orderly way, and wait until the new kernel answers."""
        before = self._boot_id()
        self.ssh("systemctl reboot", check=False)
        self._hang_up()
        self._wait(lambda: self._boot_id(quiet=True) not in ("", before), "come back from a reboot")

    def reset(self) -> None:
        """Cut the power and give it back: what was not on the disk is gone."""
        before = self._boot_id()
        self._hang_up()
        monitor.ask(self.folder / "monitor", "system_reset")
        self._wait(lambda: self._boot_id(quiet=True) not in ("", before), "come back from a reset")

    def kill(self) -> None:
        """Cut the power; `start` gives it back."""
        self._hang_up()
        end(self.folder)

    def shutdown(self) -> None:
        """Power off in an orderly way."""
        pid = qemu(self.folder)
        if pid is not None:
            self.ssh("systemctl poweroff", check=False)
            self._hang_up()
            self._wait(lambda: ended(pid), DYING)

    def remove(self) -> None:
        """End it, and delete all that it was."""
        end(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        patience = time.monotonic() + START
        while not condition():
            if time.monotonic() > patience or not (self.running or what == DYING):
                raise LabError(
                    f"{self.folder.name} did not {what}. Its last words:\n{self._words()}"
                )
            time.sleep(0.1)

    def _answers(self) -> bool:
        if monitor.ask(self.folder / "monitor", "query-status")["status"] == "internal-error":
            raise LabError("the processor emulation stopped (internal-error)")
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.port), 2) as s,
        ):
            return s.recv(4) == b"SSH-"
        return False

    def _boot_id(self, quiet: bool = False) -> str:
        if quiet and not self._answers():
            return ""
        told = self.ssh("cat /proc/sys/kernel/random/boot_id", check=not quiet)
        return told.stdout.strip()

    def _words(self) -> str:
        with contextlib.suppress(OSError):
            lines = (self.folder / "serial.log").read_text(errors="replace").splitlines()
            return "\n".join(lines[-15:])
        return "(none)"

    def _wake(self) -> None:
        """Set its clock, which stood still in the snapshot: apt and TLS mind a stale one."""
        self.ssh(f"date -s @{time.time():.0f}")

    def _tell(self, line: str) -> None:
        answer = monitor.tell(self.folder / "monitor", line)
        if answer:
            raise LabError(f"QEMU on `{line}`: {answer}")

    def _hang_up(self) -> None:
        """End the shared connections: the machine behind them is about to change."""
        for path in self.folder.glob("ssh-*"):
            user = path.name.removeprefix("ssh-")
            end = [*self.ssh_command(user), "-O", "exit"]
            subprocess.run(end, capture_output=True, check=False)
            path.unlink(missing_ok=True)

    def _state(self, **change: Any) -> dict[str, Any]:
        path = self.folder / "box.json"
        state = json.loads(path.read_text()) if path.exists() else {}
        if change:
            state |= change
            half = path.with_suffix(".new")  # a full disk must not leave half a state
            half.write_text(json.dumps(state))
            half.replace(path)
        return dict(state)


def qemu(folder: Path) -> int | None:
    """The process of a box, if it lives: a number alone may be someone else's by now."""
    with contextlib.suppress(OSError, ValueError):
        pid = int((folder / "pid").read_text())
        if str(folder).encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
            return pid
    return None


def end(folder: Path) -> None:
    """Kill the box in a folder, whatever else is left of it there."""
    pid = qemu(folder)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
        while not ended(pid):
            time.sleep(0.02)


def ended(pid: int) -> bool:
    """Whether a process has let go of its locks, which its last thread does."""
    process = Path(f"/proc/{pid}")
    try:
        state = (process / "stat").read_text().rpartition(")")[2].split()[0]
        return state in "ZX" and len(list((process / "task").iterdir())) == 1
    except OSError:
        return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
