"""The archs, cards and VBIOS versions that cards.toml knows."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

GIB = 1 << 30
# The driver keeps a part of the VRAM to itself: 16 GiB are reported as 17163091968 bytes.
LEAST_REPORTED = 0.95


@dataclass(frozen=True, slots=True)
class Arch:
    name: str
    support: str  # "current", "dropped" or "never"
    revived_by: str | None = None


@dataclass(frozen=True, slots=True)
class KnownCard:
    name: str
    arch: str
    devices: tuple[str, ...]
    family: str = ""
    subsystems: tuple[str, ...] = ()
    compute_units: int | None = None
    vram_gib: int | None = None
    tflops_fp32: float | None = None
    tflops_fp16: float | None = None
    gb_per_s: float | None = None

    @property
    def peaks(self) -> dict[str, float]:
        """What the data sheet promises, as far as it is known here."""
        named = ("tflops_fp32", "tflops_fp16", "gb_per_s")
        return {name: value for name in named if (value := getattr(self, name)) is not None}

    def fits(self, compute_units: int | None, vram_bytes: int | None) -> bool:
        """Whether what was measured may be this card. What was not measured fits."""
        if None not in (self.compute_units, compute_units) and self.compute_units != compute_units:
            return False
        if self.vram_gib is None or vram_bytes is None:
            return True
        nominal = self.vram_gib * GIB
        return nominal * LEAST_REPORTED <= vram_bytes <= nominal


@dataclass(frozen=True, slots=True)
class Vbios:
    begins: str
    made_for: str
    cards: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    archs: tuple[Arch, ...]
    cards: tuple[KnownCard, ...]
    vbios: tuple[Vbios, ...]
    board_switch_ports: frozenset[str]


@cache
def known() -> Known:
    data = tomllib.loads(Path(__file__).with_name("cards.toml").read_text(encoding="utf-8"))
    return Known(
        archs=tuple(Arch(**_frozen(row)) for row in data["archs"]),
        cards=tuple(KnownCard(**_frozen(row)) for row in data["cards"]),
        vbios=tuple(Vbios(**_frozen(row)) for row in data["vbios"]),
        board_switch_ports=frozenset(data["board_switch_ports"]),
    )


def arch(name: str | None) -> Arch | None:
    """What we know of this arch; None when it is not in cards.toml."""
    return next((each for each in known().archs if each.name == name), None)


def arch_of_device(device_id: int) -> str | None:
    """The arch that a PCI device id stands for: what is left to go by before the driver."""
    return next((card.arch for card in known().cards if hex4(device_id) in card.devices), None)


def peaks(name: str) -> dict[str, float]:
    """The data sheet of a card, by the name that we have given it; of an unknown one, nothing."""
    for card in known().cards:
        if name.startswith((card.name, card.family or card.name)):
            return card.peaks
    return {}


def hex4(number: int) -> str:
    return f"{number:04x}"


def _frozen(row: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
