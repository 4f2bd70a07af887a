"""The README's commands are run here, as a newcomer would type them."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from .places import CHECKOUT

README = (CHECKOUT / "README.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
COMMANDS = [line.partition("#")[0].strip() for block in BLOCKS for line in block.splitlines()]


# one worker for all: they share a clone, and its lab box
pytestmark = pytest.mark.xdist_group("readme")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A newcomer's clone, under a name of its own."""
    folder = tmp_path_factory.mktemp("readme") / "another name"
    subprocess.run(["git", "clone", "-q", str(CHECKOUT), str(folder)], check=True)
    yield folder
    typed("make lab-down", folder)


def typed(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
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
def test_a_command_of_the_readme_works_in_a_clone_of_any_name(clone: Path, command: str) -> None:
    done = typed(command, clone)
    assert done.returncode == 0, done.stdout + done.stderr


def test_make_lab_again_changes_nothing_and_ends_with_the_report(clone: Path) -> None:
    done = typed("make lab", clone)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"Grand total +(\d+) +- +- +\1 ", done.stderr + done.stdout)
    assert "This box" in done.stdout.strip().splitlines()[-1]


def test_every_path_that_the_readme_links_to_is_there() -> None:
    linked = re.findall(r"\]\(((?!http)[^)]+)\)", README)
    assert linked
    assert [path for path in linked if not (CHECKOUT / path).exists()] == []
