"""PyTorch on a real box: installed, grafted, tried, damaged, healed and taken away again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .box import Box
from .budget import BUDGET, MI50, MI50_WITH_PYTORCH
from .grafts import TREE
from .installed import undone
from .lab import Lab
from .pytorch import STACK
from .with_pytorch import LIBRARY, PACKAGES, VENV, Installed, deploy

pytestmark = pytest.mark.xdist_group("pytorch")  # they share a box

GRAFTED = f"cd {PACKAGES} && sha256sum -c --quiet --strict regraft_torch_*/manifest.sha256"


@pytest.fixture
def box(torch_box: Box) -> Box:
    """A box with PyTorch, as it was after one run."""
    return torch_box


def test_what_a_killed_run_has_begun_on_the_box_is_waited_for_by_one_begun_at_once(
    first_pytorch: Installed,
) -> None:
    assert first_pytorch.cut_off
    assert first_pytorch.healed.status == 0, first_pytorch.healed.said
    assert (
        "an earlier run was cut off: what it has begun on the box is waited"
        in first_pytorch.healed.said
    )
    assert "half made" not in first_pytorch.healed.said


def test_one_run_brings_pytorch_its_graft_and_tests_that_are_pending_and_another_changes_nothing(
    box: Box, first_pytorch: Installed, tmp_path: Path
) -> None:
    told = json.loads((first_pytorch.reports / f"{box.name}.json").read_text())["smoke"]
    assert told["torch"] == STACK.torch
    assert told["graft"].startswith("regraft-torch-gfx906 6.4.3")
    assert [(one["test"], one["result"]) for one in told["tests"]] == [
        ("visible", "pending"),
        ("mnist", "pending"),
    ]
    box.ssh(GRAFTED)
    assert "No broken" in box.ssh(f"{VENV}/bin/python -Im pip check", user="user").stdout
    again = deploy(box, tmp_path, MI50, "-vv")
    assert again.unchanged, again.said
    assert again.commands == BUDGET[MI50_WITH_PYTORCH]


def test_what_is_half_made_is_made_anew_and_a_test_that_fails_fails_the_run_after_its_report(
    box: Box, tmp_path: Path
) -> None:
    """As a power cut leaves it; and on a box of which a card is required that computes."""
    box.ssh(f"touch {VENV}/regraft-unfinished; rm {PACKAGES}/torch/lib/libtorch_cpu.so")
    failed = deploy(box, tmp_path, smoke_require_hardware="true")
    assert "an earlier run has left it half made" in failed.said
    box.ssh(GRAFTED)
    assert failed.status == 1
    assert "This box is not ready: visible, mnist failed" in " ".join(failed.said.split())
    told = json.loads((tmp_path / f"{box.name}.json").read_text())["smoke"]
    assert [one["result"] for one in told["tests"]] == ["fail", "fail"]


def test_a_torch_that_came_by_hand_and_a_damaged_graft_are_seen_by_pip_and_healed_by_the_next_run(
    box: Box, tmp_path: Path
) -> None:
    metadata = f"{PACKAGES}/torch-{STACK.torch}.dist-info"
    other = metadata.replace(STACK.torch, "2.11.0+cpu")
    box.ssh(f"mv {metadata} $(dirname {metadata})/torch-2.11.0+cpu.dist-info")
    box.ssh(f"sed -i 's/^Version: .*/Version: 2.11.0+cpu/' {other}/METADATA")
    box.ssh(f"sed -i 's/^torch-{STACK.torch}/torch-2.11.0+cpu/' {other}/RECORD")
    damaged = f"$(ls {LIBRARY}/*gfx906*.co | head -n 1)"
    box.ssh(f"printf X | dd of={damaged} bs=1 seek=100 conv=notrunc status=none")
    box.ssh(f"cd {LIBRARY} && echo by hand >TensileLibrary_Type_XX_gfx906.co")
    said = box.ssh(f"{VENV}/bin/python -Im pip check", check=False).stdout
    assert "has requirement torch==" in said

    healed = deploy(box, tmp_path)
    assert healed.status == 0, healed.said
    assert "torch is 2.11.0+cpu" in healed.said
    assert "No broken" in box.ssh(f"{VENV}/bin/python -Im pip check").stdout
    box.ssh(GRAFTED)
    aside = f"{LIBRARY}/../regraft-set-aside-gfx906/TensileLibrary_Type_XX_gfx906.co"
    assert box.ssh(f"cat {aside}").stdout == "by hand\n"
    assert box.ssh(f"ls {LIBRARY} | grep -c XX_gfx906; true").stdout == "0\n"
    assert deploy(box, tmp_path).unchanged


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"pytorch_python": "/usr/bin/no-python"}, "there is no Python at /usr/bin/no-python"),
        ({"pytorch_venv": "/opt/rocm-6.4.3"}, "is there and no environment of ours"),
    ],
)
def test_what_cannot_be_is_refused_and_the_box_left_as_it_was(
    before_pytorch: str, quick_installed: Box, tmp_path: Path, settings: dict[str, str], why: str
) -> None:
    failed = deploy(quick_installed, tmp_path, **settings)
    assert failed.status == 1
    assert why in failed.said
    assert quick_installed.ssh(TREE).stdout == before_pytorch


@pytest.mark.usefixtures("before_pytorch")
def test_a_disk_that_is_too_full_is_said_and_the_box_left_as_it_was(
    installed: Box, tmp_path: Path
) -> None:
    """On a machine, which has a disk of its own."""
    installed.ssh("fallocate -l $(($(df -B1 --output=avail / | tail -n 1) - 300000000)) /filler")
    before = installed.ssh(TREE).stdout
    failed = deploy(installed, tmp_path, preflight_accept=json.dumps({"space": "a test"}))
    assert failed.status == 1
    assert "there is no PyTorch" in failed.said
    assert "GB are free" in failed.said
    assert installed.ssh(TREE).stdout == before


@pytest.mark.parametrize(
    ("way", "why"),
    [
        ("index away", "does not have it all"),
        ("wrong hash", "sha256"),
    ],
)
def test_what_is_in_the_way_is_said_and_leaves_the_box_as_it_was_until_the_next_run(
    first_pytorch: Installed, way: str, why: str
) -> None:
    failed = first_pytorch.refused[way]
    assert failed.status == 1
    assert "there is no PyTorch" in failed.said
    assert why in failed.said
    assert first_pytorch.untouched
    assert first_pytorch.healed.status == 0


def test_undo_leaves_no_trace_of_it(box: Box, lab: Lab, tmp_path: Path) -> None:
    done = deploy(box, tmp_path, "deploy/undo.py")
    assert done.status == 0, done.said
    with_pytorch = box.ssh(TREE).stdout
    assert undone(lab, box) == with_pytorch  # where there was none
