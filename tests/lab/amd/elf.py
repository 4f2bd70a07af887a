"""A shared library with a name and no code for the host: what ldconfig and `file` take for one."""

from __future__ import annotations

import struct

PAGE = 0x1000
HEADERS = 64 + 2 * 56  # the ELF header and two program headers
HASH, STRTAB, SYMTAB, STRSZ, SYMENT, SONAME = 4, 5, 6, 10, 11, 14  # tags of the dynamic section
SECTION = 64  # bytes of a section header


def shared_library(soname: str, note: str, fatbin: bytes = b"") -> bytes:
    """+ note: a text for people who look inside + fatbin: the section .hip_fatbin, if any"""
    strings = b"\0" + soname.encode() + b"\0" + note.encode() + b"\0"
    symbols = bytes(24)  # the null symbol
    hashes = struct.pack("<4I", 1, 1, 0, 0)  # one bucket, one chain, both empty
    at_symbols = HEADERS
    at_hashes = at_symbols + len(symbols)
    at_dynamic = at_hashes + len(hashes)
    tags = 7
    at_strings = at_dynamic + tags * 16
    dynamic = struct.pack(
        f"<{tags * 2}Q",
        *(SONAME, 1, HASH, at_hashes, STRTAB, at_strings, SYMTAB, at_symbols),
        *(STRSZ, len(strings), SYMENT, 24, 0, 0),
    )
    size = at_strings + len(strings)
    at_sections, sections = _sections(size, fatbin)
    count = 3 if fatbin else 0
    shared, x86_64 = 3, 62
    header = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    header += struct.pack("<HHIQQQI", shared, x86_64, 1, 0, 64, at_sections, 0)
    header += struct.pack("<HHHHHH", 64, 56, 2, SECTION, count, max(0, count - 1))
    load, dynamic_segment, readable = 1, 2, 4
    header += struct.pack("<IIQQQQQQ", load, readable, 0, 0, 0, size, size, PAGE)
    header += struct.pack(
        *("<IIQQQQQQ", dynamic_segment, readable, at_dynamic, at_dynamic, at_dynamic),
        *(tags * 16, tags * 16, 8),
    )
    return header + symbols + hashes + dynamic + strings + sections


def _sections(end: int, fatbin: bytes) -> tuple[int, bytes]:
    """What follows the rest: the fatbin on a page of its own, names, and their table; its place."""
    if not fatbin:
        return 0, b""
    names = b"\0.hip_fatbin\0.shstrtab\0"
    gap = bytes(-end % PAGE)
    at_fatbin = end + len(gap)
    at_names = at_fatbin + len(fatbin)
    content = gap + fatbin + names + bytes(-(at_names + len(names)) % 8)
    progbits, strtab = 1, 3
    rows = (
        (names.index(b".hip"), progbits, 0, 0, at_fatbin, len(fatbin), 0, 0, PAGE, 0),
        (names.index(b".shstr"), strtab, 0, 0, at_names, len(names), 0, 0, 1, 0),
    )
    table = bytes(SECTION) + b"".join(struct.pack("<IIQQQQIIQQ", *row) for row in rows)
    return end + len(content), content + table
