"""What must be true of a box's PyTorch: the stack that is wanted, whole, and the graft in it."""

from __future__ import annotations

from typing import Any

import pytest

from roles import settings
from roles.pytorch.settings import NONE, Settings
from roles.pytorch.stack import Stack, stacks

OURS = "regraft_torch_gfx906"


@pytest.fixture
def own(host: Any) -> Settings:
    """What the inventory says of PyTorch."""
    found = settings.read(Settings, host.settings)
    if found.pytorch_stack == NONE:
        pytest.skip("the inventory wants no PyTorch")
    return found


@pytest.fixture
def stack(own: Settings) -> Stack:
    return stacks()[own.pytorch_stack]


@pytest.fixture
def packages(host: Any, own: Settings) -> str:
    """Its site-packages."""
    return str(host.check_output(f"ls -d {own.pytorch_venv}/lib/python3*/site-packages"))


def test_the_packages_are_in_the_versions_of_the_stack_and_agree_with_each_other(
    host: Any, own: Settings, stack: Stack
) -> None:
    pip = f"{own.pytorch_venv}/bin/python -Im pip --disable-pip-version-check"
    listed = dict(
        line.split("==") for line in host.check_output(f"{pip} list --format=freeze").split()
    )
    assert {name: listed.get(name) for name in stack.packages} == stack.packages
    assert host.run(f"{pip} check").succeeded


def test_the_environment_is_finished_and_belongs_to_its_user(host: Any, own: Settings) -> None:
    assert not host.file(f"{own.pytorch_venv}/regraft-unfinished").exists
    assert host.file(f"{own.pytorch_venv}/regraft-made").exists


def test_every_file_that_torchs_rocblas_has_for_the_card_is_the_grafts_and_whole(
    host: Any, stack: Stack, packages: str
) -> None:
    if not stack.graft:
        pytest.skip(f"{stack.name} needs no graft")
    manifest = host.check_output(f"cat {packages}/{OURS}-*.dist-info/manifest.sha256")
    brought = {line.split("  ", 1)[1] for line in manifest.splitlines()}
    there = host.check_output(f"cd {packages} && ls -d torch/lib/rocblas/library/*gfx906*").split()
    assert set(there) == brought
    host.check_output(
        f"cd {packages} && sha256sum --check --quiet --strict {OURS}-*/manifest.sha256"
    )


def test_what_the_card_needs_is_set_for_this_python_alone(
    host: Any, own: Settings, stack: Stack
) -> None:
    if not stack.graft:
        pytest.skip(f"{stack.name} needs no graft")
    ask = "-c 'import os; print(os.environ.get(\"TORCH_BLAS_PREFER_HIPBLASLT\"))'"
    assert host.check_output(f"{own.pytorch_venv}/bin/python {ask}") == "0"
    assert host.check_output(f"{own.pytorch_python} {ask}") == "None"
