"""Several cards: do they reach each other, and do they add up, with and without peer access?"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from roles.smoke.programs.part import Part, Step, Told

SECONDS = 60.0  # a collective that hangs is what this looks for
SIZE = 1 << 20


def run(torch: Any, device: Any, told: Told) -> Iterator[Step]:
    """Each pair, then all of them together."""
    count = torch.cuda.device_count()
    if device is None or count < 2:
        yield "cards", lambda: Part("pending", "needs two cards that compute")
        return
    for one in range(count):
        for other in range(count):
            if one != other:
                yield f"copy {one} to {other}", partial(_pair, torch, one, other)
    for how, peers in (("with", True), ("without", False)):
        yield f"all_reduce of {count} {how} peer access", partial(_together, count, peers)


def _pair(torch: Any, one: int, other: int) -> Part:
    reach = bool(torch.cuda.can_device_access_peer(one, other))
    source = torch.arange(SIZE, device=f"cuda:{one}")
    there = source.to(f"cuda:{other}")
    figures = {"peer_access": reach}
    if not bool((there.cpu() == source.cpu()).all()):
        return Part("fail", "what arrives is not what was sent", figures)
    return Part("pass", "" if reach else "by way of the processor's memory", figures)


def _together(count: int, peers: bool) -> Part:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NCCL_P2P_DISABLE": "0" if peers else "1"}
        said = Path(folder) / "said"
        with said.open("w") as output:
            ranks = [
                subprocess.Popen(
                    [sys.executable, sys.argv[0], "rank", str(rank), str(count), f"{folder}/meet"],
                    env=environment,
                    stdout=output,
                    stderr=output,
                )
                for rank in range(count)
            ]
            hung = _ended(ranks)
        lines = said.read_text(errors="replace").strip().splitlines()
    if hung:
        return Part("fail", f"not done after {SECONDS:.0f} s: ranks {hung}")
    if any(one.returncode for one in ranks):
        return Part("fail", lines[-1] if lines else f"{[one.returncode for one in ranks]}")
    return Part("pass")


def _ended(ranks: list[subprocess.Popen[bytes]]) -> list[int]:
    """Wait for all; those that hang are killed and named."""
    hung = []
    left = SECONDS
    for number, process in enumerate(ranks):
        try:
            process.wait(timeout=left)
        except subprocess.TimeoutExpired:
            hung.append(number)
            left = 0.1
    for process in ranks:
        process.kill()
        process.wait()
    return hung


def rank(number: int, count: int, meet: str) -> int:
    """One of them, in a process of its own: 0 if the sum is right."""
    import torch  # type: ignore[import-not-found,unused-ignore]
    import torch.distributed as together  # type: ignore[import-not-found,unused-ignore]

    torch.cuda.set_device(number)
    together.init_process_group("nccl", init_method=f"file://{meet}", rank=number, world_size=count)
    mine = torch.full((SIZE,), float(number + 1), device="cuda")
    together.all_reduce(mine)
    right = bool((mine == count * (count + 1) / 2).all())
    together.destroy_process_group()
    return 0 if right else 1
