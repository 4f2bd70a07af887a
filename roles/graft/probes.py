"""The questions that the role graft asks a box, in one command."""

from __future__ import annotations

from pathlib import Path

from roles.graft import answer
from roles.graft.libraries import known
from roles.look import shell

ASK = Path(__file__).with_name("ask")
FORM = 1  # of the digest of libraries: another number is another question


def names(release: str, arch: str) -> tuple[str, str]:
    """The packages that a graft onto this release may be: AMD has two names for its own."""
    return (f"regraft-rocblas-{arch}", f"regraft-rocblas{release}-{arch}")


def probes(prefix: str, release: str, arch: str) -> dict[str, str]:
    """Every question, by the name under which `state` reads the answer. + prefix: the release's"""
    library = f"{prefix}/lib/rocblas/library"
    told = " ".join(names(release, arch))
    manifests = [
        f"/usr/share/regraft/graft/{name}/manifest.sha256" for name in names(release, arch)
    ]
    # where all that is said of packages and of a graft comes from: one list, asked once
    files = (
        *(*shell.DPKG, "/var/lib/dpkg/info", library, f"{library}/*_fallback.dat"),
        *(*manifests, "$brought"),
    )
    query = (
        "dpkg-query -W -f '${db:Status-Status}\\t${Package}\\t${Version}\\n' "
        f"rocblas rocblas{release} {told} 2>/dev/null || [ $? = 1 ]"  # those of them that there are
    )
    return {
        "packages": shell.keeping()
        + shell.brought(manifests)
        + shell.kept("rocblas", query, files),
        "library": shell.kept(
            "library",
            f"({shell.snippet(ASK / 'library.sh', library=library, arch=arch, names=told)})",
            files,
        ),
        "grafts": shell.whole(files) + shell.snippet(ASK / "grafts.sh", names=told),
        "survey": shell.snippet(
            ASK / "survey.sh",
            into=f"libraries-{release}-{FORM}",
            folder=f"{prefix}/lib",
            kernels=" ".join(one.folder for one in known() if one.folder),
            kept=answer.KEPT,
        ),
    }
