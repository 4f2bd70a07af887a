"""The machine that QEMU makes: its command line, and whether this host can run it natively."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path

from .image import Image
from .places import cache

PROCESSORS = 1  # emulated, two boxes of two on two cores get through no more than one such box
MEMORY = 3072  # MiB; only what the guest touched is kept in a snapshot
# Resumed from a snapshot, the clock jumps: to the kernel, a processor that stood still. To clear
# each page that is given out, as Debian's kernel does, takes a tenth of an emulated processor.
KERNEL_LINE = (
    "root=LABEL=lab rw console=ttyS0 net.ifnames=0 systemd.show_status=0 "
    "rcupdate.rcu_cpu_stall_suppress=1 nowatchdog "
    "init_on_alloc=0"
)
ACCELERATION = {
    "kvm": ["-accel", "kvm", "-cpu", "host"],
    "tcg": ["-accel", "tcg,thread=multi,tb-size=1024", "-cpu", "max"],
}


def command(image: Image, folder: Path, port: int, acceleration: str) -> list[str]:
    """The whole command line for the box in a folder, which is also QEMU's working folder."""
    return [
        "qemu-system-x86_64",
        *("-name", folder.name),
        *ACCELERATION[acceleration],
        *("-m", str(MEMORY), "-smp", str(PROCESSORS), "-display", "none", "-vga", "none"),
        *("-kernel", str(image.folder / "vmlinuz"), "-initrd", str(image.folder / "initrd")),
        *("-append", KERNEL_LINE),
        *("-drive", "file=disk.qcow2,if=virtio,format=qcow2,discard=unmap"),
        *("-netdev", f"user,id=net,hostfwd=tcp:127.0.0.1:{port}-:22"),
        *("-device", "virtio-net-pci,netdev=net,romfile=", "-device", "virtio-rng-pci"),
        *("-serial", "file:serial.log", "-qmp", "unix:monitor,server=on,wait=off"),
        *("-pidfile", str(folder / "pid"), "-daemonize"),
    ]


def key(image: Image, acceleration: str) -> str:
    """What a snapshot depends on: QEMU cannot resume it on another machine."""
    parts = (command(image, Path("box"), 0, acceleration), _qemu(), _processor(acceleration))
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def remembered() -> dict[str, str]:
    """What a first boot found out about KVM here: {} before, then `acceleration` and `why`."""
    try:
        return dict(json.loads(_memory().read_text()))
    except FileNotFoundError:
        return {}


def remember(acceleration: str, why: str) -> None:
    """Keep it for this machine, kernel and QEMU."""
    _memory().parent.mkdir(parents=True, exist_ok=True)
    _memory().write_text(json.dumps({"acceleration": acceleration, "why": why}))


def candidates() -> list[str]:
    """What to try, best first: whether a guest really boots shows only when it does."""
    found = remembered()
    if found:
        return [found["acceleration"]]
    return ["kvm", "tcg"] if os.access("/dev/kvm", os.R_OK | os.W_OK) else ["tcg"]


def _memory() -> Path:
    host = repr((_qemu(), _processor("kvm"), os.uname().release, os.access("/dev/kvm", os.W_OK)))
    return cache() / f"acceleration-{hashlib.sha256(host.encode()).hexdigest()[:12]}.json"


def _qemu() -> str:
    told = subprocess.run(["qemu-system-x86_64", "--version"], capture_output=True, text=True)
    return told.stdout.splitlines()[0] if told.stdout else ""


def _processor(acceleration: str) -> str:
    """Emulated processors are alike everywhere, native ones are not."""
    if acceleration == "tcg":
        return ""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line for line in lines if line.startswith("model name")), "")
