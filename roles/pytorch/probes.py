"""The questions that the role pytorch asks a box, in one command."""

from __future__ import annotations

import shlex
from pathlib import Path

from roles.look import shell

WHOLE = ('"$manifest"', "$brought")  # all that it depends on whether our wheel is whole
ASK = Path(__file__).with_name("ask")


def wheel(arch: str) -> str:
    """The name of our wheel, as its folder in site-packages begins."""
    return f"regraft_torch_{arch}"


def probes(user: str, venv: str, python: str, arch: str) -> dict[str, str]:
    """Every question, by the name under which `state` reads the answer."""
    return {
        "account": shell.account(user) + 'echo "$user"; id -u -- "$user" 2>/dev/null',
        "python": shell.snippet(ASK / "python.sh", python=python),
        "venv": f"({shell.snippet(ASK / 'venv.sh', venv=venv)})",
        "graft": f"({shell.keeping()}{shell.whole(WHOLE)}"
        f"{shell.snippet(ASK / 'graft.sh', venv=venv, wheel=wheel(arch), arch=arch)})",
        # the file system that it will be on, of which the folder may not be there yet; that of the
        # wheels; and that which pyinfra sends them by
        "space": f'at={shlex.quote(venv)}; until [ -d "$at" ]; do at=$(dirname "$at"); done; '
        'df -B1 --output=avail,target "$at/." /var/cache/. /tmp/.',
        "traces": f"ls -d {shlex.quote(venv)}.regraft-old /var/lib/regraft/pytorch-* 2>/dev/null",
    }
