"""One look for a whole run: what it saves, and that it decides nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .box import Box
from .budget import BUDGET, GRAFT, MI50, PREFLIGHT
from .grafts import LIBRARY
from .runs import Outcome, run

# What somebody does by hand between two runs.
BY_HAND = (
    "apt-get -y --allow-change-held-packages remove hipfft; apt-mark unhold rocblas; "
    f"rm $(ls {LIBRARY}/*gfx906* | head -n 1); "
    "gpasswd -d user render; rm /etc/profile.d/*rocm*"
)
COMMAND = re.compile(r"^ *\[\w+\] >>> (.*?)(?=^ *\[|^-->|\Z)", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("deploy", [PREFLIGHT, GRAFT, MI50])
def test_a_run_that_changes_nothing_keeps_within_its_remote_commands(
    installed: Box, tmp_path: Path, deploy: str
) -> None:
    assert run(deploy, installed, reports=tmp_path).unchanged
    again = run(deploy, installed, reports=tmp_path, arguments=("-vv",))
    assert again.unchanged, again.said
    assert again.commands == BUDGET[deploy], again.said


def test_with_one_look_and_without_the_same_is_put_right(installed: Box, tmp_path: Path) -> None:
    assert run(MI50, installed, reports=tmp_path).unchanged  # which the next run foresees
    done = []
    for once in ("true", "false"):
        installed.restore("installed")
        installed.ssh(BY_HAND)
        outcome = run(
            MI50, installed, reports=tmp_path, arguments=("-vv", "--data", f"look_once={once}")
        )
        assert outcome.status == 0, outcome.said
        done.append(steps(outcome))
    assert done[0] == done[1]
    assert len(done[0][1]) > 5  # packages, graft, hold, groups, profile


def steps(outcome: Outcome) -> tuple[list[tuple[str, bool]], list[str]]:
    """Each operation, with whether it changed the box; and the commands that are no looks."""
    assert outcome.results
    sent = [command.strip() for command in COMMAND.findall(outcome.said)]
    return (
        [(one["name"], bool(one["success"])) for one in outcome.results["operations"]],
        [command for command in sent if "@@look" not in command and "@@once" not in command],
    )
