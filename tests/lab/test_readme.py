"""The README's commands are run here, as a newcomer would type them."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import standing
from .places import CHECKOUT

README = (CHECKOUT / "README.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
COMMANDS = [line.partition("#")[0].strip() for block in BLOCKS for line in block.splitlines()]


@pytest.fixture(scope="module")
def as_it_was() -> Iterator[None]:
    """Leave this checkout's own box as it was found: up, or not there."""
    was_up = standing.box() is not None
    yield
    if not was_up:
        typed("make lab-down")


def typed(command: str, folder: Path = CHECKOUT) -> subprocess.CompletedProcess[str]:
    """As from a shell of its own: not as a part of the make that runs these tests."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        command,
        shell=True,
        cwd=folder,
        env=outside,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_two_commands_come_first() -> None:
    assert COMMANDS[:2] == ["make lab", "make test"]


@pytest.mark.parametrize("command", [one for one in COMMANDS if one != "make test"])
def test_a_command_of_the_readme_works(as_it_was: None, command: str) -> None:
    done = typed(command)
    assert done.returncode == 0, done.stdout + done.stderr


def test_make_lab_again_changes_nothing_and_ends_with_the_report(as_it_was: None) -> None:
    done = typed("make lab")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Grand total +(\d+) +- +- +\1 ", done.stderr + done.stdout)
    assert "This box" in done.stdout.strip().splitlines()[-1]


def test_a_clone_under_another_name_has_a_lab_of_its_own(tmp_path: Path) -> None:
    clone = tmp_path / "another name"
    typed(f"git clone -q . '{clone}'")
    first, again = (typed("make lab", clone) for _ in range(2))
    down = typed("make lab-down", clone)
    assert first.returncode == 0, first.stdout + first.stderr
    assert again.returncode == 0, again.stdout + again.stderr
    assert "This box" in again.stdout.strip().splitlines()[-1]
    assert down.returncode == 0


def test_every_path_that_the_readme_links_to_is_there() -> None:
    linked = re.findall(r"\]\(((?!http)[^)]+)\)", README)
    assert linked
    assert [path for path in linked if not (CHECKOUT / path).exists()] == []
