"""Tensile's catalogs: msgpack files that say which kernel serves which problem."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgpack  # type: ignore[import-untyped]

from roles.graft.bundle import UnreadableError, describe

# Of the 7.2.4 set the lazy catalog has 22 KB, the largest other 3.8 MB, the longest name 620
# characters. A byte of msgpack can become 64 of Python's: the lazy one is read whole.
MOST_LAZY = 1 << 20
MOST_CATALOG = 64 << 20
LONGEST_NAME = 4096
# A list takes its memory when it begins, before its members are there.
LONGEST_LIST = 1 << 16


@dataclass(frozen=True)
class Lazy:
    """The catalog of catalogs. + archs: whose it says it is + stems: what it names, no suffix"""

    archs: frozenset[str]
    stems: tuple[str, ...]


def lazy(data: bytes | memoryview) -> Lazy:
    """What a TensileLibrary_lazy_ARCH.dat names."""
    archs: set[str] = set()
    stems: dict[str, None] = {}

    def keep(row: dict[Any, Any]) -> None:
        """Called for each map, the innermost first; leaves nothing of it in the tree."""
        value = row.get("value")
        if isinstance(value, str):
            if row.get("type") == "Placeholder":
                stems[value] = None
            elif row.get("type") == "Processor":
                archs.add(value)

    with _readable(data, MOST_LAZY):
        msgpack.unpackb(
            data,
            object_hook=keep,
            strict_map_key=False,
            max_array_len=LONGEST_LIST,
            max_map_len=LONGEST_LIST,
            max_str_len=LONGEST_NAME,
        )
    return Lazy(frozenset(archs), tuple(stems))


def kernels(data: bytes | memoryview) -> frozenset[str]:
    """The names of the kernels that a catalog may ask for: those of its solutions."""
    names: set[str] = set()
    with _readable(data, MOST_CATALOG):
        unpacker = msgpack.Unpacker(max_buffer_size=len(data), max_str_len=LONGEST_NAME)
        unpacker.feed(data)
        found = False
        for _ in range(unpacker.read_map_header()):
            if _text(unpacker, data) == "solutions":
                found = True
                names.update(_names(unpacker, data))
            else:
                unpacker.skip()
        if not found:
            raise UnreadableError("no Tensile catalog: it has no solutions")
        if unpacker.tell() != len(data):
            raise UnreadableError(f"goes on after its end at byte {unpacker.tell()}")
    return frozenset(names)


def _names(unpacker: msgpack.Unpacker, data: bytes | memoryview) -> Iterator[str]:
    """Of each solution the name; what else it says is passed over, which is ten times faster."""
    for _ in range(unpacker.read_array_header()):
        for _ in range(unpacker.read_map_header()):
            if _text(unpacker, data) == "name":
                yield _text(unpacker, data)
            else:
                unpacker.skip()


def _text(unpacker: msgpack.Unpacker, data: bytes | memoryview) -> str:
    """A string, and nothing else: anything else could be a tree as large as the file."""
    at = unpacker.tell()
    if at < len(data) and not (0xA0 <= data[at] <= 0xBF or 0xD9 <= data[at] <= 0xDB):
        raise UnreadableError(f"no Tensile catalog: no name at byte {at}")
    return str(unpacker.unpack())


@contextmanager
def _readable(data: bytes | memoryview, most: int) -> Iterator[None]:
    """Whatever msgpack makes of what is no catalog is one kind of error."""
    if len(data) > most:
        raise UnreadableError(f"has {len(data)} bytes; we read catalogs of {most}")
    if not data or not (0x80 <= data[0] <= 0x8F or 0xDE <= data[0] <= 0xDF):
        raise UnreadableError(describe(data))
    try:
        yield
    except msgpack.OutOfData as error:
        raise UnreadableError(f"truncated: ends after {len(data)} bytes") from error
    except (msgpack.UnpackException, ValueError, TypeError, RecursionError, MemoryError) as error:
        if "incomplete input" in str(error):
            raise UnreadableError(f"truncated: ends after {len(data)} bytes") from error
        raise UnreadableError(f"broken msgpack: {error or type(error).__name__}") from error
