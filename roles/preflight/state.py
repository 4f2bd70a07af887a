"""What a box is like, told apart from what its tools printed. Pure: lines in, dataclasses out."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from roles.look.shell import sections

Body = list[str]


# Ubuntu's and Debian's own builds carry names that AMD's packages have, or bring libraries
# of the same name; amdgpu-* tells of an earlier install by AMD's tool.
TELLING = (
    *("rocm*", "rocminfo", "hip*", "libhip*", "libamdhip*", "libhsa*", "libhsakmt*"),
    *("librocblas*", "libroc*", "librccl*", "amdgpu-*", "amd-smi*", "miopen*", "libmiopen*"),
    *("libamd-comgr*", "linux-generic*", "linux-image-generic*", "linux-headers-generic*"),
)
DISK = re.compile(r"(/.*)/\. +(\d+) +(/.*)")  # as df says it
COME_TO_AN_END = ("installed", "config-files", "not-installed")  # dpkg has, with the package


@dataclass(frozen=True)
class Disk:
    """A folder that a deploy fills, and the file system that it is on."""

    folder: str
    free_bytes: int
    mount: str


@dataclass(frozen=True)
class Package:
    """A package that dpkg knows."""

    name: str
    version: str
    installed: bool


@dataclass(frozen=True)
class Lock:
    """A lock of apt or dpkg that a process holds."""

    file: str
    pid: int
    command: str


@dataclass(frozen=True)
class Reach:
    """An address, and what came back when the box asked it."""

    name: str
    url: str
    answer: str

    @property
    def ok(self) -> bool:
        """Whether a server gave what was asked for, all of it or the byte."""
        return self.answer.split()[-1:] in (["200"], ["206"])


@dataclass(frozen=True)
class State:
    """A box, as the preflight sees it."""

    release: Mapping[str, str]  # /etc/os-release
    architecture: str
    kernel: str
    root: bool  # whether we look, and will act, as root
    virtual: str  # "none" on bare metal
    kernel_line: tuple[str, ...]
    memory_bytes: int
    disks: tuple[Disk, ...]
    efi: bool
    secure_boot: bool | None  # None: the firmware does not say
    reboot_required: bool
    dpkg_audit: tuple[str, ...]
    stuck: tuple[Package, ...]  # that dpkg has begun with, and not come to an end
    apt_check: tuple[str, ...]
    locks: tuple[Lock, ...]
    packages: tuple[Package, ...]
    opt: tuple[tuple[str, str], ...]  # ("owned" or "loose", folder)
    amd_sources: tuple[str, ...]
    user: str
    user_exists: bool
    user_groups: tuple[str, ...]
    environment: tuple[str, ...]
    conda: tuple[str, ...]
    iommu: bool
    fans: tuple[tuple[str, int], ...]  # sensor file, turns per minute
    kernel_log: tuple[str, ...]
    reaches: tuple[Reach, ...]


def state(lines: list[str]) -> State:
    """Read the answers to the preflight's probes."""
    said = sections(lines)

    def body(name: str) -> Body:
        return [line.rstrip() for line in said[name] if line.strip()]

    built, uid, virtual = [*body("machine"), "", "", ""][:3]
    kernel, _, architecture = built.partition(" ")
    packages = [
        (status, Package(name, version, status == "installed"))
        for _, status, name, version in _columns(body("packages"), 4)
    ]
    account, *rest = said["user"] or [""]
    name, *fields = account.split(":")
    secure = body("efi")[1].split() if len(body("efi")) > 1 else []
    return State(
        release=_assignments(body("system")),
        architecture=architecture,
        kernel=kernel,
        root=uid == "0",
        virtual=virtual or "none",
        kernel_line=tuple(" ".join(body("kernel line")).split()),
        memory_bytes=_memory(body("memory")),
        disks=tuple(
            Disk(found[1], int(found[2]), found[3])
            for found in map(DISK.fullmatch, body("disk"))
            if found
        ),
        efi=body("efi")[:1] == ["efi"],
        secure_boot=secure[-1] == "1" if secure else None,
        reboot_required=bool(body("reboot")),
        dpkg_audit=tuple(body("dpkg")),
        apt_check=tuple(line for line in body("apt") if not line.startswith("W:")),
        stuck=tuple(one for status, one in packages if status not in COME_TO_AN_END),
        locks=tuple(Lock(f, int(p), c.strip()) for f, p, c in _columns(body("locks"), 3)),
        packages=tuple(
            one for _, one in packages if any(fnmatchcase(one.name, like) for like in TELLING)
        ),
        opt=tuple((one[0], one[1]) for one in (line.split(None, 1) for line in body("opt"))),
        amd_sources=tuple(body("amd sources")),
        user=name,
        user_exists=bool(fields),
        user_groups=tuple(rest[0].split()) if rest and fields else (),
        environment=tuple(body("environment")),
        conda=tuple(body("conda")),
        iommu=bool(body("iommu")),
        fans=_fans(body("fans")),
        kernel_log=tuple(body("kernel log")),
        reaches=tuple(Reach(*columns) for columns in _columns(body("reach"), 3)),
    )


def _assignments(body: Body) -> dict[str, str]:
    pairs = (line.partition("=") for line in body if "=" in line)
    return {key: " ".join(shlex.split(value)) for key, _, value in pairs}


def _memory(body: Body) -> int:
    return next((int(line.split()[1]) * 1024 for line in body if line.startswith("MemTotal:")), 0)


def _fans(body: Body) -> tuple[tuple[str, int], ...]:
    pairs = (line.rpartition(":") for line in body)
    return tuple((path, int(turns)) for path, _, turns in pairs if turns.strip().isdigit())


def _columns(body: Body, count: int) -> list[list[str]]:
    rows = [line.split("\t") for line in body]
    return [row for row in rows if len(row) == count]
