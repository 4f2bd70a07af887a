"""The libraries that we know, and what it means for a card that one has code for it, or not. Pure.

libraries.toml says it in words.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from roles.graft.carried import Carried, Sought

TENSILE = "rocblas/library"  # the one folder whose files we can hold against each other


@dataclass(frozen=True, kw_only=True)
class Known(Sought):
    """A row of libraries.toml, which says what each word means."""

    serves: str
    needed: bool
    without: str


@dataclass(frozen=True)
class Library:
    """+ needed: whether a card works with it only where it has code for it + says: in words"""

    name: str
    path: str
    archs: tuple[str, ...]
    has_arch: bool
    needed: bool
    says: str

    @property
    def lacks(self) -> bool:
        return self.needed and not self.has_arch

    @property
    def how(self) -> Literal["works", "lacks", "works without"]:
        """How a card fares with it."""
        return "works" if self.has_arch else "lacks" if self.needed else "works without"


@cache
def known() -> tuple[Known, ...]:
    data = tomllib.loads(Path(__file__).with_name("libraries.toml").read_text(encoding="utf-8"))
    return tuple(Known(**row) for row in data["library"])


@cache
def row(name: str) -> Known:
    return next(one for one in known() if one.name == name)


def judged(found: Carried, arch: str) -> Library:
    """What a library has for a card of this arch."""
    one = row(found.name)
    has_arch = arch in found.archs
    if found.problem:
        says = f"cannot be read: {found.problem}"
    elif has_arch:
        says = f"{one.serves}: has code for {arch}"
    else:
        says = f"{one.serves}: {one.without.format(arch=arch)}"
    return Library(one.name, found.path, found.archs, has_arch, one.needed, says)
