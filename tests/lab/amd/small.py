"""A library directory of a few kernels, for where no mirror has Debian's rocBLAS.

In the formats that the real one has, so that a graft is fitted, built and refused as it would be;
its kernels are names, and there is nothing in them that anyone could compute with.
"""

from __future__ import annotations

from tests import tensile_files

GRAFTED = "gfx906"
SHIPPED = {"gfx908": tensile_files.GFX908, "gfx1030": 0x36}  # arch: its number in a code object
FALLBACK = f"{tensile_files.FALLBACK}.dat"


def recipient(build: str = "") -> dict[str, bytes]:
    """What AMD ships, without the card's files. + build: what its kernels' names end with"""
    files: dict[str, bytes] = {}
    for arch, number in SHIPPED.items():
        files |= tensile_files.tensile(arch, number, build)
    return files


def donor(build: str = "") -> dict[str, bytes]:
    """The card's files of the same build."""
    files = tensile_files.tensile(GRAFTED, build=build)
    return {name: content for name, content in files.items() if name != FALLBACK}
