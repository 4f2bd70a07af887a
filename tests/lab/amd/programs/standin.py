"""What the lab card shows of itself, for the stand-in programs; contents.py puts it into each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/")
LABEL = "regraft lab stand-in: it reads the lab's card and computes nothing"

# What libdrm's amdgpu.ids calls the lab's models; it has a row for each revision.
MARKETING_NAMES = {
    0x66A0: "AMD Instinct MI60 / MI50",
    0x66A1: "AMD Instinct MI60 / MI50",
    0x66AF: "AMD Radeon VII",
    0x73BF: "AMD Radeon RX 6800",
}


@dataclass(frozen=True)
class Node:
    """One node of the KFD's topology."""

    number: int
    gpu_id: int
    values: dict[str, int]
    memory: int  # bytes

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
        return text(f"sys/bus/pci/devices/{self.address}/{name}")

    def senses(self, name: str) -> str:
        """A file of its sensors; "" where there is none."""
        sensors = ROOT / f"sys/bus/pci/devices/{self.address}/hwmon"
        return next((path.read_text().strip() for path in sensors.glob(f"*/{name}")), "")


def text(path: str) -> str:
    """A file's text without the line's end; "" where there is none."""
    try:
        return (ROOT / path).read_text().strip()
    except OSError:
        return ""


def values(path: Path) -> dict[str, int]:
    rows = (line.split() for line in path.read_text().splitlines())
    return {row[0]: int(row[1]) for row in rows if len(row) == 2}


def nodes() -> list[Node]:
    topology = ROOT / "sys/class/kfd/kfd/topology/nodes"
    folders = sorted(topology.iterdir(), key=lambda path: int(path.name))
    return [
        Node(
            int(folder.name),
            int((folder / "gpu_id").read_text()),
            values(folder / "properties"),
            sum(values(bank)["size_in_bytes"] for bank in folder.glob("mem_banks/*/properties")),
        )
        for folder in folders
    ]


def driver() -> str | None:
    """The loaded driver's version, "" if it tells none (the kernel's own does not), or None."""
    if text("sys/module/amdgpu/initstate") != "live":
        return None
    return text("sys/module/amdgpu/version")
