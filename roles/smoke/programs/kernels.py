"""Kernels in Triton's language, which reads them as text and compiles them for the card.

What is no number has no type here: Triton would look for that in its own language.
"""

# mypy: disable-error-code="no-untyped-def, untyped-decorator"

from __future__ import annotations

import triton  # type: ignore[import-not-found,unused-ignore]
import triton.language as tl  # type: ignore[import-not-found,unused-ignore]


@triton.jit
def add(a, b, out, count, BLOCK: tl.constexpr):  # noqa: N803
    """Two vectors, a block at a time."""
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < count
    tl.store(out + at, tl.load(a + at, inside) + tl.load(b + at, inside), inside)


@triton.jit
def sums(a, out, WIDTH: tl.constexpr):  # noqa: N803
    """Each row by one wave, which has to know how wide it is."""
    row = tl.program_id(0)
    tl.store(out + row, tl.sum(tl.load(a + row * WIDTH + tl.arange(0, WIDTH)), 0))


@triton.jit
def dot(
    a,
    b,
    out,
    N: tl.constexpr,  # noqa: N803
    K: tl.constexpr,  # noqa: N803
    BLOCK: tl.constexpr,  # noqa: N803
):
    """A product of matrices, fp16 in and fp32 out."""
    rows = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    columns = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    total = tl.zeros((BLOCK, BLOCK), tl.float32)
    for start in range(0, K, BLOCK):
        inner = start + tl.arange(0, BLOCK)
        left = tl.load(a + rows[:, None] * K + inner[None, :])
        right = tl.load(b + inner[:, None] * N + columns[None, :])
        total += tl.dot(left, right)
    tl.store(out + rows[:, None] * N + columns[None, :], total)
