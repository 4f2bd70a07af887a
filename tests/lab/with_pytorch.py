"""A box that has come by PyTorch, after all that can go wrong first; and runs with PyTorch in them.

Whoever needs such a box is in the group "pytorch", and gets the one that was made for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from .box import Box
from .grafts import TREE
from .installed import INSTALLED
from .lab import Lab
from .mirror import Mirror, Missing, WrongBytes
from .pytorch import STACK, pytorch
from .rocm import MI50
from .runs import Outcome, kill, run, start

TORCH = "torch"
VENV = "/opt/regraft/venv"
PACKAGES = f"{VENV}/lib/python3*/site-packages"
LIBRARY = f"{PACKAGES}/torch/lib/rocblas/library"
WANTED = {"pytorch_stack": STACK.name}


def deploy(box: Box, reports: Path, deploy: str = MI50, *words: str, **settings: str) -> Outcome:
    data = [word for one in {**WANTED, **settings}.items() for word in ("--data", "=".join(one))]
    return run(deploy, box, reports=reports, arguments=(*data, *words))


@pytest.fixture(scope="session")
def before_pytorch(quick_box: Box, lab: Lab, mirror: Mirror) -> str:
    """What is on the box before PyTorch comes."""
    if pytorch() is None:
        pytest.skip("the lab has no PyTorch: no index that this machine reaches has it")
    mirror.behave()
    return lab.back(quick_box, INSTALLED).ssh(TREE).stdout


@dataclass(frozen=True)
class Installed:
    """
    How the box came by PyTorch.

    + refused: runs that could not bring it, by what was in the way
    + untouched: whether the box was as before after each of these
    + cut_off: whether a run was killed while it installed, its work on the box still going on
    + healed: the run that was begun at once after that
    """

    refused: dict[str, Outcome]
    untouched: bool
    cut_off: bool
    healed: Outcome
    reports: Path


@pytest.fixture(scope="session")
def first_pytorch(
    before_pytorch: str,
    quick_box: Box,
    mirror: Mirror,
    tmp_path_factory: pytest.TempPathFactory,
) -> Installed:
    """PyTorch, after all that went wrong first; the box is kept as it was then."""
    box, reports = quick_box, tmp_path_factory.mktemp("reports")
    own = {"upstream_cache": str(reports / "cache")}  # the lock knows the graft that is there
    refused = {}
    mirror.misbehave("whl/*", Missing())
    refused["index away"] = deploy(box, reports, **own)
    mirror.behave()
    mirror.misbehave("whl/*/torch-*.whl", WrongBytes())
    refused["wrong hash"] = deploy(box, reports, **own)
    mirror.behave()
    untouched = box.ssh(TREE).stdout == before_pytorch
    data = [word for one in WANTED.items() for word in ("--data", "=".join(one))]
    process = start(MI50, box, reports=reports, arguments=tuple(data))
    begun = f"ls {PACKAGES}/torch/lib/libtorch_cpu.so"
    box.ssh(f"timeout 600 sh -c 'until {begun}; do sleep 0.02; done' 2>/dev/null")
    kill(process)
    cut_off = box.ssh(f"ls {VENV}/regraft-unfinished", check=False).returncode == 0
    healed = deploy(box, reports)
    box.ssh("sync")
    box.snapshot(TORCH)
    return Installed(refused, untouched, cut_off, healed, reports)


@pytest.fixture
def torch_box(first_pytorch: Installed, lab: Lab, quick_box: Box, mirror: Mirror) -> Iterator[Box]:
    """A box with PyTorch, as it was after one run."""
    assert first_pytorch.healed.status == 0, first_pytorch.healed.said
    yield lab.back(quick_box, TORCH)
    mirror.behave()
