"""The questions that the role pytorch asks a box, in one command."""

from __future__ import annotations

import shlex
from pathlib import Path

from roles.look import shell

ASK = Path(__file__).with_name("ask")
LIBRARY = "torch/lib/rocblas/library"


def wheel(arch: str) -> str:
    """The name of our wheel, as its folder in site-packages begins."""
    return f"regraft_torch_{arch}"


def probes(user: str, venv: str, python: str, arch: str) -> dict[str, str]:
    """Every question, by the name under which `state` reads the answer."""
    manifests = (f"{wheel(arch)}-*.dist-info/manifest.sha256",)
    # where all that is said of Python, of an environment and of its graft comes from: one list,
    # whose state is asked once, from the folder that has its packages
    files = (
        *(*shell.DPKG, *shell.ACCOUNTS, '"$python"', '"$venv"', '"$venv"/pyvenv.cfg'),
        *('"$venv"/bin/python', *manifests, LIBRARY, f"{LIBRARY}/*_fallback.dat", "$brought"),
    )

    def kept(name: str, question: str) -> str:
        return f"{name}() {{\n{shell.kept(name, question, files)}}}\n"

    given = {"venv": venv, "python": python, "arch": arch, "library": LIBRARY}
    return {
        "account": shell.keeping()
        + shell.snippet(ASK / "within.sh", **given)
        + shell.brought(manifests)
        + shell.account(user)
        + shell.who(files),
        "python": shell.of_python('"$python"', "python", (ASK / "python.sh").read_text(), files),
        "venv": kept("owner", 'stat -Lc %U "$venv"')
        + "runs() {\n"
        + shell.of_python('"$home"/python3', "runs", (ASK / "runs.sh").read_text(), files)
        + f"}}\n({(ASK / 'venv.sh').read_text()})",
        "graft": shell.whole(files)
        + kept("catalogs", (ASK / "catalogs.sh").read_text())
        + kept("loose", (ASK / "loose.sh").read_text())
        + f"({shell.snippet(ASK / 'graft.sh', wheel=wheel(arch))})",
        # the file system that it will be on, of which the folder may not be there yet; that of the
        # wheels; and that which pyinfra sends them by
        "space": f'at={shlex.quote(venv)}; until [ -d "$at/." ]; do at=${{at%/*}}; done; '
        'df -B1 --output=avail,target "$at/." /var/cache/. /tmp/.',
        "traces": f"for one in {shlex.quote(venv)}.regraft-old /var/lib/regraft/pytorch-*; do "
        '[ ! -e "$one" ] || echo "$one"; done',
    }
