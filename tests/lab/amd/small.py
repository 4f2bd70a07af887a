"""A library directory of a few kernels, for where no mirror has Debian's rocBLAS.

In the formats that the real one has and with its weight, so that a graft is fitted, built and
refused as it would be, and disks fill up; its kernels are names, and there is nothing in them that
anyone could compute with.
"""

from __future__ import annotations

import random

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
    weight = random.Random(GRAFTED).randbytes(9 << 20) + bytes(20 << 20)  # packed it has 9 MiB
    helpers = {f"Kernels.so-000-{GRAFTED}.hsaco": tensile_files.code("helper", text=weight)}
    files = tensile_files.tensile(GRAFTED, build=build) | helpers
    return {name: content for name, content in files.items() if name != FALLBACK}
