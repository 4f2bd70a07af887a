"""Does Triton compile for the card, and is what it compiles right? Three small kernels say so."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from functools import partial
from importlib import metadata
from typing import Any

from roles.smoke.programs.part import Part, Step, Told

NAMES = ("pytorch-triton-rocm", "triton-rocm", "triton")  # under which it is distributed
COUNT = 98_765  # odd: the last block is not full
ROWS, WAVE = 1003, 64  # a row is as wide as one wave of the card
M, N, K = 160, 96, 224
NEAR_SUM, NEAR_DOT = 1e-4, 1e-3  # sums of 64 in fp32, of 224 products of fp16


def run(torch: Any, device: Any, told: Told) -> Iterator[Step]:
    """Import it; where a card computes, compile for it and compare with the processor."""
    yield Step("import", partial(_imported, device))
    if device is not None:
        for name, do, near in (
            ("vector add", _added, 0.0),
            ("sum of a wave", _summed, NEAR_SUM),
            ("fp16 dot", _dotted, NEAR_DOT),
        ):
            yield Step(name, partial(_compiled, torch, device, told, do, near))


def _imported(device: Any) -> Part:
    import triton  # type: ignore[import-not-found,unused-ignore]

    figures = {"version": _version(), "says": str(triton.__version__)}
    if device is None:
        return Part("pending", "it can be imported; its kernels need a card", figures)
    return Part("pass", figures=figures)


def _version() -> str:
    """Of the distribution: what Triton says of itself has no local part."""
    for name in NAMES:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return ""


def _compiled(torch: Any, device: Any, told: Told, do: Any, near: float) -> Part:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TRITON_CACHE_DIR"] = folder  # nothing of another day, and nothing left behind
        from roles.smoke.programs import kernels

        torch.manual_seed(1)
        torch.cuda.set_device(device)
        try:
            worst = do(torch, device, kernels)
        except Exception as problem:
            said = str(problem).strip().splitlines()[-1:]
            why = f"Triton {_version()}: {type(problem).__name__}: {''.join(said)[:200]}"
            if not torch.version.hip or f"+{told.arch}" in _version():
                return Part("fail", why)
            return Part("gap", f"{why}. Next: pyinfra INVENTORY deploy/triton.py")
    if not worst <= near:  # also of what is no number
        return Part("fail", f"off by {worst:.3g}, {near:g} are allowed", {"off_by": worst})
    return Part("pass", figures={"off_by": worst})


def _added(torch: Any, device: Any, kernels: Any) -> float:
    a, b = torch.randn(COUNT), torch.randn(COUNT)
    out = torch.full((COUNT + 1,), 7.0, device=device)
    kernels.add[((COUNT + 1023) // 1024,)](a.to(device), b.to(device), out, COUNT, BLOCK=1024)
    here = out.cpu()
    beyond = float(here[COUNT] - 7.0)  # what is behind the end is left alone
    return max(float((here[:COUNT] - (a + b)).abs().max()), abs(beyond))


def _summed(torch: Any, device: Any, kernels: Any) -> float:
    a = torch.randn(ROWS, WAVE)
    out = torch.empty(ROWS, device=device)
    kernels.sums[(ROWS,)](a.to(device), out, WIDTH=WAVE, num_warps=1)
    return float((out.cpu() - a.double().sum(1)).abs().max())


def _dotted(torch: Any, device: Any, kernels: Any) -> float:
    a, b = (torch.randn(M, K) / 4).half(), (torch.randn(K, N) / 4).half()
    out = torch.empty(M, N, device=device)
    kernels.dot[(M // 32, N // 32)](a.to(device), b.to(device), out, N=N, K=K, BLOCK=32)
    return float((out.cpu() - a.double() @ b.double()).abs().max())
