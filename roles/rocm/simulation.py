"""What apt says that it would do, read before it is let to do it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from roles.rocm import names
from roles.rocm.release import Release

_STEP = re.compile(r"^(Inst|Remv) (\S+)(?: \[([^]]*)\])?(?: \((\S+) ([^)]*)\))?")


@dataclass(frozen=True)
class Install:
    """A package that would come. + origin: who offers it, as apt calls him"""

    name: str
    version: str
    origin: str


@dataclass(frozen=True)
class Simulation:
    """A run of apt that has not happened."""

    installs: tuple[Install, ...]
    removals: tuple[tuple[str, str], ...]  # name, version
    downgrades: tuple[str, ...]
    problem: str  # why it could not happen at all
    archives: int  # bytes
    disk: int
    free: int  # below /opt


SILENT = Simulation((), (), (), "apt-get -s said nothing", 0, 0, 0)


def read(lines: Iterable[str]) -> Simulation:
    """Read what do/simulate.sh prints."""
    body = list(lines)
    steps = [match for line in body if (match := _STEP.match(line))]
    errors = [line for line in body if line.startswith(("E:", " ")) and "Depends" in line]
    errors += [line for line in body if line.startswith("E:")]
    return Simulation(
        installs=tuple(
            Install(step[2], step[4] or "", re.split("[:/ ]", step[5] or "")[0])
            for step in steps
            if step[1] == "Inst"
        ),
        removals=tuple((step[2], step[3] or "") for step in steps if step[1] == "Remv"),
        downgrades=_section(body, "DOWNGRADED"),
        problem="; ".join(line.strip() for line in errors)[:600],
        archives=_number(body, "archives"),
        disk=_number(body, "disk"),
        free=_number(body, "free"),
    )


def objections(would: Simulation, release: Release, system: str) -> list[str]:
    """Why apt may not be let: each names its packages. Nothing to object: an empty list."""
    driver = release.driver_for(system)
    foreign = [
        name
        for name, version in would.removals
        if names.build(version) is None and not names.is_graft_name(name)
    ]
    unwanted = [
        f"{one.name} {one.version} from {one.origin or 'an unknown origin'}"
        for one in would.installs
        if (names.is_rocm_name(one.name) and one.origin != release.origin)
        or (names.build(one.version) and not _is_of(one, release))
        or (
            one.name.startswith("amdgpu-dkms") and one.version not in (driver.dkms, driver.firmware)
        )
    ]
    # may go down: its epoch was lost between two releases
    down = [name for name in would.downgrades if name != "amdgpu-dkms-firmware"]
    found = []
    if would.problem:
        found.append(f"apt cannot: {would.problem}")
    if foreign:
        found.append(f"it would remove packages that are not ROCm's: {', '.join(foreign)}")
    if unwanted:
        found.append(f"it would take the wrong packages: {', '.join(unwanted)}")
    if down:
        found.append(f"it would downgrade: {', '.join(down)}")
    if would.disk > would.free:
        found.append(f"it would need {size(would.disk)}, {size(would.free)} are free below /opt")
    return found


def _is_of(one: Install, release: Release) -> bool:
    return one.origin == release.origin and release.has_built(one.version)


def _section(body: list[str], word: str) -> tuple[str, ...]:
    """The names below a headline such as `The following packages will be DOWNGRADED:`."""
    found: list[str] = []
    inside = False
    for line in body:
        if word in line and line.startswith("The following"):
            inside = True
        elif inside and line.startswith("  "):
            found += line.split()
        else:
            inside = False
    return tuple(dict.fromkeys(found))


def _number(body: list[str], word: str) -> int:
    return next((int(line.split()[1]) for line in body if line.startswith(f"{word} ")), 0)


def size(count: int) -> str:
    """Bytes, for a person."""
    return f"{count / 10**9:.1f} GB" if count >= 10**9 else f"{count / 10**6:.0f} MB"
