"""What a lab box has of a graft, asked over SSH."""

from __future__ import annotations

from pathlib import Path

from .box import Box
from .runs import Outcome, run

LIBRARY = "/opt/rocm-6.4.3/lib/rocblas/library"
LAZY = f"{LIBRARY}/TensileLibrary_lazy_gfx906.dat"
PACKAGE = "regraft-rocblas-gfx906"
RECORD = f"/var/lib/regraft/graft/{PACKAGE}"
MANIFEST = f"/usr/share/regraft/graft/{PACKAGE}/manifest.sha256"

# Everything that a graft may touch, with what is in it; dpkg's logs and backups are not a state.
# Of files that are many and large, the time of their last change says enough; the size of a folder
# says nothing: ext4 never makes one smaller. What ends in - is groupadd's backup of the last state.
TREE = (
    "find /opt /usr/share /etc /var/lib/dpkg ! -path '*.log' ! -name '*-old' ! -name '*-' "
    "! -name 'lock*' "
    "\\( -type d -printf '%p %y %m %u %g\\n' -o -printf '%p %y %m %u %g %s %l\\n' \\) | sort; "
    "find /opt /usr/share -type f -printf '%p %T@\\n' | sort; "
    "find /etc /var/lib/dpkg /opt/rocm-*/lib/rocblas -type f ! -name '*-old' ! -name '*-' -print0 "
    "| sort -z | xargs -0 cksum"
)


def graft(box: Box, reports: Path, *arguments: str, **settings: str) -> Outcome:
    """deploy/graft.py with these settings on top of the lab's."""
    return _run("deploy/graft.py", box, reports, arguments, settings)


def undo(box: Box, reports: Path) -> Outcome:
    return _run("deploy/undo.py", box, reports, (), {})


def _run(
    deploy: str, box: Box, reports: Path, arguments: tuple[str, ...], settings: dict[str, str]
) -> Outcome:
    data = [word for item in settings.items() for word in ("--data", "=".join(item))]
    return run(deploy, box, reports=reports, arguments=(*arguments, *data))


def seen(box: Box) -> int:
    """How many files of the arch rocBLAS would use: without the lazy catalog it sees none."""
    there = box.ssh(f"ls {LAZY} >/dev/null 2>&1 && ls {LIBRARY} | grep -c gfx906; true").stdout
    return int(there or 0)


def whole(box: Box) -> bool:
    """Whether every file is there as it was brought."""
    return not box.ssh(f"sha256sum -c --quiet --strict {MANIFEST}", check=False).returncode
