"""The PCI functions of AMD cards, and the bridges above them, from the text of their sysfs files.

Each file's path is the physical one, so a function's bridges are the folders it lies in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from roles.gpu.card import LinkState

AMD = 0x1002
ADDRESS = re.compile(r"[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]")
DISPLAY, ACCELERATOR = 0x03, 0x12  # PCI base classes; a headless card may be either

# linux/ioport.h
MEMORY, PREFETCHABLE, UNASSIGNED = 0x200, 0x2000, 0x2000_0000
BAR_COUNT = 6  # the lines after these in `resource` are the ROM and bridge windows


@dataclass(frozen=True, slots=True)
class Function:
    """One PCI function: its folder, and its files by the name below that folder."""

    folder: str
    files: Mapping[str, str]

    @property
    def pci(self) -> str:
        return self.uevent.get("PCI_SLOT_NAME", self.folder.rpartition("/")[2]).lower()

    @property
    def uevent(self) -> dict[str, str]:
        lines = self.files.get("uevent", "").splitlines()
        return {key: value for key, _, value in (line.partition("=") for line in lines)}

    @property
    def is_card(self) -> bool:
        base_class = (self.number("class") or 0) >> 16
        is_amd = self.number("vendor") == AMD
        return is_amd and base_class in (DISPLAY, ACCELERATOR) and bool(ADDRESS.fullmatch(self.pci))

    @property
    def driver(self) -> str | None:
        return self.uevent.get("DRIVER")

    @property
    def render_node(self) -> str | None:
        names = sorted(re.findall(r"^drm/(renderD\d+)/", "\n".join(self.files), re.MULTILINE))
        return f"/dev/dri/{names[0]}" if names else None

    def text(self, name: str) -> str | None:
        return self.files.get(name, "").strip() or None

    def number(self, name: str) -> int | None:
        return number(self.text(name))


def number(text: str | None) -> int | None:
    """A sysfs number, decimal or 0x hex. Anything else is no answer."""
    if text is None or not re.fullmatch(r"-?[0-9]{1,20}|0x[0-9a-fA-F]{1,16}", text):
        return None
    return int(text, 0) if text.startswith("0x") else int(text)


def functions(files: Mapping[str, str]) -> dict[str, Function]:
    """Every PCI function of these files, by folder. A folder that holds `vendor` is one."""
    folders = {path.removesuffix("/vendor") for path in files if path.endswith("/vendor")}
    found: dict[str, dict[str, str]] = {folder: {} for folder in folders}
    for path, text in files.items():
        folder = path
        while folder and folder not in folders:
            folder = folder.rpartition("/")[0]
        if folder:
            found[folder][path.removeprefix(f"{folder}/")] = text
    return {folder: Function(folder, own) for folder, own in found.items()}


def bar_bytes(function: Function) -> int | None:
    """The largest prefetchable memory BAR, which is the window into the VRAM; 0 when it has none.

    The kernel clears a BAR for which it found no room, or marks it as unassigned.
    """
    text = function.text("resource")
    if text is None:
        return None
    sizes = [0]
    for line in text.splitlines()[:BAR_COUNT]:
        start, end, flags, *_ = [number(field) or 0 for field in line.split()] + [0, 0, 0]
        wanted = flags & MEMORY and flags & PREFETCHABLE and not flags & UNASSIGNED
        sizes.append(end - start + 1 if wanted and end > start else 0)
    return max(sizes)


def slot_link(
    function: Function, all_functions: Mapping[str, Function], switch_ports: Collection[str]
) -> LinkState | None:
    """The link between slot and board.

    Since Vega the board holds a PCIe switch, and the function's own link, inside the board, is
    always at full speed: the slot's link is that of the switch's outermost port.
    """
    outermost = function
    while True:
        bridge = all_functions.get(outermost.folder.rpartition("/")[0])
        if bridge is None or _ids(bridge) not in switch_ports:
            return _link(outermost)
        outermost = bridge


def _ids(function: Function) -> str:
    return f"{function.number('vendor') or 0:04x}:{function.number('device') or 0:04x}"


def _link(function: Function) -> LinkState | None:
    speed, max_speed = (_speed(function.text(f"{w}_link_speed")) for w in ("current", "max"))
    width, max_width = (function.number(f"{w}_link_width") for w in ("current", "max"))
    if not speed or not max_speed or not width or not max_width:
        return None
    return LinkState(speed, width, max_speed, max_width)


def _speed(text: str | None) -> float | None:
    found = re.match(r"(\d{1,3}(?:\.\d+)?) GT/s", text or "")
    return float(found[1]) if found else None
