"""Wheels, where they are listed, and what they are for. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """What the wheels are for. + python: its version, three numbers + glibc: its version"""

    python: str
    machine: str
    glibc: str

    @property
    def short(self) -> str:
        """As wheels call it: cp312"""
        return "cp" + "".join(self.python.split(".")[:2])


@dataclass(frozen=True)
class Index:
    """+ upstream: its name in the table + address: of the index itself; "" is that of uv's own"""

    upstream: str
    address: str

    def __str__(self) -> str:
        return self.address or "the Python package index"

    @property
    def mirror(self) -> str:
        """How a person names another one."""
        return f"upstream_addresses = {{{self.upstream!r}: …}} in the inventory"


@dataclass(frozen=True)
class Wheel:
    """One of them. + sha256: as the index says it"""

    name: str
    version: str
    file: str
    address: str
    sha256: str
