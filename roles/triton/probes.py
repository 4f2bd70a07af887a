"""The questions that the role triton asks a box, in one command; and how a build is followed."""

from __future__ import annotations

from pathlib import Path

from roles.look import shell

ASK = Path(__file__).with_name("ask")
FOLDER = "/var/cache/regraft-triton"
UNIT = "regraft-triton.service"
LOG = "/var/log/regraft/triton.log"


def probes(venv: str, python: str) -> dict[str, str]:
    """Every question, by the name under which `state` reads the answer."""
    return {
        "claims": f"({shell.snippet(ASK / 'claims.sh', venv=venv, python=python)})",
        "tools": shell.snippet(ASK / "tools.sh", python=python),
        "build": shell.snippet(ASK / "build.sh", folder=FOLDER, unit=UNIT),
        "machine": shell.snippet(ASK / "machine.sh", folder=FOLDER),
        "traces": f"ls -d {FOLDER} {LOG} /var/lib/regraft/triton-packages 2>/dev/null",
    }


def follow(start: int) -> str:
    """What a build says after so many bytes of its log, and how it is."""
    asked = shell.snippet(ASK / "follow.sh", log=LOG, unit=UNIT, start=str(start))
    return shell.script({"follow": asked})
