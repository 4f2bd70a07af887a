"""PCI configuration space of the functions that make up a card in its slot.

A function is 4 KB of bytes and a mask of the bits that a write changes; the stand-in slot answers
from them and knows nothing else. Offsets and values follow lspci -vvv of real cards. No function
has an interrupt pin, as nothing could raise one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

SIZE = 4096
ROW = 32  # bytes a line of the compiled text
SPEEDS = {2.5: 1, 5.0: 2, 8.0: 3, 16.0: 4}  # GT/s, and how a link register says it
ENDPOINT, ROOT_PORT, UPSTREAM, DOWNSTREAM = 1, 4, 5, 6  # a Vega 20 calls itself a legacy endpoint
MEMORY, MEMORY_64_PREFETCH = 0x0, 0xC  # the type bits of a BAR


class Link(NamedTuple):
    """How fast and how wide."""

    gts: float
    width: int

    @property
    def field(self) -> int:
        """As the link registers have it."""
        return SPEEDS[self.gts] | self.width << 4


@dataclass(frozen=True)
class Identity:
    """What a function says it is."""

    vendor: int
    device: int
    class_code: int
    revision: int = 0
    subsystem: tuple[int, int] = (0, 0)


class Space:
    """One function's configuration space."""

    def __init__(self) -> None:
        self.bytes = bytearray(SIZE)
        self.mask = bytearray(SIZE)

    def put(self, at: int, size: int, value: int, writable: int = 0) -> None:
        """A register: its value after reset, and the bits that a write changes."""
        self.bytes[at : at + size] = value.to_bytes(size, "little")
        self.mask[at : at + size] = writable.to_bytes(size, "little")

    def get(self, at: int, size: int) -> int:
        """The value of a register after reset."""
        return int.from_bytes(self.bytes[at : at + size], "little")

    def lines(self, address: str) -> Iterator[str]:
        """What the slot module reads; rows of zeros are left out."""
        for kind, content in (("config", self.bytes), ("writable", self.mask)):
            for at in range(0, SIZE, ROW):
                row = content[at : at + ROW]
                if any(row):
                    yield f"{kind} {address} {at:x} {row.hex()}"


def display(
    identity: Identity,
    link: Link,
    *,
    best: Link,
    bar: int,
    offered: tuple[int, ...],
    rom: int,
    atomics: bool,
    more: bool,
) -> Space:
    """The graphics function.

    + link, best: what its own link runs at, and could
    + bar, offered: bytes of BAR 0, and the sizes that it can be resized to, if any
    + more: whether the card has further functions
    """
    space = _function(identity, header=0x80 if more else 0)
    _bar_64(space, 0x10, bar)
    _bar_64(space, 0x18, 2 << 20)
    space.put(0x24, 4, MEMORY, _address_bits(512 << 10, 32))
    space.put(0x30, 4, 0, _address_bits(rom, 32) | 1)
    space.put(0x34, 1, 0x48)
    space.put(0x48, 4, 0x0008_5009)  # vendor specific, 8 bytes
    _power(space, 0x50, after=0x64, wakes_from=0xF600)
    _express(space, 0x64, after=0xA0, kind=ENDPOINT, link=link, best=best, atomics=atomics)
    _message_interrupt(space, 0xA0)
    space.put(0x100, 4, _extended(0x0B, 1, after=0x150))
    space.put(0x104, 4, 0x0101_0001)  # vendor specific: ID 1, revision 1, 16 bytes
    _error_reporting(space, 0x150, after=0x200 if offered else 0x270)
    if offered:
        _resizable(space, 0x200, bar, offered, after=0x270)
    space.put(0x270, 4, _extended(0x19, 1, after=0))  # secondary PCI Express
    return space


def sound(identity: Identity, link: Link, best: Link) -> Space:
    """The function for sound over a display cable."""
    space = _function(identity, header=0x80)
    space.put(0x10, 4, MEMORY, _address_bits(16 << 10, 32))
    space.put(0x34, 1, 0x50)
    _power(space, 0x50, after=0x64, wakes_from=0xF600)
    _express(space, 0x64, after=0, kind=ENDPOINT, link=link, best=best, atomics=False)
    return space


def port(
    identity: Identity, kind: int, buses: tuple[int, int, int], link: Link, best: Link
) -> Space:
    """A bridge: a root port, or a port of the switch on a card's board.

    + buses: the bus that it is on, the one behind it, and the last one behind it
    """
    space = _function(identity, header=1)
    for at, bus in zip((0x18, 0x19, 0x1A), buses, strict=True):
        space.put(at, 1, bus)
    if kind == UPSTREAM:
        space.put(0x10, 4, MEMORY, _address_bits(16 << 10, 32))
    # Windows begin closed: base above limit.
    space.put(0x1C, 2, 0x00F0, 0xF0F0)
    space.put(0x20, 4, 0x0000_FFF0, 0xFFF0_FFF0)
    space.put(0x24, 4, 0x0001_FFF1, 0xFFF0_FFF0)
    space.put(0x28, 4, 0, 0xFFFF_FFFF)
    space.put(0x2C, 4, 0, 0xFFFF_FFFF)
    space.put(0x34, 1, 0x50)
    space.put(0x3E, 2, 0, 0x7F)
    _power(space, 0x50, after=0x58, wakes_from=0xC800)
    _express(space, 0x58, after=0, kind=kind, link=link, best=best, atomics=True)
    return space


def _function(identity: Identity, header: int) -> Space:
    space = Space()
    space.put(0x00, 2, identity.vendor)
    space.put(0x02, 2, identity.device)
    space.put(0x04, 2, 0, 0x0547)
    space.put(0x06, 2, 0x0010)  # has capabilities
    space.put(0x08, 4, identity.class_code << 8 | identity.revision)
    space.put(0x0C, 1, 0, 0xFF)
    space.put(0x0E, 1, header)
    if not header & 0x7F:
        space.put(0x2C, 2, identity.subsystem[0])
        space.put(0x2E, 2, identity.subsystem[1])
    space.put(0x3C, 1, 0, 0xFF)
    return space


def _address_bits(size: int, width: int) -> int:
    """Those bits of a BAR that hold an address: the rest stay as they are, which tells its size."""
    return (1 << width) - size


def _bar_64(space: Space, at: int, size: int) -> None:
    space.put(at, 8, MEMORY_64_PREFETCH, _address_bits(size, 64))


def _power(space: Space, at: int, after: int, wakes_from: int) -> None:
    space.put(at, 2, 0x01 | after << 8)
    space.put(at + 2, 2, 0x0003 | wakes_from)
    space.put(at + 4, 2, 0x0008, 0x0103)


def _express(
    space: Space, at: int, after: int, *, kind: int, link: Link, best: Link, atomics: bool
) -> None:
    above_a_link = kind in (ROOT_PORT, DOWNSTREAM)
    routes = 0x40 if kind != ENDPOINT else 0
    space.put(at, 2, 0x10 | after << 8)
    space.put(at + 2, 2, 0x2 | kind << 4)
    # Payloads of 256 bytes, tags of 8 bits, role based errors; how late an endpoint may wake.
    space.put(at + 4, 4, 0x8021 | 0x0F80 * (kind == ENDPOINT))
    space.put(at + 8, 2, 0x2930, 0x7FFF)
    space.put(at + 0xC, 4, best.field | 0x40_0C00 | above_a_link << 20)  # ASPM L0s and L1
    space.put(at + 0x10, 2, 0x0040, 0x0FDF)  # not the retrain bit: it clears itself
    space.put(at + 0x12, 2, link.field | 0x1000 | above_a_link << 13)
    if kind == ROOT_PORT:
        space.put(at + 0x1C, 2, 0, 0x1F)
    space.put(at + 0x24, 4, (0x180 | routes) * atomics | 0x1F)
    space.put(at + 0x28, 2, 0x40 * (atomics and kind == ENDPOINT), 0xFFFF)
    space.put(at + 0x2C, 4, (2 << SPEEDS[best.gts]) - 2)
    space.put(at + 0x30, 2, SPEEDS[best.gts], 0xFFFF)
    space.put(at + 0x32, 2, 0x001E * (link.gts >= 8))  # equalised


def _message_interrupt(space: Space, at: int) -> None:
    space.put(at, 2, 0x05)
    space.put(at + 2, 2, 0x0080, 0x0071)
    space.put(at + 4, 8, 0, 0xFFFF_FFFF_FFFF_FFFC)
    space.put(at + 0xC, 2, 0, 0xFFFF)


def _extended(number: int, version: int, after: int) -> int:
    return number | version << 16 | after << 20


def _error_reporting(space: Space, at: int, after: int) -> None:
    space.put(at, 4, _extended(0x01, 2, after))
    space.put(at + 0x08, 4, 0x0010_0000, 0x03FF_F030)
    space.put(at + 0x0C, 4, 0x0046_2030, 0x03FF_F030)
    space.put(at + 0x14, 4, 0x0000_2000, 0x0000_F1C1)
    space.put(at + 0x18, 4, 0x0000_00A0, 0x0000_0140)


def _resizable(space: Space, at: int, bar: int, offered: tuple[int, ...], after: int) -> None:
    sizes = sum(1 << (size >> 20).bit_length() + 3 for size in offered)
    space.put(at, 4, _extended(0x15, 1, after))
    space.put(at + 4, 4, sizes)
    space.put(at + 8, 4, 1 << 5 | ((bar >> 20).bit_length() - 1) << 8, 0x3F00)
