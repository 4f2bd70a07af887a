"""What we know of one card. What the box would not tell is None, never a guess."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LinkState:
    """The PCIe link between the slot and the board, in giga-transfers per second and lanes.

    An idle card may lower its speed to save power, so width is the better sign of a bad slot.
    """

    speed_gts: float
    width: int
    max_speed_gts: float
    max_width: int


@dataclass(frozen=True, slots=True)
class Temperature:
    """One sensor. Its label is the driver's (edge, junction, mem)."""

    label: str
    celsius: float
    critical_celsius: float | None


@dataclass(frozen=True, slots=True)
class Card:
    """One KFD GPU node, or one PCI display or accelerator function that has no such node."""

    pci: str  # "0000:44:00.0"
    vendor_id: int
    device_id: int
    subsystem_vendor_id: int | None
    subsystem_id: int | None
    revision: int | None
    name: str
    arch: str | None  # "gfx906"
    arch_source: str | None  # "kfd", "device id"
    compute_units: int | None  # None before the driver
    vram_bytes: int | None
    vram_used_bytes: int | None
    vbios: str | None
    bar_bytes: int | None  # 0: the firmware gave the card no window into its VRAM
    link: LinkState | None
    temperatures: tuple[Temperature, ...]
    power_watts: float | None
    power_cap_watts: float | None
    power_cap_max_watts: float | None
    fan_rpm: int | None  # None: no fan sensor, as on a passive card
    busy_percent: int | None
    render_node: str | None  # "/dev/dri/renderD128"
    kfd_node: int | None  # None: the compute driver does not know the card
    driver: str | None  # "amdgpu", "vfio-pci", ...
    numa_node: int | None
    unique_id: str | None  # 16 hex digits; None where the card has none
    isas: tuple[str, ...]  # what rocminfo says of the card; empty when it says nothing

    @property
    def bar_smaller_than_vram(self) -> bool:
        """Whether the CPU sees only a part of the VRAM; False when either size is unknown."""
        if self.bar_bytes is None or self.vram_bytes is None:
            return False
        return self.bar_bytes < self.vram_bytes
