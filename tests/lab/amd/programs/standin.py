"""What the lab card shows of itself, for the stand-in programs; contents.py puts it into each.

Each look at a box runs one of them, on an emulated processor: dataclasses and pathlib would take
four fifths of its time.
"""

from __future__ import annotations

import os

ROOT = ""  # below which every path is read
NODES = "/sys/class/kfd/kfd/topology/nodes"
LABEL = "regraft lab stand-in: it reads the lab's card and computes nothing"

# What libdrm's amdgpu.ids calls the lab's models; it has a row for each revision.
MARKETING_NAMES = {
    0x66A0: "AMD Instinct MI60 / MI50",
    0x66A1: "AMD Instinct MI60 / MI50",
    0x66AF: "AMD Radeon VII",
    0x73BF: "AMD Radeon RX 6800",
}


class Node:
    """One node of the KFD's topology. + folder: where it is"""

    def __init__(self, folder: str) -> None:
        self.number = int(os.path.basename(folder))
        self.gpu_id = int(text(f"{folder}/gpu_id"))
        self.values = values(f"{folder}/properties")
        banks = [f"{folder}/mem_banks/{bank}" for bank in within(f"{folder}/mem_banks")]
        self.memory = sum(values(f"{bank}/properties")["size_in_bytes"] for bank in banks)

    @property
    def is_gpu(self) -> bool:
        return self.values["simd_count"] > 0

    @property
    def name(self) -> str:
        """The arch, as the compiler calls it."""
        version = self.values["gfx_target_version"]
        major, minor, step = version // 10000, version // 100 % 100, version % 100
        return f"gfx{major}{minor:x}{step:x}"

    @property
    def address(self) -> str:
        place = self.values["location_id"]
        domain = self.values["domain"]
        return f"{domain:04x}:{place >> 8:02x}:{place >> 3 & 31:02x}.{place & 7}"

    @property
    def marketing_name(self) -> str:
        return MARKETING_NAMES.get(self.values["device_id"], "AMD Radeon Graphics")

    def shows(self, name: str) -> str:
        """A file of its PCI function; "" where there is none."""
        return text(f"/sys/bus/pci/devices/{self.address}/{name}")

    def senses(self, name: str) -> str:
        """A file of its sensors; "" where there is none."""
        sensors = f"/sys/bus/pci/devices/{self.address}/hwmon"
        return next((text(f"{sensors}/{one}/{name}") for one in within(sensors)), "")


def text(path: str) -> str:
    """A file's text without the line's end; "" where there is none."""
    try:
        with open(ROOT + path) as file:
            return file.read().strip()
    except OSError:
        return ""


def within(folder: str) -> list[str]:
    """The names in a folder; none where there is none."""
    try:
        return sorted(os.listdir(ROOT + folder))
    except OSError:
        return []


def values(path: str) -> dict[str, int]:
    rows = (line.split() for line in text(path).splitlines())
    return {row[0]: int(row[1]) for row in rows if len(row) == 2}


def nodes() -> list[Node]:
    return [Node(f"{NODES}/{name}") for name in sorted(within(NODES), key=int)]


def driver() -> str | None:
    """The loaded driver's version, "" if it tells none (the kernel's own does not), or None."""
    if text("/sys/module/amdgpu/initstate") != "live":
        return None
    return text("/sys/module/amdgpu/version")
