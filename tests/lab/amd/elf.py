"""A shared library with a name and nothing in it: what ldconfig and `file` take for one."""

from __future__ import annotations

import struct

PAGE = 0x1000
HEADERS = 64 + 2 * 56  # the ELF header and two program headers
HASH, STRTAB, SYMTAB, STRSZ, SYMENT, SONAME = 4, 5, 6, 10, 11, 14  # tags of the dynamic section


def shared_library(soname: str, note: str) -> bytes:
    """+ note: a text for people who look inside"""
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
    shared, x86_64 = 3, 62
    header = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    header += struct.pack("<HHIQQQIHHHHHH", shared, x86_64, 1, 0, 64, 0, 0, 64, 56, 2, 64, 0, 0)
    load, dynamic_segment, readable = 1, 2, 4
    header += struct.pack("<IIQQQQQQ", load, readable, 0, 0, 0, size, size, PAGE)
    header += struct.pack(
        *("<IIQQQQQQ", dynamic_segment, readable, at_dynamic, at_dynamic, at_dynamic),
        *(tags * 16, tags * 16, 8),
    )
    return header + symbols + hashes + dynamic + strings
