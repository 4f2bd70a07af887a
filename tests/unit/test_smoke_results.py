"""What a report and a next run make of what the tests have said."""

from __future__ import annotations

import json
from typing import Any

import pytest

from roles.smoke.results import read


def kept(*parts: dict[str, Any], result: str) -> str:
    test = {"test": "ops", "card": "c", "result": result, "seconds": 1.5, "parts": list(parts)}
    said = {"when": "now", "result": result, "torch": {"version": "2.9"}, "tests": [test]}
    return json.dumps({"key": "k", "said": said})


def part(name: str, result: str, why: str = "", **figures: Any) -> dict[str, Any]:
    return {"name": name, "result": result, "why": why, "figures": figures}


def test_a_failure_is_told_with_its_cause_and_the_next_command() -> None:
    said = ["rocBLAS error: Cannot read TensileLibrary_lazy_gfx906.dat: No such file"]
    found = read(kept(part("fp32 GEMM", "fail", "ended by SIGABRT", said=said), result="fail"))
    assert found
    assert found.tests[0].why == (
        "fp32 GEMM: ended by SIGABRT. torch's rocBLAS has no kernels for the card: the graft is "
        "missing or not whole. Next: pyinfra INVENTORY deploy/mi50.py"
    )


def test_a_failure_that_no_one_knows_is_told_with_its_last_line() -> None:
    found = read(kept(part("LU", "fail", "ended", said=["a", " b "]), result="fail"))
    assert found
    assert found.tests[0].why == "LU: ended (b)"


def test_known_gaps_are_named() -> None:
    found = read(kept(part("mv", "pass"), part("LU", "gap", "x"), part("QR", "gap"), result="gap"))
    assert found
    assert (found.result, found.tests[0].why) == ("gap", "known gaps: LU, QR")


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "nonsense", kept(part("a", "pass"), result="excellent"), "[" * 9999]
)
def test_what_cannot_be_read_is_no_result(text: str) -> None:
    assert read(text) is None
