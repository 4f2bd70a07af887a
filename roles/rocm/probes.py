"""The questions that the role rocm asks a box, in one command."""

from __future__ import annotations

from pathlib import Path

from roles.look import shell
from roles.rocm.files import LEFTOVERS, OWN

ASK = Path(__file__).with_name("ask")


def probes(user: str) -> dict[str, str]:
    """Every question, by the name under which `state` reads the answer.

    + user: the account that will use the cards; empty means the one that is logged in
    """
    return {
        "files": f"sha256sum {' '.join((*OWN, *LEFTOVERS))} 2>/dev/null",
        "packages": shell.keeping() + shell.kept("packages", shell.PACKAGES, shell.DPKG),
        "alternative": "update-alternatives --query rocm 2>/dev/null",
        "account": shell.account(user) + 'echo "$user"; id -nG -- "$user" 2>/dev/null',
        "system": '(. /etc/os-release; echo "$ID $VERSION_ID")',
        "driver": shell.snippet(ASK / "driver.sh"),
        "interrupted": "for one in /var/lib/dpkg/updates/*; do "
        '[ ! -e "$one" ] || echo "$one"; done',
        # the distribution's own lists, as old as a day at the most
        "lists": "find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' ! -name '*_rocm_apt_*' "
        "! -name '*_amdgpu_*' ! -name '*_graphics_*' -mtime -1",
        "space": shell.space("/opt"),
    }
