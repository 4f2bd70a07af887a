"""Releases of ROCm, as data: one file each in releases/."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
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
    suite: str
    origin: str
    fingerprint: str
    repository: tuple[Repository, ...]
    profiles: dict[str, tuple[str, ...]]
    driver: Driver
    traps: tuple[str, ...]

    def has_built(self, version: str) -> bool:
        """Whether a package of this version belongs to the release."""
        return f".{self.build}" in version


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
            "repository": tuple(Repository(**row) for row in data["repository"]),
            "profiles": {name: tuple(packages) for name, packages in data["profiles"].items()},
            "driver": Driver(**{**driver, "kernels": tuple(driver["kernels"])}),
            "traps": tuple(data["traps"]),
        }
    )
