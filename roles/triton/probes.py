"""The questions that the role triton asks a box, in one command; and how a build is followed."""

from __future__ import annotations

import shlex
from pathlib import Path

from roles.look import shell

ASK = Path(__file__).with_name("ask")
FOLDER = "/var/cache/regraft-triton"
UNIT = "regraft-triton.service"
LOG = "/var/log/regraft/triton.log"


def probes(venv: str, python: str) -> dict[str, str]:
    """Every question, by the name under which `state` reads the answer."""
    headers = ("/usr/include/python3*", "/usr/local/include/python3*")
    files = (*shell.DPKG, '"$python"', *headers)
    claims = shell.kept_while(
        r"find -L triton ./*.dist-info/RECORD -printf '%p %s %i %C@\n' 2>/dev/null | sha256sum",
        "claims",
        (ASK / "claims.sh").read_text(),
    )
    return {
        "claims": shell.keeping()
        + f"({shell.snippet(ASK / 'within.sh', venv=venv, python=python)}{claims})",
        "tools": f"python={shlex.quote(python)}\n"
        + shell.of_python('"$python"', "tools", (ASK / "tools.sh").read_text(), files)
        + (ASK / "compilers.sh").read_text(),
        "build": shell.snippet(ASK / "build.sh", folder=FOLDER, unit=UNIT),
        "room": shell.snippet(ASK / "room.sh", folder=FOLDER),
        "traces": f"for one in {FOLDER} {LOG} /var/lib/regraft/triton-packages; do "
        '[ ! -e "$one" ] || echo "$one"; done',
    }


def follow(start: int) -> str:
    """What a build says after so many bytes of its log, and how it is."""
    asked = shell.snippet(ASK / "follow.sh", log=LOG, unit=UNIT, start=str(start))
    return shell.script({"follow": asked})
