"""The questions that the role graft asks a box, in one command."""

from __future__ import annotations

import re
from pathlib import Path

from roles.graft import answer
from roles.graft.libraries import known
from roles.look import shell

ASK = Path(__file__).with_name("ask")


def names(release: str, arch: str) -> tuple[str, str]:
    """The packages that a graft onto this release may be: AMD has two names for its own."""
    return (f"regraft-rocblas-{arch}", f"regraft-rocblas{release}-{arch}")


def probes(prefix: str, release: str, arch: str) -> dict[str, str]:
    """Every question, by the name under which `state` reads the answer. + prefix: the release's"""
    library = f"{prefix}/lib/rocblas/library"
    ours = names(release, arch)
    told = " ".join(ours)
    wanted = rf"\s(rocblas|rocblas{re.escape(release)}|{'|'.join(map(re.escape, ours))})\s"
    return {
        "packages": f"{shell.packages().rstrip()} | grep -E '{wanted}'",
        "library": f"({shell.snippet(ASK / 'library.sh', library=library, arch=arch, names=told)})",
        "grafts": shell.unaltered() + shell.snippet(ASK / "grafts.sh", names=" ".join(ours)),
        "survey": shell.snippet(
            ASK / "survey.sh",
            folder=f"{prefix}/lib",
            kernels=" ".join(one.folder for one in known() if one.folder),
            kept=answer.KEPT,
        ),
        "space": shell.space("/opt", "/var"),
    }
