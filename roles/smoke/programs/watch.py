"""Have a test done by a child: in time, not too hot, and whatever becomes of the child."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field, replace
from typing import IO, Any

from roles.smoke.programs.cards import Gauges
from roles.smoke.programs.part import Told

TICK = 0.25  # seconds from one look at the sensors to the next
KEPT_LINES = 8  # of what a child that died has said last
MOST_CHILDREN = 40  # of one test: each step may take one along


@dataclass
class Tried:
    """What came of a test. + parts: as the children told them + about: their torch"""

    about: dict[str, Any] = field(default_factory=dict)
    parts: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0


def tried(test: str, told: Told, gauges: list[Gauges], limit: float) -> Tried:
    """All steps of a test; after one that has killed its child, the next ones in another.

    + limit: seconds for all of them
    """
    found = Tried()
    started = time.monotonic()
    for _ in range(MOST_CHILDREN):
        left = limit - (time.monotonic() - started)
        child = _Child(test, replace(told, skip=len(found.parts)), gauges, left)
        again = child.run(found)
        if not again:
            break
    found.seconds = round(time.monotonic() - started, 2)
    return found


class _Child:
    def __init__(self, test: str, told: Told, gauges: list[Gauges], limit: float) -> None:
        self.test, self.told, self.gauges = test, told, gauges
        self.end = time.monotonic() + limit
        self.step, self.library = "", ""  # what is being done, and by what

    def run(self, found: Tried) -> bool:
        """Whether the test has steps left that another child may do."""
        with tempfile.TemporaryFile() as said:
            read, write = os.pipe()
            process = subprocess.Popen(
                [sys.executable, sys.argv[0], "child", self.test, str(write)],
                stdin=subprocess.PIPE,
                stdout=said,
                stderr=said,
                pass_fds=(write,),
                start_new_session=True,
            )
            os.close(write)
            assert process.stdin
            with process.stdin, os.fdopen(read, "rb", buffering=0) as lines:
                process.stdin.write(json.dumps(asdict(self.told)).encode())
                process.stdin.close()
                stopped = self._listened(lines, found)
            if stopped:
                os.killpg(process.pid, signal.SIGKILL)
            status = process.wait()
            if status == 0:
                return False
            importing = not found.about
            why = stopped or _ended(status)
            known = not stopped and self.library in self.told.gaps
            if known:
                why = f"{self.library} has no code for {self.told.arch}: {why}"
            found.parts.append(
                {
                    "name": self.step or "start",
                    "result": "gap" if known else "fail",
                    "why": why,
                    "figures": {"said": _last(said)},
                }
            )
            return not stopped and not importing

    def _listened(self, lines: IO[bytes], found: Tried) -> str:
        """Take what it says until it ends; why it has to be stopped, or nothing."""
        rest = b""
        while True:
            ready, _, _ = select.select([lines], [], [], TICK)
            if ready:
                more = os.read(lines.fileno(), 1 << 16)
                if not more:
                    return ""
                *whole, rest = (rest + more).split(b"\n")
                for line in whole:
                    self._take(json.loads(line), found)
            hot = [why for why in (gauge.look() for gauge in self.gauges) if why]
            if hot:
                return f"stopped: {hot[0]}"
            if time.monotonic() > self.end:
                return "stopped: not done in time"

    def _take(self, line: dict[str, Any], found: Tried) -> None:
        if "step" in line:
            self.step, self.library = line["step"], line.get("library", "")
        elif "about" in line:
            found.about = line["about"]
        else:
            found.parts.append(line["part"])
            self.step, self.library = "", ""


def _ended(status: int) -> str:
    if status < 0:
        return f"the process was ended by {signal.Signals(-status).name}"
    return f"the process ended with status {status}"


def _last(said: IO[bytes]) -> list[str]:
    said.seek(max(0, said.seek(0, os.SEEK_END) - 4096))
    return said.read().decode(errors="replace").splitlines()[-KEPT_LINES:]
