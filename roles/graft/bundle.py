"""Containers of device code: a bare ELF, clang's offload bundle, and that compressed (CCOB).

What is read here came from elsewhere: whatever is wrong with it is an UnreadableError.
"""

from __future__ import annotations

import mmap
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roles.graft import zstd
from roles.graft.libzstd import ZstdError

ELF = b"\x7fELF"
BUNDLE = b"__CLANG_OFFLOAD_BUNDLE__"
COMPRESSED = b"CCOB"

# The largest code object of a Tensile library unpacks to 25 MB.
MOST_UNPACKED = 256 << 20
# A library built for everything that AMD supports has some 30 targets, of some 50 characters.
MOST_TARGETS = 256
LONGEST_TARGET = 128
HEAD = 64 << 10  # holds the largest table of targets that we accept
# The compiler puts every bundle of a library on a page of its own; libtorch_hip has about 1000.
PAGE = 4096
MOST_BUNDLES = 16384

# What is found in place of code, by how it begins: mostly a download that went wrong.
LOOK_ALIKES = (
    (rb"(\xef\xbb\xbf)?\s*<(!doctype html|html|head|body)", "an HTML page"),
    (rb"\s*<\?xml", "an XML document"),
    (rb"version https://git-lfs", "a Git LFS pointer, not the file itself"),
    (rb"\x1f\x8b", "gzip data"),
    (rb"\x28\xb5\x2f\xfd", "Zstandard data"),
    (rb"\xfd7zXZ", "xz data"),
    (rb"PK\x03\x04", "a zip archive"),
    (rb"!<arch>\n", "an ar archive, as a .deb is"),
    (rb"\x00{64}", "nothing but zero bytes"),
    (rb"[\t\r\n -~]{64}", "text"),
)


class UnreadableError(Exception):
    """What was read is not what it should be; says what is wrong with it."""


@dataclass(frozen=True)
class Image:
    """Device code. + target: what the bundle says it is for; a bare ELF says it itself"""

    target: str
    data: memoryview


@dataclass(frozen=True)
class _Compressed:
    """+ packed: what follows the header + size: header and all; 0 where it is not told"""

    method: int
    packed: memoryview
    unpacked: int
    size: int


def mapped(path: Path) -> memoryview:
    """A file's bytes, of which only those are read that are looked at."""
    try:
        if not path.is_file():
            raise UnreadableError("not a file" if path.exists() else "not there")
        with path.open("rb") as file:
            if not path.stat().st_size:
                return memoryview(b"")
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise UnreadableError(f"cannot be read: {why or error}") from error


def describe(data: bytes | memoryview) -> str:
    """What this is, when it is nothing that we can read."""
    head = bytes(data[:512])
    if not head:
        return "empty"
    for begins, name in LOOK_ALIKES:
        if re.match(begins, head, re.IGNORECASE):
            return name
    return f"unknown data that begins {head[:8].hex(' ')}"


def take(layout: str, data: memoryview, at: int) -> tuple[Any, ...]:
    """The numbers at this place."""
    end = at + struct.calcsize(layout)
    if end > len(data):
        raise UnreadableError(f"truncated: ends after {len(data)} bytes, before byte {end}")
    return struct.unpack_from(layout, data, at)


def images(data: bytes | memoryview) -> Iterator[Image]:
    """The device code in a file."""
    view = memoryview(data)
    if view[:4] == COMPRESSED:
        header = _header(view)
        view = memoryview(_unpack(header, header.unpacked))
    if view[: len(BUNDLE)] == BUNDLE:
        entries = [one for one in _table(view, len(view)) if _is_device(one)]
        if not entries:
            raise UnreadableError("an offload bundle without device code")
        for target, offset, size in entries:
            yield Image(target, view[offset : offset + size])
    elif view[:4] == ELF:
        yield Image("", view)
    elif view[:4] == COMPRESSED:
        raise UnreadableError("compressed twice")
    else:
        raise UnreadableError(describe(view))


def targets(fatbin: memoryview) -> Iterator[str]:
    """What the bundles in a library are for; of each no more than its table is unpacked."""
    at = bundles = 0
    while at < len(fatbin):
        rest = fatbin[at:]
        size = 0
        if rest[:4] == COMPRESSED or rest[: len(BUNDLE)] == BUNDLE:
            bundles += 1
            if bundles > MOST_BUNDLES:
                raise UnreadableError(f"more than {MOST_BUNDLES} bundles")
            entries, size = _outline(rest)
            yield from (one[0] for one in entries if _is_device(one))
        at += -(-max(size, 1) // PAGE) * PAGE


def arch_of(target: str) -> str | None:
    """The arch in a target: gfx906 of hipv4-amdgcn-amd-amdhsa--gfx906:xnack-"""
    found = re.search(r"-(gfx[0-9a-z]+(?:-[0-9]+)?(?:-generic)?)(?::|$)", target)
    return found[1] if found else None


def _is_device(entry: tuple[str, int, int]) -> bool:
    target, _, size = entry
    return size > 0 and not target.startswith("host")


def _outline(view: memoryview) -> tuple[list[tuple[str, int, int]], int]:
    """The entries of the bundle that this begins with, and its size, 0 where it is not told."""
    if view[:4] != COMPRESSED:
        entries = _table(view, len(view))
        return entries, max((offset + size for _, offset, size in entries), default=0)
    header = _header(view)
    head = memoryview(_unpack(header, min(header.unpacked, HEAD)))
    if head[: len(BUNDLE)] != BUNDLE:
        raise UnreadableError(f"a compressed bundle that holds {describe(head)}")
    return _table(head, header.unpacked), header.size


def _table(view: memoryview, length: int) -> list[tuple[str, int, int]]:
    """Target, offset and size of each entry of a bundle. + length: of the bundle, all told"""
    (count,) = take("<Q", view, len(BUNDLE))
    if count > MOST_TARGETS:
        raise UnreadableError(f"a bundle that claims {count} entries; we read {MOST_TARGETS}")
    at = len(BUNDLE) + 8
    entries = []
    for _ in range(count):
        offset, size, letters = take("<QQQ", view, at)
        at += 24
        if letters > LONGEST_TARGET:
            raise UnreadableError(f"a bundle with a target of {letters} characters")
        (target,) = take(f"{letters}s", view, at)
        at += letters
        if offset + size > length:
            raise UnreadableError(
                f"truncated: the bundle has {length} bytes, its entries {offset + size}"
            )
        entries.append((target.decode("ascii", "replace"), offset, size))
    return entries


def _header(view: memoryview) -> _Compressed:
    version, method = take("<HH", view, 4)
    if version == 1:
        (unpacked,) = take("<I8x", view, 8)
        size, begins = 0, 20
    elif version == 2:
        size, unpacked = take("<II8x", view, 8)
        begins = 24
    elif version == 3:
        size, unpacked = take("<QQ8x", view, 8)
        begins = 32
    else:
        raise UnreadableError(f"a compressed bundle of version {version}; we read 1 to 3")
    if version > 1 and not begins <= size <= len(view):
        raise UnreadableError(f"truncated: has {len(view)} bytes, its header says {size}")
    return _Compressed(method, view[begins : size or len(view)], unpacked, size)


def _unpack(header: _Compressed, wanted: int) -> bytes | bytearray:
    """The first bytes of the content: all of them, or as many as the caller wants."""
    if wanted > MOST_UNPACKED:
        raise UnreadableError(f"claims to unpack to {wanted} bytes; we unpack {MOST_UNPACKED}")
    content: bytes | bytearray
    # One byte beyond, to see that there is no more; not where we do not know what follows.
    beyond = 1 if header.size and wanted == header.unpacked else 0
    try:
        if header.method == 0:
            # No encoder makes its input twice as long: nothing that we need is left off.
            packed = header.packed[: 2 * wanted + 1024]
            content = zlib.decompressobj().decompress(packed, wanted + beyond)
        elif header.method == 1:
            content = zstd.unpack(header.packed, wanted + beyond, window=MOST_UNPACKED)
        else:
            raise UnreadableError(f"compressed by method {header.method}; we read 0 and 1")
    except (zlib.error, ZstdError, MemoryError) as error:
        raise UnreadableError(f"does not unpack: {error}") from error
    if len(content) != wanted:
        says = f"unpacks to {'more' if len(content) > wanted else len(content)}"
        raise UnreadableError(f"{says}, not to the {header.unpacked} bytes that its header says")
    return content
