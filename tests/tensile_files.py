"""Small code objects, bundles, catalogs and libraries, as the compilers and Tensile write them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgpack  # type: ignore[import-untyped]
import zstandard

GFX906 = 0x2F
GFX908 = 0x30
ANY_XNACK, XNACK_OFF, XNACK_ON = 0x500, 0x600, 0x700  # with any sramecc
TARGET = "hipv4-amdgcn-amd-amdhsa--gfx906"
HOST = "host-x86_64-unknown-linux--"
DYNSYM, STRTAB, PROGBITS = 11, 3, 1
TUNED = "TensileLibrary_Type_SS_Contraction_l_Ailk_Bljk_Cijk_Dijk"
FALLBACK = "TensileLibrary_Type_BB_HPA_Contraction_l_Ailk_Bljk_Cijk_Dijk_fallback"


def elf(
    sections: Iterable[tuple[str, int, int, bytes]],
    machine: int = 224,
    osabi: int = 0x40,
    abi: int = 2,
    flags: int = 0,
) -> bytes:
    """An ELF64 of these sections: name, type, link and content, each on a page of its own."""
    rows = [("", 0, 0, b""), *sections]
    names = b"\0".join(name.encode() for name, *_ in rows) + b"\0.shstrtab\0"
    rows.append((".shstrtab", STRTAB, 0, names))
    body, table = bytearray(64), bytearray()
    for name, kind, link, content in rows:
        body += b"\0" * (-len(body) % (4096 if name == ".hip_fatbin" else 8))
        at = names.index(name.encode() + b"\0") if name else 0
        table += struct.pack("<IIQQQQIIQQ", at, kind, 0, 0, len(body), len(content), link, 0, 8, 0)
        body += content
    ident = b"\x7fELF\x02\x01\x01" + bytes([osabi, abi]) + bytes(7)
    counts = (64, 0, 0, 64, len(rows), len(rows) - 1)
    numbers = struct.pack("<HHIQQQI6H", 3, machine, 1, 0, 0, len(body), flags, *counts)
    body[:64] = ident + numbers
    return bytes(body + table)


def code(
    *kernels: str,
    mach: int = GFX906,
    features: int = ANY_XNACK,
    also: Iterable[str] = (),
    text: bytes = b"",
) -> bytes:
    """A code object with these kernels. + also: names that it only defines + text: their code"""
    defined = [name for kernel in kernels for name in (kernel, f"{kernel}.kd")] + list(also)
    strings, symbols = bytearray(b"\0"), bytearray(24)
    for name in defined:
        symbols += struct.pack("<IBBHQQ", len(strings), 0x11, 0, 7, 0, 0)
        strings += name.encode() + b"\0"
    sections = [
        (".dynsym", DYNSYM, 2, bytes(symbols)),
        (".dynstr", STRTAB, 0, bytes(strings)),
        (".text", PROGBITS, 0, text),
    ]
    return elf(sections, flags=mach | features)


def bundle(entries: Mapping[str, bytes]) -> bytes:
    """An offload bundle, with the entry of size 0 for the host that the compiler puts first."""
    every = {HOST: b"", **entries}
    at = 32 + sum(24 + len(target) for target in every)
    table, body = bytearray(), bytearray()
    for target, content in every.items():
        table += struct.pack("<QQQ", at + len(body), len(content), len(target)) + target.encode()
        body += content
    return b"__CLANG_OFFLOAD_BUNDLE__" + struct.pack("<Q", len(every)) + bytes(table + body)


def compressed(
    content: bytes, version: int = 3, method: int = 1, claim: int | None = None
) -> bytes:
    """A CCOB. + claim: what its header says in place of the content's size"""
    packed = zstandard.compress(content) if method == 1 else zlib.compress(content)
    unpacked = len(content) if claim is None else claim
    layout, begins = {1: ("<IQ", 20), 2: ("<IIQ", 24), 3: ("<QQQ", 32)}[version]
    sizes = (unpacked,) if version == 1 else (begins + len(packed), unpacked)
    return b"CCOB" + struct.pack("<HH", version, method) + struct.pack(layout, *sizes, 0) + packed


def catalog(*kernels: str) -> bytes:
    """A catalog whose solutions are these kernels."""
    solutions = [{"index": at, "name": name, "sizeMapping": {}} for at, name in enumerate(kernels)]
    packed: bytes = msgpack.packb({"solutions": solutions, "library": {"type": "Problem"}})
    return packed


def lazy(*stems: str, arch: str = "gfx906") -> bytes:
    """A lazy catalog that names these."""
    library = {
        "type": "Hardware",
        "rows": [
            {
                "predicate": {"type": "AMDGPU", "value": {"type": "Processor", "value": arch}},
                "library": {"rows": [{"library": {"type": "Placeholder", "value": each}}]},
            }
            for each in stems
        ],
    }
    packed: bytes = msgpack.packb({"solutions": [], "library": library})
    return packed


def tensile(
    arch: str = "gfx906", mach: int = GFX906, build: str = "", features: int = ANY_XNACK
) -> dict[str, bytes]:
    """A small library for one arch. + build: what its kernels' names end with"""

    def made(*kernels: str) -> bytes:
        return code(*kernels, mach=mach, features=features)

    tuned = [f"Cijk_SB_{number}{build}" for number in range(3)]
    fallback = [f"Cijk_BB_{number}{build}" for number in range(2)]
    return {
        f"TensileLibrary_lazy_{arch}.dat": lazy(f"{TUNED}_{arch}", FALLBACK, arch=arch),
        f"Kernels.so-000-{arch}.hsaco": made("helper"),
        f"{TUNED}_{arch}.dat": catalog(*tuned),
        f"{TUNED}_{arch}.co": compressed(bundle({target(arch): made(*tuned[:2])})),
        f"{TUNED}_{arch}.hsaco": made(*tuned[2:]),
        f"{FALLBACK}.dat": catalog(*fallback),
        f"{FALLBACK}_{arch}.hsaco": made(*fallback),
    }


def target(arch: str) -> str:
    return f"hipv4-amdgcn-amd-amdhsa--{arch}"


def library(*fatbins: bytes) -> bytes:
    """A host library that carries these bundles."""
    fatbin = b"".join(each + b"\0" * (-len(each) % 4096) for each in fatbins)
    return elf([(".hip_fatbin", PROGBITS, 0, fatbin)], machine=62, osabi=0, abi=0)


def put(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder
