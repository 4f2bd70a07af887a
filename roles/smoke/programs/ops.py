"""Operations one by one, against the processor: odd and batched shapes, one library after another.

What a Tensile graft brings is GEMM alone. The other operations live in libraries of their own,
which may have no code for the card: then a failure is a gap that is known, and not a surprise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from roles.smoke.programs.part import Part, Step, Told

Tensors = tuple[Any, ...]
TENSILE = "rocBLAS Tensile files"
FP32, FP16, BF16 = 1e-4, 5e-3, 4e-2  # relative to the largest value of the result


@dataclass(frozen=True)
class Op:
    """
    One operation.

    + library: that does it on AMD's cards, by its name in roles/graft/libraries.toml
    + given: makes the operands, on the processor
    + does: the operation, on the operands, wherever these are
    + limit: how far it may be off
    + truth: the same in the most exact way; where it is None, the operation on wider operands
    + check: for what has more than one right answer: how far off this one is
    """

    name: str
    library: str
    given: Callable[[Any], Tensors]
    does: Callable[..., Any]
    limit: float
    truth: Callable[..., Any] | None = None
    check: Callable[..., float] | None = None


def run(torch: Any, device: Any, told: Told) -> Iterator[Step]:
    """Each operation."""
    for op in operations(torch):
        yield Step(op.name, partial(_tried, torch, op, device, told), op.library)


def _tried(torch: Any, op: Op, device: Any, told: Told) -> Part:
    torch.manual_seed(7)
    operands = op.given(torch)
    try:
        there = operands if device is None else tuple(one.to(device) for one in operands)
        answer = op.does(*there)
        off = (op.check or _off)(torch, _home(answer), *_expected(torch, op, operands))
    except (RuntimeError, NotImplementedError) as problem:
        return _raised(op, str(problem).strip().splitlines()[0], device, told)
    figures = {"off": off, "limit": op.limit}
    if not off <= op.limit:  # a NaN is not less than anything
        why = f"{op.library}: off by {off:.1e} where {op.limit:.0e} is allowed"
        return Part("fail", why, figures)
    if device is None:
        return Part("pending", "right on the processor; no card computes here", figures)
    return Part("pass", figures=figures)


def _raised(op: Op, why: str, device: Any, told: Told) -> Part:
    if device is not None and op.library in told.gaps:
        return Part("gap", f"{op.library} has no code for {told.arch}: {why}")
    return Part("fail", f"{op.library}: {why}")


def _expected(torch: Any, op: Op, operands: Tensors) -> Tensors:
    if op.check:
        return operands
    wide = {torch.complex64: torch.complex128}
    exact = [
        one.to(wide.get(one.dtype, torch.float64))
        if one.is_floating_point() or one.is_complex()
        else one
        for one in operands
    ]
    return ((op.truth or op.does)(*exact),)


def _home(answer: Any) -> Any:
    return tuple(map(_home, answer)) if isinstance(answer, (tuple, list)) else answer.cpu()


def _off(torch: Any, answer: Any, truth: Any) -> float:
    if answer.shape != truth.shape:
        return float("inf")
    wide = torch.complex128 if truth.is_complex() else torch.float64
    answer, truth = answer.to(wide), truth.to(wide)
    return float((answer - truth).abs().max() / truth.abs().max().clamp_min(1e-30))


def _of(*sizes: tuple[int, ...], kind: str = "float32") -> Callable[[Any], Tensors]:
    """Makes operands of these sizes, normally distributed."""
    return lambda torch: tuple(torch.randn(*size).to(getattr(torch, kind)) for size in sizes)


def operations(torch: Any) -> tuple[Op, ...]:
    """All of them, in the order in which they are tried."""
    return (*_products(torch), *_solvers(torch), *_others(torch))


def _products(torch: Any) -> tuple[Op, ...]:
    odd, batch = ((127, 33), (33, 65)), ((7, 33, 65), (7, 65, 129))
    square = ((1024, 1024), (1024, 1024))
    linear = torch.nn.functional.linear
    return (
        Op("fp32 GEMM", TENSILE, _of(*square), torch.mm, FP32),
        Op("fp32 GEMM, odd", TENSILE, _of(*odd), torch.mm, FP32),
        Op("fp32 GEMM, batched", TENSILE, _of(*batch), torch.bmm, FP32),
        Op("fp32 GEMM, transposed", TENSILE, _of(*odd), lambda a, b: b.T @ a.T, FP32),
        Op("fp16 GEMM", TENSILE, _of(*square, kind="float16"), torch.mm, FP16),
        Op("fp16 GEMM, odd", TENSILE, _of(*odd, kind="float16"), torch.mm, FP16),
        Op("fp16 GEMM, batched", TENSILE, _of(*batch, kind="float16"), torch.bmm, FP16),
        Op("bf16 GEMM", TENSILE, _of(*square, kind="bfloat16"), torch.mm, BF16),
        Op("bf16 GEMM, odd", TENSILE, _of(*odd, kind="bfloat16"), torch.mm, BF16),
        Op(
            "int8 GEMM",
            "hipBLASLt kernels",
            lambda torch: tuple(
                torch.randint(-128, 128, size, dtype=torch.int8) for size in ((64, 128), (128, 72))
            ),
            torch._int_mm,
            0.0,
            truth=lambda a, b: a.long() @ b.long(),
        ),
        Op("fp64 GEMM", TENSILE, _of(*odd, kind="float64"), torch.mm, 1e-12),
        Op("complex GEMM", TENSILE, _of(*odd, kind="complex64"), torch.mm, FP32),
        Op("fp32 mv", "rocBLAS", _of((511, 257), (257,)), torch.mv, FP32),
        Op("fp16 mv", "rocBLAS", _of((511, 257), (257,), kind="float16"), torch.mv, FP16),
        Op("fp32 Linear, batch 1", "rocBLAS", _of((1, 1023), (513, 1023)), linear, FP32),
        Op(
            "fp16 Linear, batch 1",
            "rocBLAS",
            _of((1, 4096), (4096, 4096), kind="float16"),
            linear,
            FP16,
        ),
    )


def _solvers(torch: Any) -> tuple[Op, ...]:
    def triangle(torch: Any) -> Tensors:
        a = torch.randn(129, 129)
        return a.tril() + 16 * torch.eye(129), torch.randn(129, 31)

    def apart(torch: Any, answer: Any, a: Any) -> float:
        lu, pivots = answer
        permuted, lower, upper = torch.lu_unpack(lu.double(), pivots)
        return _off(torch, permuted @ lower @ upper, a.double())

    def straight(torch: Any, answer: Any, a: Any) -> float:
        q, r = (one.double() for one in answer)
        level = float((q.T @ q - torch.eye(q.shape[1], dtype=q.dtype)).abs().max())
        return max(_off(torch, q @ r, a.double()), level)

    def solve(a: Any, b: Any) -> Any:
        return torch.linalg.solve_triangular(a, b, upper=False)

    return (
        Op("triangular solve", "rocBLAS", triangle, solve, FP32),
        Op("LU", "rocSOLVER", _of((97, 97)), torch.linalg.lu_factor, FP32, check=apart),
        Op("QR", "rocSOLVER", _of((129, 65)), torch.linalg.qr, FP32, check=straight),
    )


def _others(torch: Any) -> tuple[Op, ...]:
    def sparse(a: Any, b: Any) -> Any:
        return torch.sparse.mm(a.to_sparse_csr(), b)

    def mostly_zero(torch: Any) -> Tensors:
        a = torch.randn(200, 150)
        return a * (a.abs() > 1.5), torch.randn(150, 33)

    def drawn(like: Any) -> Any:
        return torch.randn(1 << 20, device=like.device)

    def normal(torch: Any, answer: Any, _: Any) -> float:
        return max(abs(float(answer.mean())), abs(float(answer.std()) - 1))

    def rows(torch: Any) -> Tensors:
        return torch.randint(0, 1000, (17, 33)), torch.randn(1000, 96)

    convolve = torch.nn.functional.conv2d
    images, kernels = (3, 5, 29, 31), (11, 5, 3, 3)
    return (
        Op("FFT", "rocFFT", _of((9, 1000)), torch.fft.rfft, FP32),
        Op("sparse mm", "rocSPARSE", mostly_zero, sparse, FP32, truth=lambda a, b: a @ b),
        Op("randn", "PyTorch", _of((1,)), drawn, 0.01, check=normal),
        Op("fp32 conv2d", "MIOpen", _of(images, kernels), convolve, FP32),
        Op("fp16 conv2d", "MIOpen", _of(images, kernels, kind="float16"), convolve, FP16),
        Op("embedding", "PyTorch", rows, torch.nn.functional.embedding, 0.0),
    )
