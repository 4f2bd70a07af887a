"""The digits: IDX files, packed, as MNIST has come since 1998. Pure but for reading them."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

UNSIGNED_BYTES = 0x08
MOST = 1 << 28  # bytes of one file, unpacked; the largest has 47 million


def read(path: Path) -> tuple[tuple[int, ...], bytes]:
    """Sizes of each dimension, and the bytes."""
    with gzip.open(path) as packed:
        told = packed.read(MOST + 1)
    if len(told) > MOST:
        raise ValueError(f"{path} unpacks to more than {MOST} bytes")
    zero, kind, dimensions = struct.unpack_from(">HBB", told)
    if zero or kind != UNSIGNED_BYTES:
        raise ValueError(f"{path} is no IDX file of bytes")
    sizes = struct.unpack_from(f">{dimensions}I", told, 4)
    body = told[4 + 4 * dimensions :]
    expected = 1
    for size in sizes:
        expected *= size
    if len(body) != expected:
        raise ValueError(f"{path} has {len(body)} bytes for {expected}")
    return sizes, body
