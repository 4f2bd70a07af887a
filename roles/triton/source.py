"""The sources that know the card, from sources.toml, and what is built of one."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

TABLE = Path(__file__).with_name("sources.toml")
SHOWN = 9  # digits of a commit in a version


@dataclass(frozen=True)
class Source:
    """
    Where a Triton's source is, and what it has to be.

    + version: of Triton + upstream: by name + repository: below it
    + commit: what its hash begins with + llvm: what the hash of its LLVM begins with
    """

    version: str
    upstream: str
    repository: str
    tag: str
    commit: str
    llvm: str
    why: str

    def local(self, arch: str) -> str:
        """What follows its version in ours, so that nobody takes one for the other."""
        return f"+{arch}.g{self.commit[:SHOWN]}"


def for_version(version: str, commit: str = "") -> Source | None:
    """
    The source of this version, if there is one for the card.

    + commit: what it has to be instead of the pinned one
    """
    row = tomllib.loads(TABLE.read_text()).get(version)
    found = Source(version, **row) if row else None
    return replace(found, commit=commit) if found and commit else found


def llvm_file(llvm: str, glibc: str) -> str:
    """The archive of a built LLVM for this C library, as Triton's own set-up names it."""
    minor = int(glibc.split(".")[1])
    system = "ubuntu" if minor > 28 else "almalinux" if minor > 17 else "centos"
    return f"llvm-{llvm[:8]}-{system}-x64.tar.gz"
