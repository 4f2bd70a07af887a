"""The stacks of versions that belong together, from stacks.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("stacks.toml")


@dataclass(frozen=True)
class Stack:
    """
    PyTorch and what goes with it.

    + index: below the upstream pytorch
    + release: of ROCm, which its libraries are
    + packages: exact versions, by name
    + graft: whether its rocBLAS lacks the card's kernels
    """

    name: str
    index: str
    release: str
    packages: Mapping[str, str]
    graft: bool
    default: bool
    why: str

    @property
    def torch(self) -> str:
        """The version of torch itself."""
        return self.packages["torch"]


def stacks() -> dict[str, Stack]:
    """All of them, by name."""
    return {name: Stack(name, **row) for name, row in tomllib.loads(TABLE.read_text()).items()}
