"""One look for a whole run: what it saves, and that it decides nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .box import Box
from .budget import BUDGET, GRAFT, MI50, PREFLIGHT
from .cell import Cell
from .grafts import LIBRARY
from .installed import INSTALLED, LISTED, ROCM
from .lab import Lab
from .runs import Outcome, run

# What somebody does by hand between two runs.
BY_HAND = (
    "apt-get -y --allow-change-held-packages remove hipfft; apt-mark unhold rocblas; "
    f"rm $(ls {LIBRARY}/*gfx906* | head -n 1); "
    "gpasswd -d user render; rm /etc/profile.d/*rocm*"
)
NOTHING = ":"
UNDO = "deploy/undo.py"
COMMAND = re.compile(r"^ *\[\w+\] >>> (.*?)(?=^ *\[|^-->|\Z)", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("deploy", [PREFLIGHT, GRAFT, MI50])
def test_a_run_that_changes_nothing_keeps_within_its_remote_commands(
    installed: Box, tmp_path: Path, deploy: str
) -> None:
    assert run(deploy, installed, reports=tmp_path).unchanged
    again = run(deploy, installed, reports=tmp_path, arguments=("-vv",))
    assert again.unchanged, again.said
    assert again.commands == BUDGET[deploy], again.said


@pytest.fixture(scope="module")
def foreseen() -> set[str]:
    """Deploys that have been run over the cell before, so that the next run foresees something."""
    return set()


@pytest.mark.parametrize(
    ("deploy", "label", "by_hand"),
    [
        *((MI50, label, NOTHING) for label in (LISTED, ROCM, INSTALLED)),
        *((UNDO, label, NOTHING) for label in (ROCM, INSTALLED)),
        *((one, INSTALLED, BY_HAND) for one in (PREFLIGHT, "deploy/rocm.py", GRAFT, MI50, UNDO)),
    ],
)
def test_in_each_state_each_deploy_does_the_same_with_one_look_and_without(
    lab: Lab,
    cell: Cell | None,
    foreseen: set[str],
    tmp_path: Path,
    deploy: str,
    label: str,
    by_hand: str,
) -> None:
    if cell is None:
        pytest.skip("too many runs for an emulated box, and this machine makes no cells")
    if deploy not in foreseen:
        lab.back(cell, INSTALLED)
        assert run(deploy, cell, reports=tmp_path).status == 0
        foreseen.add(deploy)
    done = []
    for once in ("true", "false"):
        lab.back(cell, label)
        cell.ssh(by_hand)
        outcome = run(
            deploy, cell, reports=tmp_path, arguments=("-vv", "--data", f"look_once={once}")
        )
        done.append((outcome.status, *steps(outcome)))
    assert done[0] == done[1]
    if (deploy, by_hand) == (MI50, BY_HAND):
        assert len(done[0][2]) > 5  # packages, graft, hold, groups, profile


def steps(outcome: Outcome) -> tuple[list[tuple[str, bool]], list[str]]:
    """Each operation, with whether it changed the box; and the commands that are no looks."""
    results = outcome.results or {"operations": []}  # nothing is printed of a run that has failed
    sent = [command.strip() for command in COMMAND.findall(outcome.said)]
    return (
        [(one["name"], bool(one["success"])) for one in results["operations"]],
        [command for command in sent if "@@look" not in command and "@@once" not in command],
    )
