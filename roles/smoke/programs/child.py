"""One test, in a process of its own: a library that aborts takes this process along, no other."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from typing import Any

from roles.smoke.programs import gemm, jit, mnist, multi, ops, visible
from roles.smoke.programs.part import Part, Step, Test, Told

TESTS: dict[str, Test] = {
    "visible": visible.run,
    "mnist": mnist.run,
    "ops": ops.run,
    "gemm": gemm.run,
    "triton": jit.run,
    "multi": multi.run,
}


def main(test: str, pipe: int) -> int:
    """Do the test that stdin tells of; say what comes of it on the pipe, a line a step."""
    told = Told(**json.load(sys.stdin))

    def say(**line: Any) -> None:
        os.write(pipe, (json.dumps(line) + "\n").encode())

    say(step="import torch")
    import torch  # type: ignore[import-not-found,unused-ignore]

    say(about=visible.about(torch))
    device = torch.device("cuda", told.device) if torch.cuda.is_available() else None
    for number, step in enumerate(TESTS[test](torch, device, told)):
        if number >= told.skip:
            say(step=step.name, library=step.library)
            say(part={"name": step.name, **asdict(_done(step))})
    return 0


def _done(step: Step) -> Part:
    try:
        return step.do()
    except Exception as problem:
        lines = str(problem).strip().splitlines() or [""]
        return Part("fail", f"{type(problem).__name__}: {lines[0]}")
