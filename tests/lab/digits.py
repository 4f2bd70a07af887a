"""Digits of our own, in MNIST's format: drawn from a small font, turned, stretched and smudged.

They stand in for MNIST's where it cannot be had. They are easier to read than handwriting.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import random
import struct
from pathlib import Path

from .image import only_one
from .places import cache

SIDE = 28
TRAINING, TESTS = 640, 160  # what a box in the lab gets: it only tries two steps
FONT = (  # rows of five points, from the top
    "01110 10001 10011 10101 11001 10001 01110",
    "00100 01100 00100 00100 00100 00100 01110",
    "01110 10001 00001 00010 00100 01000 11111",
    "11111 00010 00100 00010 00001 10001 01110",
    "00010 00110 01010 10010 11111 00010 00010",
    "11111 10000 11110 00001 00001 10001 01110",
    "00110 01000 10000 11110 10001 10001 01110",
    "11111 00001 00010 00100 01000 01000 01000",
    "01110 10001 10001 01110 10001 10001 01110",
    "01110 10001 10001 01111 00001 00010 01100",
)
INK = [
    [(x, y) for y, row in enumerate(glyph.split()) for x, point in enumerate(row) if point == "1"]
    for glyph in FONT
]


def kept() -> Path:
    """The lab's own four files, drawn if they are not there."""
    place = cache() / f"digits-{hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:12]}"
    with only_one(place):
        if not (place / "drawn").exists():
            write(place / "new", TRAINING, TESTS)
            (place / "new").rename(place / "drawn")
    return place / "drawn"


def sums() -> dict[str, str]:
    """The sha256 of each, for smoke_digits_sha256."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in kept().iterdir()}


def write(folder: Path, training: int, tests: int, seed: int = 1) -> None:
    """The four files, under MNIST's names."""
    folder.mkdir(parents=True, exist_ok=True)
    drawing = random.Random(seed)
    for kind, count in (("train", training), ("t10k", tests)):
        labels = bytes(drawing.randrange(10) for _ in range(count))
        images = b"".join(_drawn(drawing, label) for label in labels)
        _pack(folder / f"{kind}-images-idx3-ubyte.gz", (count, SIDE, SIDE), images)
        _pack(folder / f"{kind}-labels-idx1-ubyte.gz", (count,), labels)


def _pack(path: Path, sizes: tuple[int, ...], body: bytes) -> None:
    head = struct.pack(f">HBB{len(sizes)}I", 0, 8, len(sizes), *sizes)
    path.write_bytes(gzip.compress(head + body, 6, mtime=0))


def _drawn(drawing: random.Random, label: int) -> bytes:
    """Each point of the glyph as a soft spot, wherever this hand has put it."""
    turn, lean = drawing.gauss(0, 0.15), drawing.gauss(0, 0.2)
    wide, high = drawing.uniform(2.4, 3.6), drawing.uniform(2.4, 3.2)
    right, down = drawing.gauss(SIDE / 2, 1.2), drawing.gauss(SIDE / 2, 1.2)
    soft = drawing.uniform(1.0, 1.6)
    image = [0.0] * SIDE * SIDE
    cosine, sine = math.cos(turn), math.sin(turn)
    for point_x, point_y in INK[label]:
        x, y = (point_x - 2) * wide, (point_y - 3) * high
        x += lean * y
        at_x, at_y = right + cosine * x - sine * y, down + sine * x + cosine * y
        for row in range(max(0, int(at_y) - 3), min(SIDE, int(at_y) + 5)):
            for column in range(max(0, int(at_x) - 3), min(SIDE, int(at_x) + 5)):
                far = (column - at_x) ** 2 + (row - at_y) ** 2
                image[row * SIDE + column] += math.exp(-far / (2 * soft * soft))
    return bytes(min(255, int(255 * ink)) for ink in image)
