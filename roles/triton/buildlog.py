"""What the log of a build says: how far it is, and what went wrong first. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

SYMPTOMS = Path(__file__).with_name("symptoms.toml")
STEP = re.compile(r"^regraft: (.+)")
BUILT = "built"  # which is the last that a build says
DONE = re.compile(r"^\s*\[(\d+)/(\d+)\] ")
ERROR = re.compile(
    r"(?i)(^FAILED: |\berror: |^CMake Error|^ERROR\b|: fatal error|Error: |No space left|"
    r"Killed signal|^ninja: )"
)
NOISE = re.compile(r"(?i)subprocess-exited-with-error|^\s*error: metadata|-Werror|errors?[._]")


def progress(lines: Sequence[str]) -> str:
    """How far it is: the last thing that it said of that."""
    for line in reversed(lines):
        if found := DONE.match(line):
            return f"compiling, {found[1]} of {found[2]} done"
        if found := STEP.match(line):
            return found[1]
    return "beginning"


def first_error(lines: Sequence[str]) -> str:
    """The line that says what went wrong: of all that complain, the first; without one the last."""
    for number, line in enumerate(lines):
        if ERROR.search(line) and not NOISE.search(line):
            if line.startswith("FAILED: "):  # what comes of it follows after the command
                rest = [one for one in lines[number + 1 : number + 40] if ERROR.search(one)]
                return (rest or [line])[0].strip()
            return line.strip()
    said = [line.strip() for line in lines if line.strip()]
    return said[-1] if said else "it has said nothing"


def cause(lines: Sequence[str], result: str) -> str:
    """What that means and what to do, where it is known. + result: systemd's word for the end"""
    said = "\n".join([result, *lines])
    for row in tomllib.loads(SYMPTOMS.read_text())["symptom"]:
        if re.search(row["pattern"], said):
            return f"{row['means']}. Next: {row['next']}"
    return "Next: read the log on that box"
