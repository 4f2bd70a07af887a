"""Releases of ROCm, as data: one file each in releases/."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("releases")


@dataclass(frozen=True)
class Repository:
    """+ upstream: a row of the table of upstreams + path: what follows its address"""

    upstream: str
    path: str


@dataclass(frozen=True)
class System:
    """+ suite: of the repositories, for this system + tail: what the versions in it end in"""

    suite: str
    tail: str


@dataclass(frozen=True)
class Driver:
    """AMD's DKMS driver. + kernels: the series that it builds on"""

    dkms: str
    firmware: str
    kernels: tuple[str, ...]

    def builds_on(self, kernel: str) -> bool:
        """Whether it builds on this kernel: 6.8.0-60-generic is of the series 6.8."""
        return any(kernel.startswith(f"{series}.") for series in self.kernels)


@dataclass(frozen=True)
class Release:
    """One release; releases/6.4.3.toml says what each word means."""

    release: str
    build: str
    prefix: str
    origin: str
    fingerprint: str
    systems: dict[str, System]
    repository: tuple[Repository, ...]
    profiles: dict[str, tuple[str, ...]]
    driver: Driver
    versions: dict[str, str]
    traps: tuple[str, ...]

    def has_built(self, version: str) -> bool:
        """Whether a package of this version belongs to the release."""
        return f".{self.build}" in version

    def numbered(self, name: str) -> str:
        """AMD's other name of a package, under which several releases can be there at once."""
        return f"{name}{self.release}"

    def driver_for(self, system: str) -> Driver:
        """The driver as it is called on one of its systems."""
        tail = self.systems[system].tail
        dkms, firmware = f"{self.driver.dkms}.{tail}", f"{self.driver.firmware}.{tail}"
        return replace(self.driver, dkms=dkms, firmware=firmware)


@cache
def known() -> tuple[str, ...]:
    """The releases that there are."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def load(name: str) -> Release:
    """A release by its number."""
    data: dict[str, Any] = tomllib.loads((FOLDER / f"{name}.toml").read_text())
    driver = data["driver"]
    return Release(
        **{
            **data,
            "systems": {name: System(**row) for name, row in data["systems"].items()},
            "repository": tuple(Repository(**row) for row in data["repository"]),
            "profiles": {name: tuple(packages) for name, packages in data["profiles"].items()},
            "driver": Driver(**{**driver, "kernels": tuple(driver["kernels"])}),
            "traps": tuple(data["traps"]),
        }
    )
