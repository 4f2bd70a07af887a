"""Several cards: do they reach each other, and do they add up, with and without peer access?"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from roles.smoke.programs import visible
from roles.smoke.programs.part import Part, Step, Told

SECONDS = 60.0  # a collective that hangs is what this looks for
START_SECONDS = 300.0  # until every rank has read torch from a slow disk
TICK = 0.1
LIBRARY = "RCCL"
WRONG = 9  # exit status of a rank that has another sum
KEPT_LINES = 8  # of what the ranks have said last
SIZE = 1 << 20


def run(torch: Any, device: Any, told: Told) -> Iterator[Step]:
    """Each pair, then all of them together."""
    ours = visible.of_arch(visible.about(torch)["devices"], told.arch)
    if device is None or len(ours) < 2:
        yield Step("cards", lambda: Part("pending", "needs two cards that compute"))
        return
    for one in ours:
        for other in ours:
            if one != other:
                yield Step(f"copy {one} to {other}", partial(_pair, torch, one, other))
    for how, peers in (("with", True), ("without", False)):
        name = f"all_reduce of {len(ours)} {how} peer access"
        yield Step(name, partial(_together, ours, peers, told), LIBRARY)


def _pair(torch: Any, one: int, other: int) -> Part:
    reach = bool(torch.cuda.can_device_access_peer(one, other))
    source = torch.arange(SIZE, device=f"cuda:{one}")
    there = source.to(f"cuda:{other}")
    figures = {"peer_access": reach}
    if not bool((there.cpu() == source.cpu()).all()):
        return Part("fail", "what arrives is not what was sent", figures)
    return Part("pass", "" if reach else "by way of the processor's memory", figures)


def _together(devices: list[int], peers: bool, told: Told) -> Part:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "NCCL_P2P_DISABLE": "0" if peers else "1"}
        said = Path(folder) / "said"
        with said.open("w") as output:
            ranks = [
                subprocess.Popen(
                    [
                        *(sys.executable, sys.argv[0], "rank", str(number), str(len(devices))),
                        *(str(device), folder),
                    ],
                    env=environment,
                    stdout=output,
                    stderr=output,
                )
                for number, device in enumerate(devices)
            ]
            failed, hung = _ended(ranks, Path(folder))
        lines = said.read_text(errors="replace").strip().splitlines()
    if not hung and not failed:
        return Part("pass")
    why = "; ".join(
        [
            *(f"rank {number} ended with {status}" for number, status in failed.items()),
            *([f"not done after {SECONDS:.0f} s: ranks {hung}"] if hung else []),
        ]
    )
    figures = {"said": lines[-KEPT_LINES:]}
    if failed and WRONG not in failed.values() and LIBRARY in told.gaps:
        return Part("gap", f"{LIBRARY} has no code for {told.arch}: {why}", figures)
    return Part("fail", why, figures)


def _ended(ranks: list[subprocess.Popen[bytes]], folder: Path) -> tuple[dict[int, int], list[int]]:
    """Wait for all, from when all have begun: the status of those that failed, or who hung."""
    _wait(START_SECONDS, lambda: len(list(folder.glob("begun.*"))) == len(ranks), ranks)
    _wait(SECONDS, lambda: all(one.poll() is not None for one in ranks), ranks)
    failed = {number: status for number, one in enumerate(ranks) if (status := one.poll())}
    hung = [number for number, one in enumerate(ranks) if one.returncode is None and not failed]
    for process in ranks:
        process.kill()
        process.wait()
    return failed, hung


def _wait(seconds: float, come: Callable[[], bool], ranks: list[subprocess.Popen[bytes]]) -> None:
    """Until this has come, or one has failed: the others would wait for it for ever."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and not come() and not any(one.poll() for one in ranks):
        time.sleep(TICK)


def rank(number: int, count: int, device: int, folder: str) -> int:
    """One of them, in a process of its own: 0 if the sum is right, WRONG if it is not."""
    import torch  # type: ignore[import-not-found,unused-ignore]
    import torch.distributed as together  # type: ignore[import-not-found,unused-ignore]

    torch.cuda.set_device(device)
    Path(folder, f"begun.{number}").touch()
    meet = f"file://{folder}/meet"
    together.init_process_group("nccl", init_method=meet, rank=number, world_size=count)
    mine = torch.full((SIZE,), float(number + 1), device="cuda")
    together.all_reduce(mine)
    right = bool((mine == count * (count + 1) / 2).all())
    together.destroy_process_group()
    return 0 if right else WRONG
