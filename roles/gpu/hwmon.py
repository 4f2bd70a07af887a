"""A card's sensors, from the hwmon folder that its driver made."""

from __future__ import annotations

import re
from collections.abc import Mapping

from roles.gpu.card import Temperature
from roles.gpu.pci import Function, number

DRIVER = "amdgpu"


def sensors(function: Function) -> dict[str, str]:
    """The card's sensor files by name.

    The folder is found by what its `name` file says: the N of hwmonN changes from boot to boot.
    """
    for path, text in sorted(function.files.items()):
        if re.fullmatch(r"hwmon/hwmon\d+/name", path) and text.strip() == DRIVER:
            folder = path.removesuffix("name")
            own = {p: t.strip() for p, t in function.files.items() if p.startswith(folder)}
            return {path.removeprefix(folder): text for path, text in own.items()}
    return {}


def temperatures(sensor_files: Mapping[str, str]) -> tuple[Temperature, ...]:
    inputs = [re.fullmatch(r"temp(\d{1,3})_input", name) for name in sensor_files]
    found = []
    for index in sorted(int(match[1]) for match in inputs if match):
        celsius = _scaled(sensor_files, f"temp{index}_input", 1_000)
        if celsius is not None:
            label = sensor_files.get(f"temp{index}_label") or f"temp{index}"
            critical = _scaled(sensor_files, f"temp{index}_crit", 1_000)
            found.append(Temperature(label, celsius, critical))
    return tuple(found)


def watts(sensor_files: Mapping[str, str], *names: str) -> float | None:
    """The first of these power files that answers: kernels differ in which of them they have."""
    values = (_scaled(sensor_files, name, 1_000_000) for name in names)
    return next((value for value in values if value is not None), None)


def fan_rpm(sensor_files: Mapping[str, str]) -> int | None:
    return number(sensor_files.get("fan1_input"))


def _scaled(sensor_files: Mapping[str, str], name: str, unit: int) -> float | None:
    value = number(sensor_files.get(name))
    return None if value is None else value / unit
