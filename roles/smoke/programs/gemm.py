"""How fast the card multiplies and copies, over seconds, against its data sheet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from roles.smoke.programs.part import Part, Step, Told

SECONDS = 3.0  # of each: long enough for the clocks to settle
SIZE = 4096
COPIED = 1 << 30
# Less than a quarter of the data sheet is a card that is throttled, hung up on one lane of its
# power, or not used: our own judgement, not seen on a card yet.
LEAST = 0.25


def run(torch: Any, device: Any, told: Told) -> Iterator[Step]:
    """Without a card: one small product on the processor, to see that the program runs."""
    if device is None:
        yield Step("processor", partial(_small, torch))
        return
    for name, kind in (("fp32", torch.float32), ("fp16", torch.float16)):
        yield Step(name, partial(_product, torch, device, name, kind, told))
    yield Step("memory", partial(_copy, torch, device, told))


def _small(torch: Any) -> Part:
    a = torch.randn(64, 64)
    good = bool(torch.allclose((a @ a).double(), a.double() @ a.double(), atol=1e-3))
    return Part("pending" if good else "fail", "no card computes here")


def _product(torch: Any, device: Any, name: str, kind: Any, told: Told) -> Part:
    a, b = (torch.randn(SIZE, SIZE, device=device, dtype=kind) for _ in range(2))
    c = torch.empty_like(a)
    rate = _rate(torch, device, lambda: torch.mm(a, b, out=c)) * 2 * SIZE**3 / 1e12
    row = a[SIZE // 3].double().cpu() @ b.double().cpu()  # one of 4096 shows whether it is true
    off = float((c[SIZE // 3].double().cpu() - row).abs().max() / row.abs().max())
    if not off <= 0.01:
        return Part("fail", f"the product is off by {off:.1e}")
    return _against("tflops", rate, told.peaks.get(f"tflops_{name}"))


def _copy(torch: Any, device: Any, told: Told) -> Part:
    a = torch.ones(COPIED // 4, device=device)
    b = torch.empty_like(a)
    rate = _rate(torch, device, lambda: b.copy_(a)) * 2 * COPIED / 1e9  # read and written
    if float(b[-1]) != 1:
        return Part("fail", "what was copied is not what was there")
    return _against("gb_per_s", rate, told.peaks.get("gb_per_s"))


def _rate(torch: Any, device: Any, work: Callable[[], Any]) -> float:
    """How often a second, once it is warm."""
    work()
    torch.cuda.synchronize(device)
    count, started = 0, time.monotonic()
    while time.monotonic() - started < SECONDS:
        for _ in range(4):
            work()
        torch.cuda.synchronize(device)
        count += 4
    return count / (time.monotonic() - started)


def _against(unit: str, rate: float, peak: float | None) -> Part:
    figures = {unit: round(rate, 2), "data_sheet": peak}
    if not peak:
        return Part("pass", "no data sheet to compare with", figures)
    ratio = round(rate / peak, 3)
    if ratio < LEAST:
        why = f"{ratio:.0%} of the data sheet: look at its temperature, its power cap and its fan"
        return Part("fail", why, {**figures, "ratio": ratio})
    return Part("pass", figures={**figures, "ratio": ratio})
