"""What a box keeps of the smoke tests, told apart from what its tools printed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from roles.look.shell import sections
from roles.smoke.results import Smoke, read

FOLDER = "/var/lib/regraft/smoke"


@dataclass(frozen=True)
class State:
    """
    A box, as the role smoke sees it.

    + files: the sha256 of each that was brought, by name
    + result: of the last run
    + machine: what results depend on beside the programs and torch
    """

    files: Mapping[str, str]
    result: Smoke | None
    machine: tuple[str, ...]


def state(lines: Iterable[str]) -> State:
    """Read the answers to the role's questions."""
    said = sections(lines)
    pairs = [(word, text) for word, _, text in (line.partition(" ") for line in said["kept"])]
    sums = [text.split("  ", 1) for word, text in pairs if word == "file"]
    return State(
        files={PurePosixPath(path).name: digest for digest, path in sums},
        result=next((read(text) for word, text in pairs if word == "result"), None),
        machine=tuple(said["machine"]),
    )
