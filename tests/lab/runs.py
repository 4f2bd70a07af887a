"""A run of pyinfra against lab boxes, as a person would start it, and what came of it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .box import Box
from .places import CHECKOUT

COMMAND = re.compile(r"^ *\[\w+\] >>> (.*?)(?=^ *\[|^-->|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Outcome:
    """+ status: pyinfra's exit status + results: of --json, if it printed any + said: the rest"""

    status: int
    results: dict[str, Any] | None
    said: str

    @property
    def unchanged(self) -> bool:
        """Whether it ran to its end and changed nothing."""
        if self.status or not self.results or self.results["failed_hosts"]:
            return False
        totals = self.results["totals"]
        return bool(totals["success"] == totals["error"] == 0 < totals["no_change"])

    @property
    def steps(self) -> tuple[list[tuple[str, bool]], list[str]]:
        """Each operation, with whether it changed a box; and the commands that are no looks.

        Of a run with -vv.
        """
        assert self.results
        sent = [command.strip() for command in COMMAND.findall(self.said)]
        return (
            [(one["name"], bool(one["success"])) for one in self.results["operations"]],
            [command for command in sent if "@@look" not in command and "@@once" not in command],
        )

    @property
    def commands(self) -> int:
        """How many commands went to the boxes; of a run with -vv."""
        return sum(">>> " in line for line in self.said.splitlines())


def run(deploy: str, *boxes: Box | Path, reports: Path, arguments: tuple[str, ...] = ()) -> Outcome:
    """pyinfra inventory.py DEPLOY -y --json, against these boxes or their folders.

    + reports: the folder that they are written to
    """
    with start(deploy, *boxes, reports=reports, arguments=arguments) as process:
        printed, said = process.communicate()
    results = json.loads(printed)["results"] if printed.strip() else None
    return Outcome(process.returncode, results, said)


def start(
    deploy: str, *boxes: Box | Path, reports: Path, arguments: tuple[str, ...] = ()
) -> subprocess.Popen[str]:
    """The same, not waited for; it leads a process group of its own, which `kill` ends."""
    folders = [str(box.folder if isinstance(box, Box) else box) for box in boxes]
    return subprocess.Popen(
        [
            *(str(Path(sys.executable).with_name("pyinfra")), "inventory.py", deploy),
            *("-y", "--json", "--data", f"report_folder={reports}", *arguments),
        ],
        cwd=CHECKOUT,
        env={**os.environ, "REGRAFT_LAB_BOXES": ":".join(folders)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def kill(process: subprocess.Popen[str]) -> None:
    """As kill -9 on the run and all that it has started."""
    with suppress(ProcessLookupError):  # it has come to its end
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
