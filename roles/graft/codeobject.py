"""AMD code objects: what a device ELF runs on, and which kernels it has.

Read by hand, not by pyelftools: of this we need a header, a table and the names, and reading them
so takes 0.05 s for the 7.2.4 set where pyelftools takes 0.35, and can only fail in one way.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Literal

from roles.graft.bundle import ELF, UnreadableError, describe, take

Feature = Literal["unsupported", "any", "off", "on"]
FEATURE: tuple[Feature, ...] = ("unsupported", "any", "off", "on")

HSA = 0x40
AMDGPU = 224
# Code objects 4, 5 and 6. The flags of older ones mean other things; ROCm 6 makes none of them.
ABI_VERSIONS = (2, 3, 4)

# The lowest byte of e_flags: EF_AMDGPU_MACH in LLVM's AMDGPUUsage.
MACH = {
    0x02A: "gfx803",
    0x02C: "gfx900",
    0x02D: "gfx902",
    0x02E: "gfx904",
    0x02F: "gfx906",
    0x030: "gfx908",
    0x031: "gfx909",
    0x032: "gfx90c",
    0x033: "gfx1010",
    0x034: "gfx1011",
    0x035: "gfx1012",
    0x036: "gfx1030",
    0x037: "gfx1031",
    0x038: "gfx1032",
    0x039: "gfx1033",
    0x03D: "gfx1035",
    0x03E: "gfx1034",
    0x03F: "gfx90a",
    0x040: "gfx940",
    0x041: "gfx1100",
    0x042: "gfx1013",
    0x043: "gfx1150",
    0x044: "gfx1103",
    0x045: "gfx1036",
    0x046: "gfx1101",
    0x047: "gfx1102",
    0x048: "gfx1200",
    0x04A: "gfx1151",
    0x04B: "gfx941",
    0x04C: "gfx942",
    0x04E: "gfx1201",
    0x04F: "gfx950",
    0x051: "gfx9-generic",
    0x052: "gfx10-1-generic",
    0x053: "gfx10-3-generic",
    0x054: "gfx11-generic",
    0x055: "gfx1152",
    0x058: "gfx1153",
    0x059: "gfx12-generic",
    0x05F: "gfx9-4-generic",
}

NO_BITS = 8  # a section that takes no room in the file
DYNAMIC_SYMBOLS = 11
SECTION = "<IIQQQQIIQQ"
SYMBOL = "<IBBHQQ"


@dataclass(frozen=True)
class CodeObject:
    """+ arch: an arch, or words for what is none + kernels: their names"""

    arch: str
    xnack: Feature
    sramecc: Feature
    kernels: frozenset[str]


@dataclass(frozen=True)
class _Section:
    name: int
    kind: int
    data: memoryview
    link: int


def read(image: bytes | memoryview) -> CodeObject:
    """What one device ELF is."""
    view = memoryview(image)
    sections = _sections(view)
    (machine,) = take("<H", view, 18)
    if (view[7], machine) != (HSA, AMDGPU):
        said = "x86-64 host code" if machine == 62 else f"ELF machine {machine}"
        return CodeObject(said, "unsupported", "unsupported", frozenset())
    if view[8] not in ABI_VERSIONS:
        raise UnreadableError(f"a code object of ABI version {view[8]}; we read {ABI_VERSIONS}")
    (flags,) = take("<I", view, 48)
    return CodeObject(
        arch=MACH.get(flags & 0xFF, f"an arch that we do not know ({flags & 0xFF:#x})"),
        xnack=FEATURE[flags >> 8 & 3],
        sramecc=FEATURE[flags >> 10 & 3],
        kernels=_kernels(sections),
    )


def section(image: bytes | memoryview, name: str) -> memoryview | None:
    """One section of an ELF, by its name."""
    view = memoryview(image)
    sections = _sections(view)
    (index,) = take("<H", view, 62)
    if not sections:
        return None
    if index >= len(sections):
        raise UnreadableError("an ELF whose sections have no names")
    names = bytes(sections[index].data)
    wanted = name.encode() + b"\0"
    return next((one.data for one in sections if names.startswith(wanted, one.name)), None)


def _sections(view: memoryview) -> list[_Section]:
    if view[:4] != ELF:
        raise UnreadableError(describe(view))
    if bytes(view[4:6]) != b"\x02\x01":
        raise UnreadableError("an ELF that is not 64-bit little-endian")
    (at,) = take("<Q", view, 40)
    size, count = take("<HH", view, 58)
    if count and size != struct.calcsize(SECTION):
        raise UnreadableError(f"an ELF with section headers of {size} bytes")
    rows = [take(SECTION, view, at + number * size) for number in range(count)]
    return [
        _Section(row[0], row[1], _content(view, row[4], row[5], row[1]), row[6]) for row in rows
    ]


def _content(view: memoryview, offset: int, size: int, kind: int) -> memoryview:
    if kind == NO_BITS:
        return view[:0]
    if offset + size > len(view):
        raise UnreadableError(
            f"truncated: has {len(view)} bytes, one of its sections ends at {offset + size}"
        )
    return view[offset : offset + size]


def _kernels(sections: list[_Section]) -> frozenset[str]:
    """What the runtime finds by name: a kernel is its code, and its descriptor NAME.kd."""
    symbols = next((one for one in sections if one.kind == DYNAMIC_SYMBOLS), None)
    if symbols is None:
        return frozenset()
    if symbols.link >= len(sections) or len(symbols.data) % struct.calcsize(SYMBOL):
        raise UnreadableError("an ELF with a broken symbol table")
    strings = bytes(sections[symbols.link].data)
    names: set[bytes] = set()
    letters = 0
    for begin, _, _, place, _, _ in struct.iter_unpack(SYMBOL, symbols.data):
        if not place:  # named here, but defined elsewhere
            continue
        end = strings.find(b"\0", begin)
        letters += end - begin
        # Names that overlap could make gigabytes of a few megabytes; a linker's do not.
        if end < 0 or letters > 2 * len(strings):
            raise UnreadableError("an ELF with broken symbol names")
        names.add(strings[begin:end])
    return frozenset(name.decode("ascii", "replace") for name in names if name + b".kd" in names)
