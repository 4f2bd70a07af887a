"""What the drivers show of the cards while something runs on them. + root: of a captured tree"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from roles.gpu import kfd

TOPOLOGY = "sys/class/kfd/kfd/topology/nodes"
COUNTERS = {"vram_used_bytes": "mem_info_vram_used", "busy_percent": "gpu_busy_percent"}


def shown(arch: str, root: Path = Path("/")) -> list[dict[str, object]]:
    """The cards of an arch: address, arch and memory."""
    nodes = root / TOPOLOGY
    paths = [*nodes.glob("*/properties"), *nodes.glob("*/mem_banks/*/properties")]
    files = {str(path): text for path in paths if (text := _text(path))}
    return [
        {"pci": node.pci, "arch": node.arch, "vram_bytes": node.vram_bytes}
        for node in kfd.gpu_nodes(files)
        if node.arch == arch
    ]


class Gauges:
    """A card's counters and sensors: what they said first, and the most that they have said since.

    + most_celsius: where it is to stop; 0: where the card itself says that it is critical
    """

    def __init__(self, pci: str, most_celsius: float = 0, root: Path = Path("/")) -> None:
        self.pci = pci
        folder = root / "sys/bus/pci/devices" / pci
        self._counters = {name: folder / file for name, file in COUNTERS.items()}
        self._sensors = sorted(folder.glob("hwmon/hwmon*/temp*_input"))
        self._most_celsius = most_celsius
        self.first: Mapping[str, int] = self._read()
        self.most: dict[str, int] = dict(self.first)
        self.celsius = 0.0

    def look(self) -> str:
        """Look once more; why it has to stop, or nothing."""
        for name, value in self._read().items():
            self.most[name] = max(value, self.most.get(name, 0))
        for sensor in self._sensors:
            heat = (_number(sensor) or 0) / 1000
            self.celsius = max(self.celsius, heat)
            limit = self._most_celsius or self._critical(sensor)
            if limit and heat >= limit:
                return f"{self.pci} has {heat:.0f} °C, and {limit:.0f} °C is its limit"
        return ""

    def _critical(self, sensor: Path) -> float:
        return (_number(sensor.with_name(sensor.name.replace("_input", "_crit"))) or 0) / 1000

    def _read(self) -> dict[str, int]:
        read = {name: _number(path) for name, path in self._counters.items()}
        return {name: value for name, value in read.items() if value is not None}


def _number(path: Path) -> int | None:
    text = _text(path).strip()
    return int(text) if text.lstrip("-").isdecimal() else None


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # a driver may have the file, and no answer
        return ""
